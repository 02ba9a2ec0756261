import type { JobStats, Store, StoreStats, WaitingStats } from '../../core/ports/store.ts';
import { jobStatsOf } from '../shared/job-stats.ts';
import type { Reads } from './rows.ts';
import * as sql from './sql/stats.ts';

type Counts = StoreStats['approvals'][number];

/** Counts approvals and jobs. @param now by the clock of the outbox */
export function createStats({ rows, snapshot }: Reads, now: () => number): Pick<Store, 'stats' | 'waiting'> {
  return {
    stats: (deadWithinMs) =>
      snapshot(async (seen) => {
        const at = now();
        const approvals = await seen<Counts>(sql.countApprovals);
        const live = await seen<Omit<JobStats, 'dead' | 'recentlyDead'>>(sql.countLiveJobs, [at]);
        const dead = await seen<Pick<JobStats, 'kind' | 'dead' | 'recentlyDead'>>(sql.countDeadJobs, [
          at - deadWithinMs,
        ]);
        return { approvals, jobs: jobStatsOf([...live, ...dead]), diskFree: null, size: null };
      }),
    waiting: () => rows<WaitingStats>(sql.countWaiting),
  };
}
