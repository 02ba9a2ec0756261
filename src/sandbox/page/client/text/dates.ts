const day = (date: Date) => new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
const DAY_MS = 86_400_000;

function format(date: Date, options: Intl.DateTimeFormatOptions): string {
  return new Intl.DateTimeFormat('en-US', options).format(date);
}

export function clockTime(date: Date): string {
  if (Number.isNaN(date.getTime())) return '';
  return format(date, { hour: 'numeric', minute: '2-digit' });
}

/** "in 4 minutes", "2 hours ago" */
export function relative(milliseconds: number, now: number): string {
  const words = new Intl.RelativeTimeFormat('en-US', { numeric: 'auto' });
  const seconds = Math.round((milliseconds - now) / 1000);
  for (const [unit, size] of [
    ['day', 86_400],
    ['hour', 3_600],
    ['minute', 60],
  ] as const) {
    if (Math.abs(seconds) >= size) return words.format(Math.trunc(seconds / size), unit);
  }
  return words.format(seconds, 'second');
}

/** Fills the `{date_short}` places of a Slack date. */
export function slackDate(seconds: number, pattern: string, now: number): string {
  const date = new Date(seconds * 1000);
  const forms: Record<string, () => string> = {
    date_num: () => date.toISOString().slice(0, 10),
    date: () => format(date, { month: 'long', day: 'numeric', year: 'numeric' }),
    date_short: () => format(date, { month: 'short', day: 'numeric', year: 'numeric' }),
    date_long: () => format(date, { weekday: 'long', month: 'long', day: 'numeric', year: 'numeric' }),
    time: () => clockTime(date),
    time_secs: () => format(date, { hour: 'numeric', minute: '2-digit', second: '2-digit' }),
    ago: () => relative(date.getTime(), now),
  };
  return pattern.replace(/\{(\w+?)(_pretty)?\}/g, (whole, name: string, pretty: string | undefined) => {
    const form = forms[name];
    return (pretty ? nearDay(date, now) : null) ?? (form ? form() : whole);
  });
}

function nearDay(date: Date, now: number): string | null {
  const away = Math.round((day(date) - day(new Date(now))) / DAY_MS);
  return ({ '-1': 'yesterday', '0': 'today', '1': 'tomorrow' } as Record<string, string>)[away] ?? null;
}

/** A Discord timestamp in one of its styles. */
export function discordTime(seconds: number, style: string, now: number): string {
  const date = new Date(seconds * 1000);
  const long: Intl.DateTimeFormatOptions = { month: 'long', day: 'numeric', year: 'numeric' };
  switch (style) {
    case 'R':
      return relative(date.getTime(), now);
    case 't':
      return clockTime(date);
    case 'T':
      return format(date, { hour: 'numeric', minute: '2-digit', second: '2-digit' });
    case 'd':
      return format(date, { month: '2-digit', day: '2-digit', year: 'numeric' });
    case 'D':
      return format(date, long);
    case 'F':
      return `${format(date, { weekday: 'long', ...long })} at ${clockTime(date)}`;
    default:
      return `${format(date, long)} at ${clockTime(date)}`;
  }
}
