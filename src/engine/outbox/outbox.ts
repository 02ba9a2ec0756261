/** Runs the jobs of the outbox. Tested in test/engine/outbox/wait.test.ts and test/engine/outbox/faults.test.ts. */
import { backoff } from '../../core/ports/backoff.ts';
import { coerceError, type PlatformError } from '../../core/ports/errors.ts';
import { type Metrics, noMetrics } from '../../core/ports/metrics.ts';
import type { ClaimRequest, Clock, Fleet, Job, Log, Platform, RoomSelector, Store } from '../../core/ports/ports.ts';
import { retryUntilRecorded } from '../../core/ports/retry-until-recorded.ts';
import { createFleetOfOne } from '../../core/ports/store/fleet.ts';
import type { OnCommitted } from '../apply.ts';
import type { Foreground } from '../foreground.ts';
import { createJobRunner, type JobEnd, type JobRunnerDeps } from './job-runner.ts';
import { PROBE_MS, RoomPauses } from './rooms/room-pauses.ts';

/** Jobs that run at once, over all lanes. Each kind has its own limit, so that a backend that hangs never delays cards. */
const MAX_RUNNING: Record<Job['kind'], number> = { draw: 32, decide: 32, wake: 8 };
const KINDS = Object.keys(MAX_RUNNING) as Job['kind'][];
/** Of each kind, that one commit begins in a rush: the work goes on, and takes little of the time of those who wait. */
const RUSH_BEGINS = 1;
/** Longest sleep without a look: an error in a time is noticed after this. */
const LONGEST_SLEEP_MS = 30_000;
/** Sleep after a look that found something due, and could not claim it. */
const LOOK_AGAIN_MS = 1_000;
/** After this a stopping worker interrupts what still runs; with the platforms' own stop it takes about ten seconds. */
const STOP_GRACE_MS = 6_000;

export interface Outbox {
  start(): void;
  /** Starts no new jobs; running ones end, or are interrupted after a grace period, and stay in the outbox. */
  stop(): Promise<void>;
  /** Looks for work now: `isStopped` has changed. */
  nudge(): void;
}

export interface OutboxOptions extends Omit<JobRunnerDeps, 'interrupt' | 'rooms' | 'platforms'> {
  /** Default: this replica is the only one. */
  fleet?: Pick<Fleet, 'me' | 'alive' | 'size'>;
  onCommitted?: OnCommitted;
  /** An operator has stopped everything: no decision is taken. Default: never. */
  isStopped?: () => boolean;
  /** What goes before all jobs. Default: nothing does. */
  foreground?: Pick<Foreground, 'rushMs' | 'answered'>;
  /** How fast each takes new messages in one room. */
  platforms?: ReadonlyMap<string, Pick<Platform, 'postRate' | 'editRate' | 'pressEdits'>>;
  /** A room takes no cards until a person fixes that; called once. `room` null: every room of the platform. */
  onPlaceDown?: (place: RoomSelector, error: PlatformError) => void;
  onPlaceUp?: (place: RoomSelector) => void;
  /** Default: nothing is counted. */
  metrics?: Pick<Metrics, 'count'>;
}

/**
 * Claims what is due, at most one job per lane, and schedules again what must be retried. Most jobs are claimed in the commit
 * that adds them, or that ends the one before them; the loop finds those that become due with time.
 */
export function createOutbox(options: OutboxOptions): Outbox {
  const { store, clock, log, platforms = new Map(), foreground = noForeground, fleet = createFleetOfOne() } = options;
  const { onPlaceDown: onDown = () => {}, onPlaceUp: onUp = () => {}, isStopped = () => false } = options;
  const { metrics = noMetrics } = options;
  const hasPressEdits = (platform: string) => platforms.get(platform)?.pressEdits?.some ?? false;
  const replicas = () => fleet.size();
  const rooms = new RoomPauses({ store, clock, log, onDown, onUp, hasPressEdits, replicas, metrics });
  const interrupt = new AbortController();
  const runJob = createJobRunner({ ...options, platforms, rooms, interrupt: interrupt.signal });
  const running = new Set<Promise<void>>();
  const free = { ...MAX_RUNNING };
  const stopping = new AbortController();
  const parts = { store, clock, log, free, isStopped, foreground, fleet };
  const queue = createQueue({ ...parts, interrupt: interrupt.signal });
  const { nudge, ...sleeper } = createSleeper(clock);
  let loop: Promise<void> = Promise.resolve();

  async function work(): Promise<void> {
    let mustClaim = true;
    while (!stopping.signal.aborted) {
      sleeper.begin();
      const rushMs = foreground.rushMs();
      if (rushMs > 0) {
        mustClaim = true;
        await sleeper.sleep(rushMs);
        continue;
      }
      const lookedAt = clock.monotonic();
      const dueIn = await queue.msUntilDue();
      const isDue = dueIn <= 0;
      const jobs = mustClaim || isDue ? await queue.claim() : [];
      mustClaim = false;
      for (const job of jobs) begin(job);
      if (jobs.length > 0 || sleeper.isNudged()) continue;
      const wait = Math.min(isDue ? LOOK_AGAIN_MS : dueIn, LONGEST_SLEEP_MS);
      await sleeper.sleep(lookedAt + wait - clock.monotonic());
      mustClaim = wait === LONGEST_SLEEP_MS && !sleeper.isNudged();
    }
  }

  function begin(job: Job): void {
    free[job.kind] -= 1;
    const run = perform(job).finally(() => running.delete(run));
    running.add(run);
  }

  async function perform(job: Job): Promise<void> {
    await foreground.answered();
    const startedAt = clock.monotonic();
    const end = await runJob(job);
    // The commit that ends it from here on may claim the next one.
    free[job.kind] += 1;
    const ms = Math.round(clock.monotonic() - startedAt);
    await recordEnd(job, end, ms, { ...options, rooms, signal: stopping.signal });
    // Where it was ended by its own commit, that one found no place for others.
    if (free[job.kind] === 1) nudge();
  }

  return {
    nudge,
    start() {
      store.claimInCommits({
        ask: (kinds) => (stopping.signal.aborted ? null : queue.request(kinds)),
        take(jobs, dueInMs) {
          if (stopping.signal.aborted) return;
          for (const job of jobs) begin(job);
          if (dueInMs !== null && sleeper.isAsleepIn(Math.max(dueInMs, foreground.rushMs()))) nudge();
        },
      });
      loop = work();
    },
    async stop() {
      stopping.abort();
      nudge();
      await loop;
      await withGrace(Promise.all(running), clock, () => interrupt.abort());
      await queue.release();
    },
  };
}

