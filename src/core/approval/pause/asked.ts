/**
 * When a backend asked, and until when it waits. A backend's clock can be wrong, and its format misread, so its times count
 * only as far as our own clock allows.
 */
import { LAST_MOMENT } from '../../text/time.ts';
import type { Approval } from '../approval.ts';
import type { Pause } from './pause.ts';

/** No backend is known to keep a question open for longer: an older time is a wrong one. */
const OLDEST_MS = 30 * 24 * 60 * 60_000;
/** An announcement that is not delayed is younger, and two clocks that are synchronised differ by less, ms. */
const CLOCKS_DIFFER_MS = 60_000;
/** What people have after the first sight, whatever a backend's clock says, ms: enough to read a card and to press. */
const LEAST_MS = 60_000;

export interface AskedTimes {
  /** When the backend asked: between 30 days ago and now. Now, where it did not say. */
  askedAt: number;
  /** What deadline and reminders count from. */
  countsFrom: number;
  /** When the backend gives up; null where it did not say. */
  deadline: number | null;
}

/** It is announced the moment it pauses. What is listed, or read again from a kept stream, may have waited for long. */
export function isLive(via: Approval['via'], readAgain = false): boolean {
  return via !== 'poll' && !readAgain;
}

/** At the first sight of a pause. @param now by our own clock, ms since 1970 */
export function askedTimes(pause: Pick<Pause, 'askedAt' | 'deadline'>, live: boolean, now: number): AskedTimes {
  const stated = finite(pause.askedAt);
  const askedAt = stated === null ? now : Math.min(Math.max(stated, now - OLDEST_MS), now);
  const isOff = stated === null || Math.abs(stated - now) > CLOCKS_DIFFER_MS;
  const countsFrom = live && isOff ? now : askedAt;
  const given = finite(pause.deadline);
  if (given === null) return { askedAt, countsFrom, deadline: null };
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
export function askedAgainTimes(known: Approval, pause: Pause, live: boolean, now: number): AskedTimes {
  const times = askedTimes(pause, live, now);
  const isSame = finite(pause.askedAt) !== null && pause.askedAt === known.pause.askedAt;
  return isSame ? { ...times, deadline: known.pause.deadline } : times;
}

/**
 * When people are reminded, ms since 1970, rising: never in the past. One reminder is enough for all that would have been
 * due before the first sight.
 * @param after ms after it was asked, rising
 */
export function remindTimes(after: readonly number[], { countsFrom, deadline }: AskedTimes, now: number): number[] {
  const soonest = (ms: number) => now + Math.min(ms, LEAST_MS);
  const missed = after.filter((ms) => countsFrom + ms < soonest(ms)).slice(-1);
  const ahead = after.filter((ms) => countsFrom + ms >= soonest(ms)).map((ms) => countsFrom + ms);
  const times = [...new Set([...missed.map(soonest), ...ahead])];
  return deadline === null ? times : times.filter((at) => at < deadline);
}

function finite(at: number | null | undefined): number | null {
  return typeof at === 'number' && Number.isFinite(at) ? at : null;
}
