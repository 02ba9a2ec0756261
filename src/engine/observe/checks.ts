/** What the bot needs in order to work, each as one check with its limit and an advice. Tested in test/engine/observe/health.test.ts. */
import { coerceError } from '../../core/ports/errors.ts';
import type { Metrics } from '../../core/ports/metrics.ts';
import type { Backend, Clock, Job, Platform, Reach, Store } from '../../core/ports/ports.ts';
import type { StoreStats, WaitingStats } from '../../core/ports/store.ts';
import type { Duties } from '../duties.ts';
import type { Check, Finding } from './health.ts';
import type { LoopLag } from './loop-lag.ts';
import { beginLosses } from './measure/times.ts';

/** A local check takes a millisecond. */
const OWN_EVERY_MS = 5_000;
/** One call each. */
const PLATFORM_EVERY_MS = 30_000;
const BACKEND_EVERY_MS = 60_000;
/** Shorter network faults recover without a person. */
const REMOTE_PATIENCE_MS = 5 * 60_000;
/** A full or slow disk does not recover without a person. */
const STORE_PATIENCE_MS = 15_000;
const JOBS_PATIENCE_MS = 60_000;

/** Platforms wait three seconds for the answer to a press. */
const SLOW_WRITE_MS = 1_500;
/** A press must be answered within three seconds, or the person sees an error. */
const LAG_MAX_MS = 2_000;
/** At one card a second in each room, a morning's backlog is posted by then. */
const OLDEST_DUE_MAX_MS = 10 * 60_000;
/** A few cards are abandoned when the bot is removed from a room; more means a fault. */
const DEAD_MAX = 20;
/** Older ones do not count. */
export const DEAD_WINDOW_MS = 60 * 60_000;
/** Enough for a day of work. */
const DISK_FREE_MIN = 100 * 1024 * 1024;

const passed: Finding = { ok: true };

export interface CheckDeps {
  store: Pick<Store, 'setMeta' | 'stats' | 'waiting'>;
  /** The rule that applies, as a label. */
  routeOf: (rule: string) => string;
  platforms: ReadonlyMap<string, Platform>;
  backends: readonly Backend[];
  /** The result of the last poll, by backend. */
  reached: ReadonlyMap<string, Reach>;
  lag: LoopLag;
  /** Which backends another replica polls. Default: none. */
  duties?: Pick<Duties, 'isOurs'>;
  /** An operator's stop: decisions wait for its end. Default: it runs. */
  stopped?: () => unknown;
  clock: Clock;
  metrics: Metrics;
}

/** @param pace for tests: factor of every interval and patience; default 1 */
export function createChecks(deps: CheckDeps, pace = 1): readonly Check[] {
  const { platforms, backends, reached, duties } = deps;
  const isPolledHere = (backend: string) => duties?.isOurs(`watch:${backend}`) !== false;
  beginAtZero(deps);
  const watched = backends.filter(({ watch }) => watch !== undefined);
  const asked = backends.filter(({ check, watch }) => check !== undefined && watch === undefined);
  const checks = [
    storeCheck(deps),
    outboxCheck(deps),
    ...[...platforms.values()].map(platformCheck),
    ...asked.map(backendCheck),
    ...watched.map((backend) => polledCheck(backend, reached, isPolledHere)),
    loopCheck(deps.lag),
  ];
  return checks.map((check) => ({
    ...check,
    everyMs: check.everyMs * pace,
    patienceMs: check.patienceMs === null ? null : check.patienceMs * pace,
  }));
}

/** What is alerted when it rises, so that the first of it is a rise. */
function beginAtZero({ platforms, backends, metrics }: CheckDeps): void {
  for (const { name: backend } of backends) {
    metrics.count('runs_lost', { backend }, 0);
    metrics.count('approvals_over_limit', { backend }, 0);
  }
  for (const platform of platforms.keys()) metrics.count('alerts_unposted', { platform }, 0);
}

function bad(reason: string, advice: string): Finding {
  return { ok: false, reason, advice };
}

function storeCheck({ store, clock }: CheckDeps): Check {
  return {
    name: 'store',
    everyMs: OWN_EVERY_MS,
    patienceMs: STORE_PATIENCE_MS,
    async look() {
      const startedAt = clock.monotonic();
      try {
        await store.setMeta('probe', 'written');
      } catch (thrown) {
        const reason = `The database can’t be written: ${coerceError(thrown).message}. No press is recorded.`;
        return bad(reason, 'Check the disk of DATABASE_URL: it may be full, read-only or unmounted.');
      }
      const ms = Math.round(clock.monotonic() - startedAt);
      if (ms <= SLOW_WRITE_MS) return passed;
      return bad(
        `Writing to the database took ${ms} ms. Presses may be answered too late.`,
        'Check what else uses its disk.',
      );
    },
  };
}

function outboxCheck({ store, metrics, stopped, routeOf, clock }: CheckDeps): Check {
  return {
    name: 'outbox',
    everyMs: OWN_EVERY_MS,
    patienceMs: JOBS_PATIENCE_MS,
    async look() {
      const figures = await store.stats(DEAD_WINDOW_MS);
      show(figures, metrics);
      showWaiting(await store.waiting(), { metrics, routeOf, now: clock.now() });
      return judgeOutbox(figures, (stopped?.() ?? null) !== null);
    },
  };
}

