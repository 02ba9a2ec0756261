/** Runs one job of any kind: what ends it, what repeats it and when. Tested in test/engine/outbox/faults.test.ts. */
import { LONGEST_JOB_WAIT_MS } from '../../core/approval/lanes.ts';
import { backoff } from '../../core/ports/backoff.ts';
import { coerceError, isUnconfirmed } from '../../core/ports/errors.ts';
import type { Clock, Job, LaneEnd, Log, Platform, Settlement, Store } from '../../core/ports/ports.ts';
import type { DecideEnd } from './decide-job.ts';
import type { DrawEnd } from './draw-job.ts';
import type { BeginEdit } from './message.ts';
import type { RoomPauses } from './rooms/room-pauses.ts';

/**
 * A message whose answer is lost so often becomes a dead letter, until its room works again or the process starts anew.
 * An attempt that certainly did not arrive does not count: a platform that is down for a day gets its cards afterwards.
 */
const MAX_ATTEMPTS = 120;
/** A post whose connection broke is carried out within a second or two, or never: it is looked for after this time. */
const SETTLE_MS = 3_000;

/** How a run of a job ended. `quiet`: the log line about its room says it already. */
export interface JobEnd {
  settlement: Settlement;
  outcome: string;
  about: object;
  /** What it means for its lane. Default: nothing. */
  lane?: LaneEnd;
  quiet?: boolean;
  /** As in `DecideEnd`. */
  settled?: boolean;
}

export interface JobRunnerDeps {
  draw: (job: Job, signal: AbortSignal, begin: BeginEdit) => Promise<DrawEnd>;
  decide: (job: Job, signal: AbortSignal) => Promise<DecideEnd>;
  /** Does what is due by time alone. @returns when the next of it is due, ms since 1970; null: nothing is left */
  wake: (job: Job) => Promise<number | null>;
  /** Interrupts what still runs at a stop. */
  interrupt: AbortSignal;
  rooms: RoomPauses;
  platforms: ReadonlyMap<string, Pick<Platform, 'postRate' | 'editRate' | 'pressEdits'>>;
  store: Store;
  clock: Clock;
  log: Log;
}

/** Never rejects. */
export function createJobRunner(deps: JobRunnerDeps): (job: Job) => Promise<JobEnd> {
  return async (job) => {
    try {
      if (job.kind === 'draw') return await runDraw(job, deps);
      if (job.kind === 'wake') return await runWake(job, deps);
      return await runDecide(job, deps);
    } catch (thrown) {
      const about = job.kind === 'draw' ? { approval: job.subject, slot: job.slot } : { group: job.subject };
      return { ...afterError(job, coerceError(thrown), deps), about };
    }
  };
}

/** Draws one message, and reports to its room what happened. */
async function runDraw(job: Job, deps: JobRunnerDeps): Promise<JobEnd> {
  const { draw, rooms, platforms, store, interrupt } = deps;
  if (job.roomClosed !== null && !job.isProbe) {
    const about = { approval: job.subject, slot: job.slot };
    const settlement = dead(`its room takes no cards: ${job.roomClosed}`, true);
    return { settlement, outcome: 'parked', about, quiet: true };
  }
  const { postRate, editRate, pressEdits } = platforms.get(job.place?.platform ?? '') ?? {};
  // Where it is not known what the message shows, an earlier edit may still be on its way: a call follows it.
  const isKnown = job.lastSent !== null && job.mayHaveArrivedSince === null;
  const begin: BeginEdit = (receipt, isPressed) => {
    const pressInMs = isKnown && receipt !== null ? pressEdits?.msUntil(receipt) : null;
    return rooms.beginEdit(job, editRate, isPressed, pressInMs);
  };
  const end = await draw(job, interrupt, begin).catch((thrown: unknown) => {
    rooms.endEdit(job, true);
    throw thrown;
  });
  const { about } = end;
  // That a message is still there is looked up by another call.
  const isEdited = end.type === 'done' && end.answered && end.outcome !== 'unchanged';
  rooms.endEdit(job, end.type === 'failed' || isEdited);
  if (end.type === 'paced') {
    const { waitMs } = end;
    const error = 'too many edits';
    const settlement: Settlement = { type: 'retry', waitMs, error, notArrived: true, uncounted: true };
    return { settlement, outcome: 'paced', about, quiet: true, lane: rooms.paced(job) };
  }
  if (end.type === 'parked') {
    const { outcome } = end;
    return { settlement: { ...dead(outcome, true), parked: true }, outcome, about, quiet: true };
  }
  if (end.type === 'failed') {
    return interrupt.aborted
      ? { settlement: interrupted(end.notArrived), outcome: 'stopped', about }
      : { ...(await afterFailedDraw(job, end, deps)), about };
  }
  const sent = end.sent === undefined ? {} : { sent: end.sent };
  const done: JobEnd = { settlement: { type: 'done', ...sent }, outcome: end.outcome, about };
  if (!end.answered) return done;
  const { lane, working } = await rooms.succeeded(job, postRate);
  if (working !== null) await store.retryDeadLetters(working);
  return { ...done, lane };
}

