import { stat, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Database } from 'better-sqlite3';
import type { JobStats, Store, StoreStats, WaitingStats } from '../../core/ports/store.ts';
import { jobStatsOf } from '../shared/job-stats.ts';
import type { PhaseCounts } from './cache/phase-counts.ts';
import type { GroupCommit } from './group-commit.ts';
import * as sql from './sql/stats.ts';

/** Counts approvals and jobs. */
export function createStats(
  db: Database,
  { file, phases, commits, now }: { file: string; phases: PhaseCounts; commits: GroupCommit; now: () => number },
): Pick<Store, 'stats' | 'waiting'> {
  const live = db.prepare<[{ now: number }], Omit<JobStats, 'dead' | 'recentlyDead'>>(sql.countLiveJobs);
  const dead = db.prepare<[{ since: number }], Pick<JobStats, 'kind' | 'dead' | 'recentlyDead'>>(sql.countDeadJobs);
  const waiting = db.prepare<[], WaitingStats>(sql.countWaiting);

  function counted(deadWithinMs: number): Pick<StoreStats, 'approvals' | 'jobs'> {
    const at = now();
    const jobs = jobStatsOf([...live.all({ now: at }), ...dead.all({ since: at - deadWithinMs })]);
    return { approvals: phases.all(), jobs };
  }

  return {
    stats: async (deadWithinMs) => ({
      ...commits.read(() => counted(deadWithinMs)),
      diskFree: await freeBytes(file),
      size: await sizeOf(file),
    }),
    waiting: async () => commits.read(() => waiting.all()),
  };
}

/** Bytes that this process may still write (part of a disk may be reserved for root); null for a database in memory. */
export async function freeBytes(file: string): Promise<number | null> {
  if (file === ':memory:') return null;
  const { bavail, bsize } = await statfs(dirname(file));
  return bavail * bsize;
}

/** Of the file and of its log of changes; null for a database in memory. */
async function sizeOf(file: string): Promise<StoreStats['size']> {
  if (file === ':memory:') return null;
  const sizes = [file, `${file}-wal`].map(async (one) => (await stat(one).catch(() => null))?.size ?? 0);
  const [main = 0, wal = 0] = await Promise.all(sizes);
  return { main, wal };
}
