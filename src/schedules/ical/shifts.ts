/** The events of a calendar within a window of time. Pure. Tested in test/schedules/ical/shifts.test.ts. */
import ICAL from 'ical.js';
import { clip } from '../../core/text/clip.ts';
import { isZone, momentOf } from '../../core/text/time/zone.ts';

/** An event as it takes place: one occurrence of it. */
export interface Shift {
  /** ms since 1970 */
  from: number;
  until: number;
  title: string;
  /** E-mail addresses of those who are invited and did not decline. */
  attendees: readonly string[];
}

export interface CalendarWindow {
  from: number;
  until: number;
  /** Of times without one, where the calendar names none. */
  zone: string | null;
}

const DAY_MS = 86_400_000;
/** Characters of a title. */
const TITLE_MAX = 200;
/** Of one event, also those before the window. */
const OCCURRENCES_MAX = 200_000;
/** In the window. */
const SHIFTS_MAX = 2_000;

/** The calendar can't be used. The message is the end of a sentence: `… has no valid time zone "X"`. */
export class CalendarError extends Error {
  override readonly name = 'CalendarError';
}

/**
 * Its events that touch the window, with their repetitions and exceptions. Cancelled ones are left out.
 * @throws Error where a part can't be read: an event that was left out could make another person the one on duty
 */
export function shiftsWithin(text: string, window: CalendarWindow): Shift[] {
  const calendars = calendarsIn(text);
  const shifts = calendars.flatMap((calendar) => {
    const moments = new Moments(calendar, window.zone);
    return eventsOf(calendar).flatMap((event) => shiftsOf(event, window, moments));
  });
  if (shifts.length > SHIFTS_MAX) throw new CalendarError(`has more than ${SHIFTS_MAX} events at once`);
  return shifts;
}

function calendarsIn(text: string): ICAL.Component[] {
  const parsed: unknown[] = ICAL.parse(text);
  // Several calendars in one text are a list of lists.
  const roots = (typeof parsed[0] === 'string' ? [parsed] : parsed).map(
    (root) => new ICAL.Component(root as unknown[]),
  );
  if (roots.length === 0 || roots.some(({ name }) => name !== 'vcalendar'))
    throw new CalendarError('is not a calendar');
  return roots;
}

/** A zone of the IANA database, whose rules are this machine's and not those that a calendar states. */
class IanaZone extends ICAL.Timezone {
  /** By day: the offset that it has all day, in seconds; null: it changes. A series asks for each of its days often. */
  readonly #byDay = new Map<number, number | null>();

  constructor(tzid: string) {
    super({ tzid, component: new ICAL.Component('vtimezone') });
  }

  /** Seconds. */
  override utcOffset(time: ICAL.Time): number {
    const wall = wallOf(time);
    const day = Math.floor(wall / DAY_MS);
    const known = this.#byDay.get(day);
    return (known === undefined ? this.#ofDay(day) : known) ?? this.#at(wall);
  }

  #ofDay(day: number): number | null {
    const offsets = [day, day + 1].map((one) => this.#at(one * DAY_MS));
    const offset = offsets[0] === offsets[1] ? (offsets[0] ?? null) : null;
    this.#byDay.set(day, offset);
    return offset;
  }

  #at(wall: number): number {
    return (wall - momentOf(wall, this.tzid)) / 1_000;
  }
}

