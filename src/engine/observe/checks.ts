/** What the bot needs in order to work, each as one check with its limit, and what to do about it. */
import { coerceError } from '../../core/ports/errors.ts';
import type { Metrics } from '../../core/ports/metrics.ts';
import type { Backend, Clock, Job, Platform, Reach, Store } from '../../core/ports/ports.ts';
import type { StoreStats } from '../../core/ports/store.ts';
import type { Check, Finding } from './health.ts';
import type { LoopLag } from './loop-lag.ts';

/** Our own affairs cost a millisecond. */
const OWN_EVERY_MS = 5_000;
/** One call each: twice a minute is nothing to a platform, and soon enough to be told before people wonder. */
const PLATFORM_EVERY_MS = 30_000;
const BACKEND_EVERY_MS = 60_000;
/** Network faults shorter than this mend themselves; a person could only watch. */
const REMOTE_PATIENCE_MS = 5 * 60_000;
/** A disk that is full or slow does not mend itself. */
const STORE_PATIENCE_MS = 15_000;
const JOBS_PATIENCE_MS = 60_000;

/** A write that takes longer keeps people waiting: they have three seconds for a press. */
const SLOW_WRITE_MS = 1_500;
/** Presses are answered within three seconds, or the person sees an error. */
const LAG_MAX_MS = 2_000;
/** At a card a second in each room, a morning's backlog is gone by then. */
const OLDEST_DUE_MAX_MS = 10 * 60_000;
/** A few cards are given up where somebody leaves a room; more is something that should be mended. */
const DEAD_MAX = 20;
/** Those of yesterday do not keep it from being ready today. */
const DEAD_WINDOW_MS = 60 * 60_000;
/** Enough for a day of work at a pace that people can follow. */
const DISK_FREE_MIN = 100 * 1024 * 1024;

const well: Finding = { ok: true };

export interface CheckDeps {
  store: Pick<Store, 'setMeta' | 'stats'>;
  platforms: ReadonlyMap<string, Platform>;
  backends: readonly Backend[];
  /** What polling found, by backend. */
  reached: ReadonlyMap<string, Reach>;
  lag: LoopLag;
  clock: Clock;
  metrics: Metrics;
}

/** @param pace for tests: every interval and patience times this; default 1 */
export function createChecks(deps: CheckDeps, pace = 1): readonly Check[] {
  const { platforms, backends, reached } = deps;
  const watched = backends.filter(({ watch }) => watch !== undefined);
  const asked = backends.filter(({ check, watch }) => check !== undefined && watch === undefined);
  const checks = [
    storeCheck(deps),
    outboxCheck(deps),
    ...[...platforms.values()].map(platformCheck),
    ...asked.map(backendCheck),
    ...watched.map((backend) => polledCheck(backend, reached)),
    loopCheck(deps.lag),
  ];
  return checks.map((check) => ({
    ...check,
    everyMs: check.everyMs * pace,
    patienceMs: check.patienceMs === null ? null : check.patienceMs * pace,
  }));
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
        return bad(reason, 'Look at the disk of DATABASE_URL: is it full, read-only, or gone?');
      }
      const ms = Math.round(clock.monotonic() - startedAt);
      if (ms <= SLOW_WRITE_MS) return well;
      return bad(
        `Writing to the database took ${ms} ms. Presses may be answered too late.`,
        'Look what else uses its disk.',
      );
    },
  };
}

function outboxCheck({ store, metrics }: CheckDeps): Check {
  return {
    name: 'outbox',
    everyMs: OWN_EVERY_MS,
    patienceMs: JOBS_PATIENCE_MS,
    async look() {
      const figures = await store.stats(DEAD_WINDOW_MS);
      show(figures, metrics);
      return judge(figures);
    },
  };
}

