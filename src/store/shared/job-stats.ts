import type { Job } from '../../core/ports/ports.ts';
import type { JobStats } from '../../core/ports/store.ts';

const kinds: Record<Job['kind'], null> = { draw: null, decide: null, wake: null };

/** One entry for each kind, also for those without jobs. A kind that is not known is left out. */
export function jobStatsOf(counted: readonly (Pick<JobStats, 'kind'> & Partial<JobStats>)[]): JobStats[] {
  const found = new Map<string, JobStats>(
    Object.keys(kinds).map((kind) => [
      kind,
      { kind: kind as Job['kind'], waiting: 0, due: 0, running: 0, dead: 0, recentlyDead: 0, oldestDueMs: null },
    ]),
  );
  for (const row of counted) {
    const known = found.get(row.kind);
    if (known !== undefined) found.set(row.kind, { ...known, ...row });
  }
  return [...found.values()];
}
