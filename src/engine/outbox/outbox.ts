/** Runs the jobs of the outbox. Tested in test/engine/outbox/wait.test.ts and test/engine/outbox/faults.test.ts. */
import type { Lane } from '../../core/approval/lanes.ts';
import { backoff } from '../../core/ports/backoff.ts';
import { coerceError, type PlatformError } from '../../core/ports/errors.ts';
import type { Clock, Job, Log, Platform, RoomSelector, Store } from '../../core/ports/ports.ts';
import { retryUntilRecorded } from '../../core/ports/retry-until-recorded.ts';
import type { OnCommitted } from '../apply.ts';
import { createJobRunner, type JobEnd, type JobRunnerDeps } from './job-runner.ts';
import { RoomPauses } from './room-pauses.ts';

/** Jobs that run at once, over all lanes. Each kind has its own limit, so that a backend that hangs never delays cards. */
const MAX_RUNNING: Record<Job['kind'], number> = { draw: 32, decide: 32, wake: 8 };
/** Cards are drawn and timers run, also while decisions wait. */
const KINDS_WHILE_STOPPED: readonly Job['kind'][] = ['draw', 'wake'];
/** Longer than any of our calls, so that a lease expires only when its process has ended. */
const LEASE_MS = 120_000;
/** Longest sleep without a look: an error in a time is noticed after this. */
const LONGEST_SLEEP_MS = 30_000;
/** After this a stopping worker interrupts what still runs; with the platforms' own stop it takes about ten seconds. */
const STOP_GRACE_MS = 6_000;

/** What the outbox saw when it last looked for work. */
interface Look {
  /** On the monotonic clock. */
  at: number;
  pausedLanes: readonly Lane[];
  /** ms until a lane may continue or a closed room is to be probed; null: nothing is paused. */
  wakeIn: number | null;
}

export interface Outbox {
  start(): void;
  /** Starts no new jobs; running ones end, or are interrupted after a grace period, and stay in the outbox. */
  stop(): Promise<void>;
  /** Looks for work now: `isStopped` has changed. */
  nudge(): void;
}

export interface OutboxOptions extends Omit<JobRunnerDeps, 'interrupt' | 'rooms' | 'platforms'> {
  onCommitted?: OnCommitted;
  /** An operator has stopped everything: no decision is taken. Default: never. */
  isStopped?: () => boolean;
  /** How fast each takes new messages in one room. */
  platforms?: ReadonlyMap<string, Pick<Platform, 'postRate'>>;
  /** A room takes no cards until a person fixes that; called once. `room` null: every room of the platform. */
  onPlaceDown?: (place: RoomSelector, error: PlatformError) => void;
  onPlaceUp?: (place: RoomSelector) => void;
}

