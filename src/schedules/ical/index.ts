/** Who is on duty by a calendar at an https address. Tested in test/contract/schedules.test.ts. */
import { type Resolve, systemResolve } from '../../backends/shared/http/addresses.ts';
import type { Listed } from '../../core/policy/schedules/on-duty.ts';
import type { ScheduleSource } from '../../core/policy/schedules/source.ts';
import type { Clock } from '../../core/ports/ports.ts';
import { CALENDAR_TIMEOUTS, type CalendarTimeouts, type Fetched, fetchCalendar } from './fetch-calendar.ts';
import { readCalendar } from './read-calendar.ts';
import type { CalendarWindow, Shift } from './shifts.ts';

/** So much of a calendar is read at once: it is read again when it changes, or when this is over. */
const WINDOW_MS = 24 * 3_600_000;
/** Calendars that are kept; the policy has fewer. */
const KEPT_MAX = 50;

interface Kept {
  fetched: Fetched;
  window: CalendarWindow;
  shifts: readonly Shift[];
}

export interface IcalOptions {
  clock: Clock;
  resolve?: Resolve;
  /** For tests: this machine, without TLS. */
  allowLoopback?: boolean;
  timeouts?: Partial<CalendarTimeouts>;
  /** For tests. */
  readMs?: number;
}

export function createIcal({ clock, readMs, ...options }: IcalOptions): ScheduleSource {
  const { resolve = systemResolve, allowLoopback = false } = options;
  const fetching = { resolve, allowLoopback, timeouts: { ...CALENDAR_TIMEOUTS, ...options.timeouts }, clock };
  const kept = new Map<string, Kept>();

  return {
    kind: 'ical',
    async onDuty(schedule, signal) {
      if (schedule.kind !== 'ical') return [];
      const { url, zone } = schedule;
      const key = `${url}\n${zone}`;
      const known = kept.get(key);
      const fetched = await fetchCalendar(url, known?.fetched ?? null, fetching, signal);
      const now = clock.now();
      const isRead = known?.fetched.text === fetched.text && known.window.from <= now && now < known.window.until;
      if (!isRead) {
        const window = { from: now, until: now + WINDOW_MS, zone };
        const shifts = await readCalendar(fetched.text, window, { of: `The calendar at ${hostOf(url)}`, readMs });
        if (!kept.has(key) && kept.size >= KEPT_MAX) kept.clear();
        kept.set(key, { fetched, window, shifts });
      } else kept.set(key, { ...known, fetched });
      const shifts = kept.get(key)?.shifts ?? [];
      return shifts.filter(({ from, until }) => from <= now && now < until).flatMap(listedOf);
    },
    stop: () => kept.clear(),
  };
}

function hostOf(url: string): string {
  return new URL(url.replace(/^webcal:/i, 'https:')).host;
}

/** Those who are invited; the title counts for one of them whose address is not known, and where no one is invited. */
function listedOf({ title, attendees }: Shift): Listed[] {
  const byTitle = title === '' ? [] : [{ platform: 'ical', id: title }];
  if (attendees.length === 0) return [{ name: title === '' ? 'an event without a title' : title, accounts: byTitle }];
  return attendees.map((email) => ({ name: email, accounts: [{ platform: 'email', id: email }, ...byTitle] }));
}