async function afterFailedDraw(
  job: Job,
  { error, notArrived, sent, byPress = false }: Extract<DrawEnd, { type: 'failed' }>,
  { rooms, platforms, clock }: JobRunnerDeps,
): Promise<Omit<JobEnd, 'about'>> {
  const { kind, message } = error;
  const { postRate } = platforms.get(job.place?.platform ?? '') ?? {};
  const { waitMs, lane } = byPress ? { waitMs: 0, lane: {} } : await rooms.failed(job, error, postRate);
  // The first job keeps its place while the lane rests.
  if (kind === 'unsent') {
    const settlement: Settlement = { type: 'retry', waitMs: 0, error: message, notArrived, uncounted: true };
    return { settlement, outcome: kind, lane };
  }
  if (kind !== 'ambiguous' || job.attempts >= MAX_ATTEMPTS) {
    return { settlement: dead(message, notArrived), outcome: kind, quiet: error.closed, lane };
  }
  // This job may itself be the cause, so the others go first.
  const atLeastMs = notArrived ? waitMs : Math.max(waitMs, SETTLE_MS);
  const again = retry(job, clock, message, { atLeastMs, notArrived });
  return { settlement: { ...again, ...(sent !== undefined && { sent }) }, outcome: kind, lane };
}

async function runDecide(job: Job, { decide, interrupt, clock }: JobRunnerDeps): Promise<JobEnd> {
  const end = await decide(job, interrupt);
  const { outcome, about, settled } = end;
  const settlement = settlementOfDecision(job, end, clock);
  return { settlement, outcome, about, ...(settled !== undefined && { settled }) };
}

export function settlementOfDecision(job: Job, end: DecideEnd, clock: Clock): Settlement {
  if (end.type === 'done') return { type: 'done' };
  if (end.type === 'dead') return dead(end.outcome, false);
  return retry(job, clock, end.outcome, { atLeastMs: end.retryAfterMs ?? 0, dueBy: end.dueBy });
}

async function runWake(job: Job, { wake, clock }: JobRunnerDeps): Promise<JobEnd> {
  const about = { approval: job.subject };
  const at = await wake(job);
  if (at === null) return { settlement: { type: 'done' }, outcome: 'ended', about };
  const waitMs = Math.min(Math.max(0, at - clock.now()), LONGEST_JOB_WAIT_MS);
  const error = 'not due yet';
  const settlement: Settlement = { type: 'retry', waitMs, error, notArrived: true, uncounted: true };
  return { settlement, outcome: 'waits', about };
}

function afterError(job: Job, error: Error, { interrupt, clock, log }: JobRunnerDeps): Omit<JobEnd, 'about'> {
  if (interrupt.aborted) return { settlement: interrupted(false), outcome: 'stopped' };
  // Whether a message was changed before the error is not known.
  const again: Settlement = { ...retry(job, clock, error.message), sent: null };
  if (isUnconfirmed(error)) return { settlement: again, outcome: 'store' };
  log.error({ job: job.id, kind: job.kind, err: error }, 'a job threw an unexpected error');
  const isLast = job.attempts >= MAX_ATTEMPTS;
  return { settlement: isLast ? dead(error.message, false) : again, outcome: 'unexpected' };
}

/** What its message shows counts as unknown when the job runs again. */
function dead(error: string, notArrived: boolean): Extract<Settlement, { type: 'dead' }> {
  return { type: 'dead', error, notArrived, sent: null };
}

/** A stop of the process interrupted the call. */
function interrupted(notArrived: boolean): Settlement {
  return { type: 'retry', waitMs: 0, error: 'stopped', notArrived, sent: null };
}

interface RetryOptions {
  /** What the other side asked for applies, whatever our own backoff. */
  atLeastMs?: number;
  /** Our own backoff ends by then, ms since 1970. */
  dueBy?: number | null;
  notArrived?: boolean;
}

function retry(
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
