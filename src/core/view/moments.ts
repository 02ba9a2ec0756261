/** How cards say when. Pure. Tested in test/core/view/moments.test.ts. */
import { counted } from '../text/numbers.ts';
import type { Moment } from './card.ts';

/** A time so far from the question needs its date, ms. */
const DATED_MS = 12 * 60 * 60_000;
/** In a state line, where nothing ends the wait. */
export const NO_DEADLINE = 'No deadline.';
const MINUTE_MS = 60_000;
/** Up to here the smaller unit says it better: `90 minutes`, `36 hours`. */
const MINUTES_MAX = 120;
const HOURS_MAX = 48;

/** A time of day within a sentence, with its date where it is hours after the question. @param askedAt ms since 1970 */
export function clockTime(at: number, askedAt: number): Moment {
  return { at, style: at - askedAt > DATED_MS ? 'exact' : 'time' };
}

/** A deadline, live where a platform can count down. */
export function deadlineOf(deadline: number, askedAt: number): Moment {
  const afterAsked = deadline - askedAt;
  return { at: deadline, style: 'relative', ...(afterAsked > 0 && { afterAsked }) };
}

/** `5 minutes after it was asked`: it needs no edit to stay true, and no time zone. Empty for what has no such length. */
export function afterAskedText({ afterAsked }: Pick<Moment, 'afterAsked'>): string {
  if (afterAsked === undefined) return '';
  return `${lengthText(afterAsked)} after it was asked`;
}

/** Rounded: a deadline is never exact to the second. */
function lengthText(ms: number): string {
  const minutes = Math.round(ms / MINUTE_MS);
  if (minutes < 1) return 'less than a minute';
  if (minutes <= MINUTES_MAX) return counted(minutes, 'minute');
  const hours = Math.round(minutes / 60);
  return hours <= HOURS_MAX ? counted(hours, 'hour') : counted(Math.round(hours / 24), 'day');
}
