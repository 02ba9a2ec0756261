/** Runs one job of any kind: what ends it, what repeats it and when. Tested in test/engine/outbox/faults.test.ts. */
import { LONGEST_JOB_WAIT_MS } from '../../core/approval/lanes.ts';
import { backoff } from '../../core/ports/backoff.ts';
import { coerceError, StoreError } from '../../core/ports/errors.ts';
import type { Clock, Job, Log, Settlement } from '../../core/ports/ports.ts';
import type { DecideEnd } from './decide-job.ts';

/**
 * A message whose answer is lost so often becomes a dead letter, until its room works again or the process starts anew.
 * An attempt that certainly did not arrive does not count: a platform that is down for a day gets its cards afterwards.
 */
export const MAX_ATTEMPTS = 120;

/** How a run of a job ended. `quiet`: the log line about its room says it already. */
export interface JobEnd {
  settlement: Settlement;
  outcome: string;
  about: object;
  quiet?: boolean;
}

/** What its message shows counts as unknown when the job runs again. */
export function dead(error: string, notArrived: boolean): Extract<Settlement, { type: 'dead' }> {
  return { type: 'dead', error, notArrived, sent: null };
}

/** A stop of the process interrupted the call. */
export function interrupted(notArrived: boolean): Settlement {
  return { type: 'retry', waitMs: 0, error: 'stopped', notArrived, sent: null };
}

interface RetryOptions {
  /** What the other side asked for applies, whatever our own backoff. */
  atLeastMs?: number;
  /** Our own backoff ends by then, ms since 1970. */
  dueBy?: number | null;
  notArrived?: boolean;
}

export function retry(
  { attempts }: Job,
  clock: Clock,
  error: string,
  { atLeastMs = 0, dueBy = null, notArrived = false }: RetryOptions = {},
): Extract<Settlement, { type: 'retry' }> {
  const now = clock.now();
  const backoffMs = backoff(attempts, clock.random());
  const inTime = dueBy === null || dueBy <= now ? backoffMs : Math.min(backoffMs, dueBy - now);
  const waitMs = Math.min(LONGEST_JOB_WAIT_MS, Math.max(inTime, atLeastMs));
  return { type: 'retry', waitMs, error, notArrived };
}

/** Never rejects. */
export function createJobRunner(deps: {
  runDraw: (job: Job, signal: AbortSignal) => Promise<JobEnd>;
  decide: (job: Job, signal: AbortSignal) => Promise<DecideEnd>;
  wake: (job: Job) => Promise<number | null>;
  /** Interrupts what still runs at a stop. */
  interrupt: AbortSignal;
  clock: Clock;
  log: Log;
}): (job: Job) => Promise<JobEnd> {
  const { runDraw, decide, wake, interrupt, clock, log } = deps;

  return async (job) => {
    try {
      if (job.kind === 'draw') return await runDraw(job, interrupt);
      if (job.kind === 'wake') return await runWake(job);
      return await runDecide(job);
    } catch (thrown) {
      const about = job.kind === 'draw' ? { approval: job.subject, slot: job.slot } : { group: job.subject };
      return { ...afterError(job, coerceError(thrown)), about };
    }
  };

  async function runDecide(job: Job): Promise<JobEnd> {
    const end = await decide(job, interrupt);
    const { outcome, about } = end;
    if (end.type === 'done') return { settlement: { type: 'done' }, outcome, about };
    if (end.type === 'dead') return { settlement: dead(outcome, false), outcome, about };
    const options = { atLeastMs: end.retryAfterMs ?? 0, dueBy: end.dueBy };
    return { settlement: retry(job, clock, outcome, options), outcome, about };
  }

  async function runWake(job: Job): Promise<JobEnd> {
    const about = { approval: job.subject };
    const at = await wake(job);
    if (at === null) return { settlement: { type: 'done' }, outcome: 'ended', about };
    const waitMs = Math.min(Math.max(0, at - clock.now()), LONGEST_JOB_WAIT_MS);
    const error = 'not due yet';
    const settlement: Settlement = { type: 'retry', waitMs, error, notArrived: true, uncounted: true };
    return { settlement, outcome: 'waits', about };
  }

  function afterError(job: Job, error: Error): Omit<JobEnd, 'about'> {
    if (interrupt.aborted) return { settlement: interrupted(false), outcome: 'stopped' };
    // Whether a message was changed before the error is not known.
    const again: Settlement = { ...retry(job, clock, error.message), sent: null };
    if (error instanceof StoreError) return { settlement: again, outcome: 'store' };
    log.error({ job: job.id, kind: job.kind, err: error }, 'a job threw an unexpected error');
    const isLast = job.attempts >= MAX_ATTEMPTS;
    return { settlement: isLast ? dead(error.message, false) : again, outcome: 'unexpected' };
  }
}