/** Also for the doctor. */
export function judgeOutbox({ jobs, diskFree }: StoreStats, isStopped: boolean): Finding {
  if (diskFree !== null && diskFree < DISK_FREE_MIN) {
    const reason = `The disk of the database has ${Math.round(diskFree / 1024 / 1024)} MB left.`;
    return bad(reason, 'Free some space before nothing can be recorded.');
  }
  const dead = jobs.reduce((sum, { recentlyDead }) => sum + recentlyDead, 0);
  if (dead > DEAD_MAX) {
    return bad(
      `${dead} jobs were abandoned within an hour (more than ${DEAD_MAX}).`,
      'The log gives the reason of each (“job abandoned”). Fix the cause; “Try again” sends a decision again.',
    );
  }
  const moving = jobs.filter(({ kind }) => !(isStopped && kind === 'decide'));
  const oldest = Math.max(0, ...moving.map(({ oldestDueMs }) => oldestDueMs ?? 0));
  if (oldest > OLDEST_DUE_MAX_MS) {
    const reason = `The oldest job has waited for ${Math.round(oldest / 60_000)} minutes.`;
    return bad(
      reason,
      'A room or a backend is slower than the requests arrive. See the log for jobs that are retried.',
    );
  }
  return passed;
}

/** For /metrics: as old as the last look, so that a scrape does not read the database. */
function show({ approvals, jobs, diskFree, size }: StoreStats, metrics: Metrics): void {
  metrics.clear('approvals');
  for (const { backend, phase, count } of approvals) metrics.set('approvals', { backend, phase }, count);
  for (const { kind, waiting, due, running, dead, oldestDueMs } of jobs) {
    for (const [state, count] of Object.entries({ waiting, due, running, dead }))
      metrics.set('jobs', { kind, state }, count);
    metrics.set('oldest_due_job_seconds', { kind }, (oldestDueMs ?? 0) / 1000);
  }
  if (diskFree !== null) metrics.set('disk_free_bytes', {}, diskFree);
  for (const [file, bytes] of Object.entries(size ?? {})) metrics.set('database_bytes', { file }, bytes);
}

/** By rule; rules of earlier files are one. */
function showWaiting(
  found: readonly WaitingStats[],
  { metrics, routeOf, now }: Pick<CheckDeps, 'metrics' | 'routeOf'> & { now: number },
): void {
  for (const name of ['open_approvals', 'oldest_open_approval_seconds', 'signatures_missing'] as const)
    metrics.clear(name);
  const byRoute = Map.groupBy(found, ({ backend, rule }) => `${backend}\n${routeOf(rule)}`);
  for (const [key, all] of byRoute) {
    const [backend = '', route = ''] = key.split('\n');
    const sum = (of: 'count' | 'missing') => all.reduce((total, one) => total + one[of], 0);
    const since = Math.min(...all.map((one) => one.since));
    metrics.set('open_approvals', { backend, route }, sum('count'));
    metrics.set('oldest_open_approval_seconds', { backend, route }, Math.max(0, now - since) / 1000);
    metrics.set('signatures_missing', { backend, route }, sum('missing'));
    beginLosses(metrics, { backend, route });
  }
}

function platformCheck(platform: Platform): Check {
  return {
    name: platform.name,
    everyMs: PLATFORM_EVERY_MS,
    patienceMs: REMOTE_PATIENCE_MS,
    async look(signal) {
      try {
        await platform.check(signal);
        return passed;
      } catch (thrown) {
        const reason = `Cards and presses on this platform are delayed: ${coerceError(thrown).message}`;
        return bad(reason, 'If the reason names a setting, fix it; otherwise it is retried automatically.');
      }
    },
  };
}

function backendCheck(backend: Backend): Check {
  return {
    name: backend.name,
    everyMs: BACKEND_EVERY_MS,
    patienceMs: REMOTE_PATIENCE_MS,
    look: async (signal) => ofReach(await backend.check?.(signal)),
  };
}

/** Polling is frequent enough, and only it shows that pauses are seen. The replica that polls says what is wrong. */
function polledCheck(
  { name, title }: Backend,
  reached: ReadonlyMap<string, Reach>,
  isPolledHere: (backend: string) => boolean,
): Check {
  return {
    name,
    everyMs: OWN_EVERY_MS,
    patienceMs: REMOTE_PATIENCE_MS,
    async look() {
      if (!isPolledHere(name)) return passed;
      const reach = reached.get(name);
      if (reach === undefined) return bad(`${title}’s list was not read yet.`, 'Wait for the first poll.');
      return ofReach(reach);
    },
  };
}

function ofReach(reach: Reach | undefined): Finding {
  if (reach === undefined || reach.ok) return passed;
  return bad(reach.reason, 'If the reason names a setting, fix it. Decisions are kept, and sent when it is back.');
}

function loopCheck(lag: LoopLag): Check {
  return { name: 'event_loop', everyMs: OWN_EVERY_MS, patienceMs: null, look: async () => judgeLag(lag.worst()) };
}

/** Also for the liveness probe. @param ms the longest recent delay of the event loop */
export function judgeLag(ms: number): Finding {
  if (ms <= LAG_MAX_MS) return passed;
  const reason = `The process was blocked for ${Math.round(ms)} ms. Presses may have been answered too late.`;
  return bad(reason, 'If this continues, give it more CPU or memory, or restart it: recorded data is intact.');
}

export type JobCounts = Record<Job['kind'], number>;

/** Jobs that are left for the next start, by kind, without dead letters. */
export function jobsLeft({ jobs }: StoreStats): Partial<JobCounts> {
  return Object.fromEntries(jobs.map(({ kind, waiting, due, running }) => [kind, waiting + due + running]));
}
