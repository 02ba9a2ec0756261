/**
 * When a backend asked, and until when it waits. A backend's clock can be wrong, and its format misread, so its times count
 * only as far as our own clock allows.
 */
import { LAST_MOMENT } from '../../text/time/parse.ts';
import type { Approval } from '../approval.ts';
import type { Pause } from './pause.ts';

/** No backend is known to keep a question open for longer: an older time is a wrong one. */
const OLDEST_MS = 30 * 24 * 60 * 60_000;
/**
 * A time stamp that is further than this from our own clock, either way, is of a clock that is off, ms: an announcement on
 * a stream is not delayed so long, and two clocks that are synchronised differ by less.
 */
const CLOCKS_DIFFER_MS = 60_000;
/** The same in the past for a delivery, ms: Standard Webhooks repeats one that fails for a little over three days. */
const DELIVERY_MAX_MS = 4 * 24 * 60 * 60_000;
/** What people have after the first sight, whatever a backend's clock says, ms: enough to read a card and to press. */
const LEAST_MS = 60_000;

export interface AskedTimes {
  /** When the backend asked: between 30 days ago and now. Now, where it did not say, or what it said can't be. */
  askedAt: number;
  /** What deadline and reminders count from. */
  countsFrom: number;
  /** When the backend gives up; null where it did not say. */
  deadline: number | null;
}

/**
 * How it was announced. `stream`: the moment it paused. `delivery`: the same, or later where the delivery was repeated.
 * `kept`: on a list, or on a stream that is read again, so it may have waited for long.
 */
export type Arrival = 'stream' | 'delivery' | 'kept';

export function arrivalOf(via: Approval['via'], readAgain = false): Arrival {
  if (via === 'poll' || readAgain) return 'kept';
  return via === 'ingest' ? 'delivery' : 'stream';
}

/** How old each may be before its time stamp counts as wrong, ms. */
const oldest: Record<Arrival, number> = { stream: CLOCKS_DIFFER_MS, delivery: DELIVERY_MAX_MS, kept: OLDEST_MS };

/** At the first sight of a pause. @param now by our own clock, ms since 1970 */
export function askedTimes(
  pause: Pick<Pause, 'askedAt' | 'deadline' | 'expiry'>,
  arrival: Arrival,
  now: number,
): AskedTimes {
  const live = arrival !== 'kept';
  const stated = finite(pause.askedAt);
  const isTooOld = live && stated !== null && now - stated > oldest[arrival];
  const askedAt = stated === null || isTooOld ? now : Math.min(Math.max(stated, now - OLDEST_MS), now);
  const isOff = stated === null || Math.abs(stated - now) > CLOCKS_DIFFER_MS;
  const countsFrom = live && isOff ? now : askedAt;
  const given = finite(pause.deadline);
  if (given === null) return { askedAt, countsFrom, deadline: null };
  // The asker's own end was checked against our clock as it came in, and is kept to the moment.
  if (pause.expiry !== undefined) return { askedAt, countsFrom, deadline: given };
  // By the same clock that wrote the time of the question.
  const timeout = given - (stated ?? now);
  const least = live && timeout > 0 ? Math.min(timeout, LEAST_MS) : LEAST_MS;
  const deadline = Math.max(countsFrom + timeout, now + least);
  return { askedAt, countsFrom, deadline: deadline > LAST_MOMENT ? null : deadline };
}

/**
 * What a new announcement of a known question says of times. The same time stamp means the same announcement, read again:
 * it gives people no more time.
 */
export function askedAgainTimes(known: Approval, pause: Pause, arrival: Arrival, now: number): AskedTimes {
  const times = askedTimes(pause, arrival, now);
  const isSame = finite(pause.askedAt) !== null && pause.askedAt === known.pause.askedAt;
  return isSame ? { ...times, deadline: known.pause.deadline } : times;
}

/** The earliest moment for what comes so long after the question: people first have the time to read a card and to press. */
export function soonestAfter(ms: number, now: number): number {
  return now + Math.min(ms, LEAST_MS);
}

/**
 * When people are reminded, ms since 1970, rising: never in the past. One reminder is enough for all that would have been
 * due before the first sight.
 * @param after ms after it was asked, rising
 */
export function remindTimes(after: readonly number[], { countsFrom, deadline }: AskedTimes, now: number): number[] {
  const soonest = (ms: number) => soonestAfter(ms, now);
  const missed = after.filter((ms) => countsFrom + ms < soonest(ms)).slice(-1);
  const ahead = after.filter((ms) => countsFrom + ms >= soonest(ms)).map((ms) => countsFrom + ms);
  const times = [...new Set([...missed.map(soonest), ...ahead])];
  return deadline === null ? times : times.filter((at) => at < deadline);
}

function finite(at: number | null | undefined): number | null {
  return typeof at === 'number' && Number.isFinite(at) ? at : null;
}
