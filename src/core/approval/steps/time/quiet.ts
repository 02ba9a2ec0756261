/**
 * Quiet hours: the hours at which a wall clock in the zone shows a time from `from` to before `to`, on whatever day, also
 * where the clocks are changed within them. Pure. Tested in test/core/approval/steps/time/quiet.test.ts.
 */
import { LAST_MOMENT } from '../../../text/time/parse.ts';
import { isZone, wallTime } from '../../../text/time/zone.ts';
import type { Approval } from '../../approval.ts';
import type { Quiet } from '../../parts/requirement.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** Changes of the clocks within one night: there is at most one. */
const CHANGES_MAX = 3;

/** Empty hours, and a zone that this system does not know, are never quiet: people are reminded rather than not. */
export function isQuiet(quiet: Quiet, at: number): boolean {
  const offset = offsetAt(quiet.zone, at);
  return offset !== null && isWithin(quiet, timeOfDay(at + offset));
}

/** The first moment from `at` on that is not quiet, ms since 1970. */
export function quietUntil(quiet: Quiet, at: number): number {
  let moment = at;
  for (let changes = 0; changes <= CHANGES_MAX; changes += 1) {
    const offset = offsetAt(quiet.zone, moment);
    if (offset === null) return moment;
    const time = timeOfDay(moment + offset);
    if (!isWithin(quiet, time)) return moment;
    const end = moment + timeOfDay(quiet.to * MINUTE_MS - time);
    const change = changeBetween(quiet.zone, moment, end);
    if (change === null) return end;
    moment = change;
  }
  return moment;
}

/**
 * When a reminder or an escalation that is due at `at` comes: at the end of the quiet hours that it falls into. What is
 * dangerous is not held back where the policy says so.
 */
export function audibleAt({ requirement, confirm }: Pick<Approval, 'requirement' | 'confirm'>, at: number): number {
  const quiet = requirement?.quiet ?? null;
  const isDangerous = confirm || requirement?.verbs.approve?.confirm === true;
  return quiet === null || (quiet.exceptDangerous && isDangerous) ? at : quietUntil(quiet, at);
}

function isWithin({ from, to }: Quiet, time: number): boolean {
  const [start, end] = [from * MINUTE_MS, to * MINUTE_MS];
  return start <= end ? start <= time && time < end : start <= time || time < end;
}

/**
 * The first moment after `from`, and not after `to`, at which the zone's clocks are changed; null: they are not. Two changes
 * that cancel each other are not found: no zone has had two within a day.
 */
function changeBetween(zone: string, from: number, to: number): number | null {
  const before = offsetAt(zone, from);
  if (before === offsetAt(zone, to)) return null;
  let [low, high] = [from, to];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (offsetAt(zone, middle) === before) low = middle;
    else high = middle;
  }
  return high;
}

/** How far the zone's wall clock is ahead of UTC, ms; null: this system does not know the zone, or the moment. */
function offsetAt(zone: string, at: number): number | null {
  return Math.abs(at) <= LAST_MOMENT && isZone(zone) ? wallTime(at, zone) - at : null;
}

/** Since midnight, ms. */
function timeOfDay(local: number): number {
  return ((local % DAY_MS) + DAY_MS) % DAY_MS;
}
