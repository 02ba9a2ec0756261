import { LONGEST_JOB_WAIT_MS } from '../../core/approval/job-queue.ts';
import type { Lane } from '../../core/approval/lanes.ts';
import { backoff } from '../../core/ports/backoff.ts';
import { coerceError, type PlatformError, StoreError } from '../../core/ports/errors.ts';
import type { Clock, Job, Log, Pace, RoomSelector, Store } from '../../core/ports/ports.ts';
import { retryUntilRecorded } from '../../core/ports/retry-until-recorded.ts';
import type { OnCommitted } from '../apply.ts';
import type { Drawn } from './draw.ts';
import { brokenOff, createDrawJob, dead, type Ended, MAX_DRAWS, retry } from './draw-job.ts';
import { createRoomLimits } from './room-limits.ts';
import type { SendOutcome } from './send-job.ts';

/**
 * Jobs under way at once, over all lanes: enough for every room and run, little enough for one process. Each kind has
 * its own, so that a backend that hangs never keeps cards from being drawn.
 */
const MAX_RUNNING: Record<Job['kind'], number> = { draw: 32, decide: 32, wake: 8 };
/** Longer than any call of ours may take, so that a lease only runs out with its process. */
const LEASE_MS = 120_000;
/** Longest sleep without a look: whatever else may be wrong with a time, it is found soon. */
const LONGEST_SLEEP_MS = 30_000;
/** After this long a stopping worker breaks off what still runs: with the platforms' goodbyes it is ten seconds or so. */
const STOP_GRACE_MS = 6_000;

/** What the outbox saw when it last looked for work. */
interface Look {
  /** On the monotonic clock. */
  at: number;
  resting: readonly Lane[];
  /** ms until a lane may go on, or a closed room is to be tried; null: nothing waits. */
  wakeIn: number | null;
}

export interface Outbox {
  start(): void;
  /** No new jobs; those under way end, or are broken off after a grace, and their rows stay. */
  stop(): Promise<void>;
}

export interface OutboxOptions {
  store: Store;
  clock: Clock;
  log: Log;
  draw: (job: Job, signal: AbortSignal) => Promise<Drawn>;
  send: (job: Job, signal: AbortSignal) => Promise<SendOutcome>;
  /** Does what has fallen due by time alone; resolves with when the next will be, ms since 1970. */
  onWake: (job: Job) => Promise<number | null>;
  onCommitted?: OnCommitted;
  /** How fast a platform takes new messages in one room. */
  pace?: (platform: string) => Pace | undefined;
  /** A room takes no cards any more, until a person mends that; told once. `room` null: nor does any other there. */
  onPlaceDown?: (place: RoomSelector, error: PlatformError) => void;
  onPlaceUp?: (place: RoomSelector) => void;
}

