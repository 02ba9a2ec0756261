import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Database } from 'better-sqlite3';
import type { Approval } from '../../core/approval/approval.ts';
import type { Job } from '../../core/ports/ports.ts';
import type { JobStats, StoreStats } from '../../core/ports/store.ts';

const kinds: Record<Job['kind'], null> = { draw: null, decide: null, wake: null };

/** Counts what there is to do; from indexes only, so that it costs little however long the history is. */
export function createStats(db: Database): (now: number, deadWithinMs: number) => Omit<StoreStats, 'diskFree'> {
  const approvals = db.prepare<[], { backend: string; phase: Approval['phase']; count: number }>(`
    SELECT backend, phase, count(*) AS count FROM approvals WHERE phase <> 'settled' GROUP BY backend, phase`);
  const live = db.prepare<[{ now: number }], Omit<JobStats, 'dead' | 'recentlyDead'>>(`
    SELECT kind,
      count(*) FILTER (WHERE locked_by IS NULL AND run_at > @now) AS waiting,
      count(*) FILTER (WHERE locked_by IS NULL AND run_at <= @now) AS due,
      count(*) FILTER (WHERE locked_by IS NOT NULL) AS running,
      @now - min(run_at) FILTER (WHERE locked_by IS NULL AND run_at <= @now) AS oldestDueMs
    FROM jobs WHERE dead_at IS NULL GROUP BY kind`);
  const dead = db.prepare<[{ since: number }], { kind: Job['kind']; dead: number; recentlyDead: number }>(`
    SELECT kind, count(*) AS dead, count(*) FILTER (WHERE dead_at >= @since) AS recentlyDead
    FROM jobs WHERE dead_at IS NOT NULL GROUP BY kind`);

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
    return { approvals: approvals.all(), jobs: [...found.values()] };
  };
}

/** Bytes that this process may use (some of a disk is kept for root); null where there is no disk. */
export async function freeBytes(file: string): Promise<number | null> {
  if (file === ':memory:') return null;
  const { bavail, bsize } = await statfs(dirname(file));
  return bavail * bsize;
}
