/** When an absence ends, as people type it. Pure. Tested in test/core/policy/absences/until.test.ts. */
import { momentOf, wallTime } from '../../text/time/zone.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** A day without a time of day begins then: a person who is back on Monday is back in the morning. Our choice. */
const MORNING_MS = 9 * 60 * MINUTE_MS;

const weekdays = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];
const units: Record<string, number> = { h: 60 * MINUTE_MS, d: DAY_MS, w: 7 * DAY_MS };
const CLOCK = String.raw`(?:\s*(?:at|,|T)?\s*(\d{1,2}):(\d{2}))?`;
const written = {
  day: new RegExp(`^(today|tonight|tomorrow|[a-z]{3,9})${CLOCK}$`, 'i'),
  date: new RegExp(`^(\\d{4}-\\d{2}-\\d{2})${CLOCK}\\s*(z|utc)?$`, 'i'),
  length: /^(?:for\s+|in\s+)?(\d{1,4})\s*(h|d|w|hours?|days?|weeks?)$/i,
  clock: /^(\d{1,2}):(\d{2})$/,
};

/**
 * `Monday`, `tomorrow 14:00`, `2026-12-07`, `3 days`, `18:30`: a day is its morning, a weekday the next one.
 * @param now ms since 1970
 * @param zone of dates and times of day
 * @returns ms since 1970, which may have passed; null for what is not a time
 */
export function parseUntil(typed: string, now: number, zone: string): number | null {
  const text = typed.trim().replace(/\s+/g, ' ');
  const wall = wallTime(now, zone);
  const today = Math.floor(wall / DAY_MS) * DAY_MS;

  const length = written.length.exec(text);
  if (length !== null) {
    const ms = Number(length[1]) * (units[(length[2] ?? '').charAt(0).toLowerCase()] ?? 0);
    // Days are days of the calendar: the same time of day, also when the clocks change.
    return ms % DAY_MS === 0 ? momentOf(wall + ms, zone) : now + ms;
  }
  const clock = written.clock.exec(text);
  if (clock !== null) {
    const time = timeOfDay(clock[1], clock[2]);
    if (time === null) return null;
    return momentOf(today + time + (today + time <= wall ? DAY_MS : 0), zone);
  }
  const date = written.date.exec(text);
  if (date !== null) {
    const [, day = '', hours, minutes, utc] = date;
    const at = Date.parse(`${day}T00:00:00Z`);
    const time = timeOfDay(hours, minutes);
    if (Number.isNaN(at) || new Date(at).toISOString().slice(0, 10) !== day || time === null) return null;
    return momentOf(at + time, utc === undefined ? zone : 'UTC');
  }
  const [, name = '', hours, minutes] = written.day.exec(text) ?? [];
  const days = daysUntil(name.toLowerCase(), new Date(wall).getUTCDay());
  const time =
    name.toLowerCase() === 'tonight' && hours === undefined ? 20 * 60 * MINUTE_MS : timeOfDay(hours, minutes);
  return days === null || time === null ? null : momentOf(today + days * DAY_MS + time, zone);
}

function timeOfDay(hours: string | undefined, minutes: string | undefined): number | null {
  if (hours === undefined || minutes === undefined) return MORNING_MS;
  const isValid = Number(hours) < 24 && Number(minutes) < 60;
  return isValid ? (Number(hours) * 60 + Number(minutes)) * MINUTE_MS : null;
}

/** From 0 (today); a weekday is 1 to 7 days away. */
function daysUntil(name: string, today: number): number | null {
  if (name === 'today' || name === 'tonight') return 0;
  if (name === 'tomorrow') return 1;
  const day = name.length < 3 ? -1 : weekdays.findIndex((one) => one.startsWith(name));
  return day < 0 ? null : ((day - today + 6) % 7) + 1;
}