/** Runs the jobs: claims what is due, at most one a lane, and puts back what must be tried again. */
export function createOutbox(options: OutboxOptions): Outbox {
  const { store, clock, log, draw, send, onWake, pace = () => undefined, onCommitted = () => {} } = options;
  const { onPlaceDown: onDown = () => {}, onPlaceUp: onUp = () => {} } = options;
  const rooms = createRoomLimits({ clock, log, onDown, onUp });
  const show = createDrawJob({ store, clock, draw, rooms, pace });
  const workerId = clock.id();
  const running = new Map<Promise<void>, Job['kind']>();
  const abort = new AbortController();
  const stopped = new AbortController();
  let stopping = false;
  let wake = new AbortController();
  let loop: Promise<void> = Promise.resolve();

  const nudge = () => wake.abort();
  store.onJobsAdded(nudge);

  async function work() {
    while (!stopping) {
      wake = new AbortController();
      // One look at the rooms for both questions: a rest that ends in between must not be slept over.
      const look = { at: clock.monotonic(), resting: rooms.resting(), wakeIn: rooms.nextWake() };
      const jobs = await claim(look.resting);
      for (const job of jobs) {
        const run = perform(job).finally(() => {
          running.delete(run);
          nudge();
        });
        running.set(run, job.kind);
      }
      if (jobs.length > 0 || wake.signal.aborted) continue;
      const wait = await untilDue(look);
      if (wait > 0) await clock.sleep(wait, wake.signal).catch(() => {});
    }
  }

  async function claim(resting: readonly Lane[]): Promise<readonly Job[]> {
    const room = { ...MAX_RUNNING };
    for (const kind of running.values()) room[kind] -= 1;
    try {
      for (const place of rooms.toProbe()) await store.retryDeadLetters(place, 1);
      return await store.claim(room, workerId, LEASE_MS, resting);
    } catch (thrown) {
      log.error({ err: coerceError(thrown) }, 'the outbox can’t be read');
      await clock.sleep(backoff(1, clock.random()), abort.signal).catch(() => {});
      return [];
    }
  }

  async function untilDue({ at, resting, wakeIn }: Look): Promise<number> {
    const wait = await store.msUntilNextJob(resting).catch((error: unknown) => {
      log.error({ err: error }, 'the outbox can’t be read');
      return backoff(1, clock.random());
    });
    const passed = clock.monotonic() - at;
    // What was due when we looked waits for its turn, and a job that ends nudges; what has become due since is looked for.
    const wasDue = wait !== null && wait <= 0 && -wait >= passed;
    const due = wait === null || wasDue ? LONGEST_SLEEP_MS : wait;
    const rested = wakeIn === null ? LONGEST_SLEEP_MS : wakeIn - passed;
    return Math.max(0, Math.min(due, rested, LONGEST_SLEEP_MS));
  }

  async function perform(job: Job): Promise<void> {
    const startedAt = clock.monotonic();
    const { settlement, outcome, about, quiet } = await attempt(job);
    const ms = Math.round(clock.monotonic() - startedAt);
    const fields = { job: job.id, kind: job.kind, ...about, attempt: job.attempts, outcome, ms };
    try {
      // Until its end is recorded it keeps its lane, and nothing else may run there.
      const isMine = await retryUntilRecorded(clock, log, () => store.settle(job, settlement), stopped.signal);
      if (isMine) onCommitted({ type: 'job', job, settlement, outcome });
    } catch (thrown) {
      log.error({ ...fields, err: coerceError(thrown) }, 'a job’s end could not be recorded; it will run again');
      return;
    }
    if (settlement.type === 'done' || quiet) log.info(fields, settlement.type === 'done' ? 'job done' : 'job parked');
    else if (settlement.type === 'retry' && job.kind === 'wake') log.debug(fields, 'not yet');
    else if (settlement.type === 'retry') log.warn({ ...fields, error: settlement.error }, 'job will be tried again');
    else log.error({ ...fields, error: settlement.error }, 'job given up');
  }

  async function attempt(job: Job): Promise<Ended> {
    try {
      if (job.kind === 'draw') return await show(job, abort.signal);
      if (job.kind === 'wake') return await wakeUp(job);
      const sent = await send(job, abort.signal);
      const { outcome, about } = sent;
      if (sent.type === 'done') return { settlement: { type: 'done' }, outcome, about };
      if (sent.type === 'dead') return { settlement: dead(outcome, false), outcome, about };
      const when = { atLeastMs: sent.retryAfterMs ?? 0, dueBy: sent.dueBy };
      return { settlement: retry(job, clock, outcome, when), outcome, about };
    } catch (thrown) {
      const about = job.kind === 'draw' ? { approval: job.subject, slot: job.slot } : { group: job.subject };
      return { ...afterError(job, coerceError(thrown)), about };
    }
  }

  /** What is over is told so; what is not has the next look later. */
  async function wakeUp(job: Job): Promise<Ended> {
    const about = { approval: job.subject };
    const at = await onWake(job);
    if (at === null) return { settlement: { type: 'done' }, outcome: 'ended', about };
    const waitMs = Math.min(Math.max(0, at - clock.now()), LONGEST_JOB_WAIT_MS);
    const error = 'it is not time yet';
    const later = { type: 'retry', waitMs, error, notArrived: true, uncounted: true } as const;
    return { settlement: later, outcome: 'waits', about };
  }

  function afterError(job: Job, error: Error): Omit<Ended, 'about'> {
    if (stopping && abort.signal.aborted) return { settlement: brokenOff(false), outcome: 'stopped' };
    if (error instanceof StoreError) return { settlement: retry(job, clock, error.message), outcome: 'store' };
    log.error({ job: job.id, kind: job.kind, err: error }, 'a job threw something unexpected');
    const hopeless = job.attempts >= MAX_DRAWS;
    return {
      settlement: hopeless ? dead(error.message, false) : retry(job, clock, error.message),
      outcome: 'unexpected',
    };
  }

  return {
    start() {
      loop = work();
    },
    async stop() {
      stopping = true;
      stopped.abort();
      nudge();
      await loop;
      const timer = new AbortController();
      const grace = clock.sleep(STOP_GRACE_MS, timer.signal).then(
        () => abort.abort(),
        () => {},
      );
      await Promise.all(running.keys());
      timer.abort();
      await grace;
      await store
        .unlockJobs(workerId)
        .catch((error: unknown) => log.error({ err: error }, 'leases could not be returned'));
    },
  };
}
