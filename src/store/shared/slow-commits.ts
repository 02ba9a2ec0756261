import type { Clock, Log } from '../../core/ports/ports.ts';

/** A healthy disk commits within a few milliseconds. Ten times that is a failing disk, or a remote one. */
const SLOW_COMMIT_MS = 40;
/** So many slow commits in a row; a single one may be another program's doing. */
const SLOW_IN_A_ROW = 5;
/** A single commit this slow delays every press, so it is logged at once, ms. */
const VERY_SLOW_COMMIT_MS = 400;
/** Between two warnings, ms. */
const WARN_EVERY_MS = 60_000;

/**
 * Logs a warning when commits are slow: every press waits for one.
 * @param what is slow
 */
export function createSlowCommitWarning(clock: Clock, log: Log, what: string): (commitMs: number) => void {
  let slowInARow = 0;
  let warnedAt = Number.NEGATIVE_INFINITY;
  return (commitMs) => {
    slowInARow = commitMs >= SLOW_COMMIT_MS ? slowInARow + 1 : 0;
    const now = clock.monotonic();
    if ((slowInARow < SLOW_IN_A_ROW && commitMs < VERY_SLOW_COMMIT_MS) || now - warnedAt < WARN_EVERY_MS) return;
    warnedAt = now;
    log.warn({ ms: Math.round(commitMs), slowInARow }, `${what} is slow: every press waits for it`);
  };
}