/** Claims what is due, at most one job per lane, and schedules again what must be retried. */
export function createOutbox(options: OutboxOptions): Outbox {
  const { store, clock, log, platforms = new Map(), onCommitted = () => {} } = options;
  const { onPlaceDown: onDown = () => {}, onPlaceUp: onUp = () => {}, isStopped = () => false } = options;
  const rooms = new RoomPauses({ clock, log, onDown, onUp });
  const interrupt = new AbortController();
  const runJob = createJobRunner({ ...options, platforms, rooms, interrupt: interrupt.signal });
  const running = new Map<Promise<void>, Job['kind']>();
  const stopping = new AbortController();
  const queue = createQueue({ store, clock, log, rooms, running, isStopped, interrupt: interrupt.signal });
  let wake = new AbortController();
  let loop: Promise<void> = Promise.resolve();

  const nudge = () => wake.abort();
  store.onJobsAdded(nudge);

  async function work(): Promise<void> {
    while (!stopping.signal.aborted) {
      wake = new AbortController();
      // One look at the rooms for both questions: a pause that ends in between must not be slept through.
      const look = { at: clock.monotonic(), pausedLanes: rooms.pausedLanes(), wakeIn: rooms.nextWake() };
      const jobs = await queue.claim(look.pausedLanes);
      for (const job of jobs) {
        const run = perform(job).finally(() => {
          running.delete(run);
          nudge();
        });
        running.set(run, job.kind);
      }
      if (jobs.length > 0 || wake.signal.aborted) continue;
      const wait = await queue.msUntilDue(look);
      if (wait > 0) await clock.sleep(wait, wake.signal).catch(() => {});
    }
  }

  async function perform(job: Job): Promise<void> {
    const startedAt = clock.monotonic();
    const end = await runJob(job);
    const { settlement, outcome, about } = end;
    const ms = Math.round(clock.monotonic() - startedAt);
    const fields = { job: job.id, kind: job.kind, ...about, attempt: job.attempts, outcome, ms };
    try {
      // The job keeps its lane until its end is recorded: nothing else may run there.
      const isOurs = await retryUntilRecorded(clock, log, () => store.settle(job, settlement), stopping.signal);
      if (isOurs) onCommitted({ type: 'job', job, settlement, outcome });
    } catch (thrown) {
      log.error({ ...fields, err: coerceError(thrown) }, 'the end of a job could not be recorded; it will run again');
      return;
    }
    logEnd(job, end, fields, log);
  }

  return {
    nudge,
    start() {
      loop = work();
    },
    async stop() {
      stopping.abort();
      nudge();
      await loop;
      const ended = new AbortController();
      const grace = clock.sleep(STOP_GRACE_MS, ended.signal).then(
        () => interrupt.abort(),
        () => {},
      );
      await Promise.all(running.keys());
      ended.abort();
      await grace;
      await queue.unlock();
    },
  };
}

function logEnd({ kind }: Job, { settlement, quiet = false }: JobEnd, fields: object, log: Log): void {
  if (settlement.type === 'done') log.info(fields, 'job done');
  else if (quiet) log.info(fields, 'job parked');
  else if (settlement.type === 'retry' && kind === 'wake') log.debug(fields, 'timer not due yet');
  else if (settlement.type === 'retry') log.warn({ ...fields, error: settlement.error }, 'job will be retried');
  else log.error({ ...fields, error: settlement.error }, 'job abandoned');
}

/** The store as a queue, for one worker: an error is logged, and counts as no work. */
function createQueue(deps: {
  store: Store;
  clock: Clock;
  log: Log;
  rooms: RoomPauses;
  running: ReadonlyMap<unknown, Job['kind']>;
  isStopped: () => boolean;
  interrupt: AbortSignal;
}) {
  const { store, clock, log, rooms, running, isStopped, interrupt } = deps;
  const workerId = clock.id();
  return {
    async claim(pausedLanes: readonly Lane[]): Promise<readonly Job[]> {
      const free = { ...MAX_RUNNING };
      for (const kind of running.values()) free[kind] -= 1;
      if (isStopped()) free.decide = 0;
      try {
        for (const room of rooms.toProbe()) await store.retryDeadLetters(room, 1);
        return await store.claim(free, workerId, LEASE_MS, pausedLanes);
      } catch (thrown) {
        log.error({ err: coerceError(thrown) }, 'the outbox can’t be read');
        await clock.sleep(backoff(1, clock.random()), interrupt).catch(() => {});
        return [];
      }
    },
    async msUntilDue({ at, pausedLanes, wakeIn }: Look): Promise<number> {
      const kinds = isStopped() ? KINDS_WHILE_STOPPED : undefined;
      const wait = await store.msUntilNextJob(pausedLanes, kinds).catch((error: unknown) => {
        log.error({ err: error }, 'the outbox can’t be read');
        return backoff(1, clock.random());
      });
      const passed = clock.monotonic() - at;
      // What was due at the look waits for its turn, and a job that ends nudges; what became due since is looked for.
      const wasDue = wait !== null && wait <= 0 && -wait >= passed;
      const due = wait === null || wasDue ? LONGEST_SLEEP_MS : wait;
      const paused = wakeIn === null ? LONGEST_SLEEP_MS : wakeIn - passed;
      return Math.max(0, Math.min(due, paused, LONGEST_SLEEP_MS));
    },
    async unlock(): Promise<void> {
      await store
        .unlockJobs(workerId)
        .catch((error: unknown) => log.error({ err: error }, 'jobs could not be unlocked'));
    },
  };
}
