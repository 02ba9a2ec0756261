/** How long the outbox waits before it tries a job again. */
const FIRST_WAIT_MS = 1_000;
/** Long enough to be no load on a platform that is down, short enough that a card follows its return within a minute. */
const LONGEST_WAIT_MS = 60_000;

/**
 * Exponential, capped, with 0.5 to 1.5 times jitter, so that jobs that failed together don't come back together.
 * @param attempts how many tries there were, from 1
 * @param random from 0 up to 1
 * @returns ms
 */
export function backoff(attempts: number, random: number): number {
  const wait = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (attempts - 1));
  return Math.round(wait * (0.5 + random));
}