function judge({ jobs, diskFree }: StoreStats): Finding {
  if (diskFree !== null && diskFree < DISK_FREE_MIN) {
    const reason = `The disk of the database has ${Math.round(diskFree / 1024 / 1024)} MB left.`;
    return bad(reason, 'Free some space before nothing can be recorded.');
  }
  const dead = jobs.reduce((sum, { recentlyDead }) => sum + recentlyDead, 0);
  if (dead > DEAD_MAX) {
    return bad(
      `${dead} jobs were given up within an hour (more than ${DEAD_MAX}).`,
      'The log says why of each (“job abandoned”). Fix the cause; decisions are sent again by “Try again”.',
    );
  }
  const oldest = Math.max(0, ...jobs.map(({ oldestDueMs }) => oldestDueMs ?? 0));
  if (oldest > OLDEST_DUE_MAX_MS) {
    const reason = `The oldest job has waited for ${Math.round(oldest / 60_000)} minutes for its turn.`;
    return bad(reason, 'A room or a backend is slower than what comes in. See the log for jobs that are tried again.');
  }
  return well;
}

/** What /metrics shows of it: as old as the last look, so that a scrape costs the database nothing. */
function show({ approvals, jobs, diskFree }: StoreStats, metrics: Metrics): void {
  metrics.clear('approvals');
  for (const { backend, phase, count } of approvals) metrics.set('approvals', { backend, phase }, count);
  for (const { kind, waiting, due, running, dead, oldestDueMs } of jobs) {
    for (const [state, count] of Object.entries({ waiting, due, running, dead }))
      metrics.set('jobs', { kind, state }, count);
    metrics.set('oldest_due_job_seconds', { kind }, (oldestDueMs ?? 0) / 1000);
  }
  if (diskFree !== null) metrics.set('disk_free_bytes', {}, diskFree);
}

function platformCheck(platform: Platform): Check {
  return {
    name: platform.name,
    everyMs: PLATFORM_EVERY_MS,
    patienceMs: REMOTE_PATIENCE_MS,
    async look(signal) {
      try {
        await platform.check(signal);
        return well;
      } catch (thrown) {
        const reason = `Cards and presses on this platform are held up: ${coerceError(thrown).message}`;
        return bad(reason, 'If the reason names a setting, mend that; if not, it is tried again by itself.');
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

/** Polling looks often enough by itself, and only that shows that pauses are seen. */
function polledCheck({ name, title }: Backend, reached: ReadonlyMap<string, Reach>): Check {
  return {
    name,
    everyMs: OWN_EVERY_MS,
    patienceMs: REMOTE_PATIENCE_MS,
    async look() {
      const reach = reached.get(name);
      if (reach === undefined) return bad(`${title}’s list was not read yet.`, 'Wait for the first look.');
      return ofReach(reach);
    },
  };
}

function ofReach(reach: Reach | undefined): Finding {
  if (reach === undefined || reach.ok) return well;
  return bad(reach.reason, 'If the reason names a setting, mend that. Presses are kept, and sent when it is back.');
}

function loopCheck(lag: LoopLag): Check {
  return { name: 'event_loop', everyMs: OWN_EVERY_MS, patienceMs: null, look: async () => judgeLag(lag.worst()) };
}

/** Also asked by the liveness probe, at the moment it comes. @param ms of the longest hold-up of late */
export function judgeLag(ms: number): Finding {
  if (ms <= LAG_MAX_MS) return well;
  const reason = `The process was held up for ${Math.round(ms)} ms. Presses may have been answered too late.`;
  return bad(
    reason,
    'If this goes on, give it more CPU or memory, or start it again: nothing that is recorded is lost.',
  );
}

export type JobCounts = Record<Job['kind'], number>;

/** Jobs that are left for the next start, by kind; what was given up is not. */
export function jobsLeft({ jobs }: StoreStats): Partial<JobCounts> {
  return Object.fromEntries(jobs.map(({ kind, waiting, due, running }) => [kind, waiting + due + running]));
}
