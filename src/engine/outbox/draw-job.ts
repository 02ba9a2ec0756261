/** The job `draw`: posts or edits one message. Tested in test/engine/outbox/faults.test.ts. */
import type { Clock, Job, Platform, Store } from '../../core/ports/ports.ts';
import type { Drawn } from './draw.ts';
import { dead, interrupted, type JobEnd, MAX_ATTEMPTS, retry } from './job-runner.ts';
import type { RoomLimits } from './room-limits.ts';

/** A post whose connection broke is carried out within a second or two, or never: it is looked for after this time. */
const SETTLE_MS = 3_000;

/** Draws one message, and reports to its room what happened. @throws errors that are not the platform's */
export function createDrawJob(deps: {
  store: Store;
  clock: Clock;
  draw: (job: Job, signal: AbortSignal) => Promise<Drawn>;
  rooms: RoomLimits;
  platforms: ReadonlyMap<string, Pick<Platform, 'postRate'>>;
}): (job: Job, signal: AbortSignal) => Promise<JobEnd> {
  const { store, clock, draw, rooms, platforms } = deps;

  return async (job, signal) => {
    if (rooms.isClosed(job)) {
      const about = { approval: job.subject, slot: job.slot };
      return { settlement: dead('its room takes no cards', true), outcome: 'parked', about, quiet: true };
    }
    const drawn = await draw(job, signal);
    const { about } = drawn;
    if (drawn.type === 'parked') {
      const { outcome } = drawn;
      return { settlement: { ...dead(outcome, true), parked: true }, outcome, about, quiet: true };
    }
    if (drawn.type === 'failed') {
      return signal.aborted
        ? { settlement: interrupted(drawn.notArrived), outcome: 'stopped', about }
        : { ...failed(job, drawn), about };
    }
    const working = drawn.answered ? rooms.succeeded(job, platforms.get(job.place?.platform ?? '')?.postRate) : null;
    if (working !== null) await store.retryDeadLetters(working);
    const sent = drawn.sent === undefined ? {} : { sent: drawn.sent };
    return { settlement: { type: 'done', ...sent }, outcome: drawn.outcome, about };
  };

  function failed(job: Job, drawn: Extract<Drawn, { type: 'failed' }>): Omit<JobEnd, 'about'> {
    const { error, notArrived } = drawn;
    const { kind, message } = error;
    const wait = rooms.failed(job, error);
    // The first job keeps its place while the lane is paused.
    if (kind === 'unsent') {
      return { settlement: { type: 'retry', waitMs: 0, error: message, notArrived, uncounted: true }, outcome: kind };
    }
    if (kind !== 'ambiguous' || job.attempts >= MAX_ATTEMPTS) {
      return { settlement: dead(message, notArrived), outcome: kind, quiet: error.closed };
    }
    // This job may itself be the cause, so the others go first.
    const atLeastMs = notArrived ? wait : Math.max(wait, SETTLE_MS);
    const sent = drawn.sent === undefined ? {} : { sent: drawn.sent };
    return { settlement: { ...retry(job, clock, message, { atLeastMs, notArrived }), ...sent }, outcome: kind };
  }
}
