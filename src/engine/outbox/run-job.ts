/** Runs one job of any kind to its settlement. Tested in test/engine/outbox/faults.test.ts. */
import { LONGEST_JOB_WAIT_MS } from '../../core/approval/lanes.ts';
import { coerceError, StoreError } from '../../core/ports/errors.ts';
import type { Clock, Job, Log, Settlement } from '../../core/ports/ports.ts';
import { dead, interrupted, type JobEnd, MAX_DRAWS, retry } from './draw-job.ts';
import type { SendOutcome } from './send-job.ts';

/** Never rejects. */
export function createJobRunner(deps: {
  runDraw: (job: Job, signal: AbortSignal) => Promise<JobEnd>;
  send: (job: Job, signal: AbortSignal) => Promise<SendOutcome>;
  onWake: (job: Job) => Promise<number | null>;
  /** Interrupts what still runs at a stop. */
  interrupt: AbortSignal;
  clock: Clock;
  log: Log;
}): (job: Job) => Promise<JobEnd> {
  const { runDraw, send, onWake, interrupt, clock, log } = deps;

  return async (job) => {
    try {
      if (job.kind === 'draw') return await runDraw(job, interrupt);
      if (job.kind === 'wake') return await runTimer(job);
      return await runSend(job);
    } catch (thrown) {
      const about = job.kind === 'draw' ? { approval: job.subject, slot: job.slot } : { group: job.subject };
      return { ...afterError(job, coerceError(thrown)), about };
    }
  };

  async function runSend(job: Job): Promise<JobEnd> {
    const end = await send(job, interrupt);
    const { outcome, about } = end;
    if (end.type === 'done') return { settlement: { type: 'done' }, outcome, about };
    if (end.type === 'dead') return { settlement: dead(outcome, false), outcome, about };
    const options = { atLeastMs: end.retryAfterMs ?? 0, dueBy: end.dueBy };
    return { settlement: retry(job, clock, outcome, options), outcome, about };
  }

  async function runTimer(job: Job): Promise<JobEnd> {
    const about = { approval: job.subject };
    const at = await onWake(job);
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
    const isLast = job.attempts >= MAX_DRAWS;
    return { settlement: isLast ? dead(error.message, false) : again, outcome: 'unexpected' };
  }
}
