import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Database } from 'better-sqlite3';
import type { Job } from '../../core/ports/ports.ts';
import type { JobStats, StoreStats } from '../../core/ports/store.ts';
import type { PhaseCounts } from './cache/phase-counts.ts';
import * as sql from './sql/stats.ts';

const kinds: Record<Job['kind'], null> = { draw: null, decide: null, wake: null };

/** Counts approvals and jobs. */
export function createStats(
  db: Database,
  phases: PhaseCounts,
): (now: number, deadWithinMs: number) => Omit<StoreStats, 'diskFree'> {
  const live = db.prepare<[{ now: number }], Omit<JobStats, 'dead' | 'recentlyDead'>>(sql.countLiveJobs);
  const dead = db.prepare<[{ since: number }], Pick<JobStats, 'kind' | 'dead' | 'recentlyDead'>>(sql.countDeadJobs);

  return (now, deadWithinMs) => {
    const found = new Map<string, JobStats>(
      Object.keys(kinds).map((kind) => [
        kind,
        { kind: kind as Job['kind'], waiting: 0, due: 0, running: 0, dead: 0, recentlyDead: 0, oldestDueMs: null },
      ]),
    );
    for (const row of [...live.all({ now }), ...dead.all({ since: now - deadWithinMs })]) {
      const known = found.get(row.kind);
      if (known !== undefined) found.set(row.kind, { ...known, ...row });
    }
    return { approvals: phases.all(), jobs: [...found.values()] };
  };
}

/** Bytes that this process may still write (part of a disk may be reserved for root); null for a database in memory. */
export async function freeBytes(file: string): Promise<number | null> {
  if (file === ':memory:') return null;
  const { bavail, bsize } = await statfs(dirname(file));
  return bavail * bsize;
}