const noForeground = { rushMs: () => 0, answered: () => null };

/** The loop's sleep. A nudge ends it; one between `begin` and `sleep` lets it not begin. */
function createSleeper(clock: Clock) {
  let isNudged = false;
  let wake: AbortController | null = null;
  /** On the monotonic clock. */
  let wakesAt = Number.POSITIVE_INFINITY;
  return {
    begin() {
      isNudged = false;
    },
    nudge() {
      isNudged = true;
      // Without a reason it would make an exception with its stack, for each job.
      wake?.abort('nudged');
    },
    isNudged: () => isNudged,
    /** It would sleep over what is due then, or it is awake and has not looked for it. */
    isAsleepIn: (ms: number) => clock.monotonic() + ms < wakesAt,
    async sleep(ms: number): Promise<void> {
      if (ms <= 0 || isNudged) return;
      wakesAt = clock.monotonic() + ms;
      wake = new AbortController();
      await clock.sleep(ms, wake.signal).catch(() => {});
      wake = null;
      wakesAt = Number.POSITIVE_INFINITY;
    },
  };
}

/** @param interrupt called when the work takes too long */
async function withGrace(work: Promise<unknown>, clock: Clock, interrupt: () => void): Promise<void> {
  const ended = new AbortController();
  const grace = clock.sleep(STOP_GRACE_MS, ended.signal).then(interrupt, () => {});
  await work;
  ended.abort();
  await grace;
}

interface RecordedIn {
  rooms: RoomPauses;
  signal: AbortSignal;
}

/** The job keeps its lane until its end is recorded: nothing else may run there. */
async function recordEnd(
  job: Job,
  end: JobEnd,
  ms: number,
  { store, clock, log, rooms, onCommitted = () => {}, signal }: OutboxOptions & RecordedIn,
): Promise<void> {
  const { settlement, outcome, about, lane } = end;
  const fields = { job: job.id, kind: job.kind, ...about, attempt: job.attempts, outcome, ms };
  try {
    const settle = () => retryUntilRecorded(clock, log, () => store.settle(job, settlement, lane), signal);
    const settled = end.settled === undefined ? await settle() : end.settled ? { pacedMs: 0 } : null;
    if (settled === null) return logEnd(job, end, fields, log);
    rooms.onPaced(job, settled.pacedMs);
    onCommitted({ type: 'job', job, settlement, outcome });
  } catch (thrown) {
    log.error({ ...fields, err: coerceError(thrown) }, 'the end of a job could not be recorded; it will run again');
    return;
  }
  logEnd(job, end, fields, log);
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
  /** How many jobs of each kind can be started now. */
  free: Readonly<Record<Job['kind'], number>>;
  isStopped: () => boolean;
  foreground: Pick<Foreground, 'rushMs'>;
  fleet: Pick<Fleet, 'me' | 'alive'>;
  interrupt: AbortSignal;
}) {
  const { store, clock, log, free, isStopped, foreground, fleet, interrupt } = deps;
  const { me: lockedBy } = fleet;
  const freeKinds = () => KINDS.filter((kind) => free[kind] > 0 && !(kind === 'decide' && isStopped()));
  const limitsFor = (kinds: readonly Job['kind'][], max = Number.POSITIVE_INFINITY) =>
    Object.fromEntries(
      freeKinds().flatMap((kind) => (kinds.includes(kind) ? [[kind, Math.min(free[kind], max)]] : [])),
    );
  const failed = (thrown: unknown) => log.error({ err: coerceError(thrown) }, 'the outbox can’t be read');
  return {
    /** What a commit may claim; null: nothing. */
    request(kinds: readonly Job['kind'][]): ClaimRequest | null {
      if (!fleet.alive()) return null;
      const limits = foreground.rushMs() > 0 ? limitsFor(kinds, RUSH_BEGINS) : limitsFor(kinds);
      if (Object.keys(limits).length === 0) return null;
      return { limits, lockedBy };
    },
    async claim(): Promise<readonly Job[]> {
      if (!fleet.alive()) return [];
      try {
        await store.probes(PROBE_MS);
        return await store.claim(limitsFor(KINDS), lockedBy);
      } catch (thrown) {
        failed(thrown);
        await clock.sleep(backoff(1, clock.random()), interrupt).catch(() => {});
        return [];
      }
    },
    /** Of a kind that can be started. */
    async msUntilDue(): Promise<number> {
      try {
        return (await store.msUntilNextJob(freeKinds())) ?? LONGEST_SLEEP_MS;
      } catch (thrown) {
        failed(thrown);
        return backoff(1, clock.random());
      }
    },
    async release(): Promise<void> {
      await store.release(lockedBy).catch((error: unknown) => log.error({ err: error }, 'jobs could not be unlocked'));
    },
  };
}