function wallOf({ year, month, day, hour, minute, second }: ICAL.Time): number {
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

/** What the times of a calendar are, ms since 1970. */
class Moments {
  /** Of dates, and of times without a zone. */
  readonly #zone: string;

  constructor(calendar: ICAL.Component, zone: string | null) {
    const named = String(calendar.getFirstPropertyValue('x-wr-timezone') ?? '');
    this.#zone = isZone(named) ? named : (zone ?? 'UTC');
    const stated = calendar.getTimeZoneByID.bind(calendar);
    const known = new Map<string, ICAL.Timezone>();
    calendar.getTimeZoneByID = (tzid: string) => {
      const zone = known.get(tzid) ?? ianaZone(tzid) ?? stated(tzid);
      if (!zone) throw new CalendarError(`names the time zone "${clip(tzid, 40)}", and does not say what it is`);
      known.set(tzid, zone);
      return zone;
    };
  }

  of(time: ICAL.Time): number {
    const isLocal = time.isDate || time.zone === ICAL.Timezone.localTimezone;
    return isLocal ? momentOf(wallOf(time), this.#zone) : time.toUnixTime() * 1_000;
  }
}

/** Some programs write a path before the name: `/mozilla.org/20050126_1/Europe/Berlin`. */
function ianaZone(tzid: string): ICAL.Timezone | null {
  const parts = tzid.split('/').filter((part) => part !== '');
  const names = [tzid, ...[3, 2].map((count) => parts.slice(-count).join('/'))];
  const name = names.find((one) => /^(?:[A-Z]\w+\/|UTC$)/.test(one) && isZone(one));
  return name === undefined ? null : new IanaZone(name);
}

/** Each with its exceptions; an exception whose event is not in the calendar is one of its own. */
function eventsOf(calendar: ICAL.Component): ICAL.Event[] {
  const all = calendar.getAllSubcomponents('vevent').filter((event) => event.hasProperty('dtstart'));
  const byId = Map.groupBy(all, (event) => String(event.getFirstPropertyValue('uid') ?? ''));
  return [...byId.values()].flatMap((same) => {
    const [exceptions, masters] = [true, false].map((is) =>
      same.filter((event) => event.hasProperty('recurrence-id') === is),
    ) as [ICAL.Component[], ICAL.Component[]];
    const [first, ...others] = masters;
    if (first === undefined) return exceptions.map((one) => new ICAL.Event(one));
    return [new ICAL.Event(first, { exceptions, strictExceptions: true }), ...others.map(withoutExceptions)];
  });
}

function withoutExceptions(event: ICAL.Component): ICAL.Event {
  return new ICAL.Event(event, { exceptions: [], strictExceptions: true });
}

function shiftsOf(event: ICAL.Event, window: CalendarWindow, moments: Moments): Shift[] {
  if (!event.isRecurring() || event.isRecurrenceException()) {
    const { startDate, endDate } = event;
    return shiftOf({ item: event, startDate, endDate }, window, moments);
  }
  const found: Shift[] = [];
  const occurrences = event.iterator();
  // A moved occurrence may take place in the window although its place in the series is after it.
  const last = Math.max(window.until, ...Object.values(event.exceptions).map((one) => moments.of(one.recurrenceId)));
  for (let count = 0; ; count += 1) {
    if (count > OCCURRENCES_MAX) throw new CalendarError('has an event with too many repetitions');
    const occurrence = occurrences.next();
    if (!occurrence || moments.of(occurrence) > last) return found;
    found.push(...shiftOf(event.getOccurrenceDetails(occurrence), window, moments));
    if (found.length > SHIFTS_MAX) throw new CalendarError(`has more than ${SHIFTS_MAX} events at once`);
  }
}

function shiftOf(
  { item, startDate, endDate }: { item: ICAL.Event; startDate: ICAL.Time; endDate: ICAL.Time },
  window: CalendarWindow,
  moments: Moments,
): Shift[] {
  const from = moments.of(startDate);
  const until = moments.of(endDate);
  const isCancelled = String(item.component.getFirstPropertyValue('status') ?? '').toUpperCase() === 'CANCELLED';
  if (isCancelled || from >= window.until || until <= window.from || until <= from) return [];
  return [{ from, until, title: clip(String(item.summary ?? '').trim(), TITLE_MAX), attendees: attendeesOf(item) }];
}

const notPeople = new Set(['ROOM', 'RESOURCE', 'GROUP']);

function attendeesOf({ component }: ICAL.Event): string[] {
  return component.getAllProperties('attendee').flatMap((attendee) => {
    const parameter = (name: string) => String(attendee.getParameter(name) ?? '');
    if (parameter('partstat').toUpperCase() === 'DECLINED') return [];
    if (notPeople.has(parameter('cutype').toUpperCase())) return [];
    const [, address] = /^mailto:\s*(\S+@\S+)$/i.exec(String(attendee.getFirstValue() ?? '')) ?? [];
    const email = address ?? parameter('email');
    return email === '' ? [] : [clip(email, TITLE_MAX)];
  });
}
