import { LONGEST_JOB_WAIT_MS } from '../../core/approval/job-queue.ts';
import { backoff } from '../../core/ports/backoff.ts';
import type { PlatformError } from '../../core/ports/errors.ts';
import type { Clock, Job, Pace, Settlement, Store } from '../../core/ports/ports.ts';
import type { Drawn } from './draw.ts';
import type { RoomLimits } from './room-limits.ts';

/**
 * A card whose answer is lost so often is a dead letter, until its room answers or we start anew. What surely did not
 * arrive doesn't count: a platform that is away for a day gets its cards afterwards.
 */
export const MAX_DRAWS = 120;
/**
 * A post whose connection broke off is carried out within a second or two, or not at all: only then does it make sense to
 * look for it.
 */
const SETTLE_MS = 3_000;

/** How a job's run ended. `quiet`: nothing that the room's own line in the log doesn't say. */
export interface Ended {
  settlement: Settlement;
  outcome: string;
  about: object;
  quiet?: boolean;
}

export type Show = (job: Job, signal: AbortSignal) => Promise<Ended>;

/** Has one card drawn, and what it met told to its room. @throws what is not the platform's fault */
export function createDrawJob(options: {
  store: Store;
  clock: Clock;
  draw: (job: Job, signal: AbortSignal) => Promise<Drawn>;
  rooms: RoomLimits;
  pace: (platform: string) => Pace | undefined;
}): Show {
  const { store, clock, draw, rooms, pace } = options;

  return async function show(job, signal) {
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
        ? { settlement: brokenOff(drawn.notArrived), outcome: 'stopped', about }
        : { ...failed(job, drawn.error, drawn.notArrived), about };
    }
    const revivable = drawn.answered ? rooms.sound(job, pace(job.place?.platform ?? '')) : null;
    if (revivable !== null) await store.retryDeadLetters(revivable);
    return { settlement: { type: 'done' }, outcome: drawn.outcome, about };
  };

  function failed(job: Job, error: PlatformError, notArrived: boolean): Omit<Ended, 'about'> {
    const { kind, message } = error;
    const wait = rooms.failed(job, error);
    // Whoever stands at the head of a lane keeps that place, while the lane rests.
    if (kind === 'unsent') {
      return { settlement: { type: 'retry', waitMs: 0, error: message, notArrived, uncounted: true }, outcome: kind };
    }
    if (kind !== 'ambiguous' || job.attempts >= MAX_DRAWS) {
      return { settlement: dead(message, notArrived), outcome: kind, quiet: error.closed };
    }
    // What may itself be the cause lets the others try first.
    const atLeastMs = notArrived ? wait : Math.max(wait, SETTLE_MS);
    return { settlement: retry(job, clock, message, { atLeastMs, notArrived }), outcome: kind };
  }
}

export function dead(error: string, notArrived: boolean): Extract<Settlement, { type: 'dead' }> {
  return { type: 'dead', error, notArrived };
}

export function brokenOff(notArrived: boolean): Settlement {
  return { type: 'retry', waitMs: 0, error: 'stopped', notArrived };
}

/** When a job comes again. */
interface Again {
  /** What the other side asks for holds, whatever our own wait. */
  atLeastMs?: number;
  /** Our own wait ends by then, ms since 1970. */
  dueBy?: number | null;
  notArrived?: boolean;
}

export function retry(
  { attempts }: Job,
  clock: Clock,
  error: string,
  { atLeastMs = 0, dueBy = null, notArrived = false }: Again = {},
): Settlement {
  const now = clock.now();
  const ours = backoff(attempts, clock.random());
  const inTime = dueBy === null || dueBy <= now ? ours : Math.min(ours, dueBy - now);
  const waitMs = Math.min(LONGEST_JOB_WAIT_MS, Math.max(inTime, atLeastMs));
  return { type: 'retry', waitMs, error, notArrived };
}
