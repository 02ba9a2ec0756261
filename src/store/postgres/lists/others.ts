import type { Reads } from '../rows.ts';
import * as sql from '../sql/audit.ts';

/**
 * Rows of the log that are looked at again: a row gets its id before its commit, and so can appear after one with a higher id.
 * All replicas together never have so many under way.
 */
const AGAIN = 2_000;
/** Rows of one look; what is more comes with the next. */
const AT_ONCE = 5_000;

/** Which approvals are changed from now on, by any replica. */
export function followOthers({ rows }: Pick<Reads, 'rows'>): () => Promise<readonly string[]> {
  let last: number | null = null;
  /** Those of the rows that are looked at again. */
  let seen = new Set<number>();

  return async () => {
    if (last === null) {
      const [found] = await rows<{ id: number }>(sql.lastAudit);
      last = found?.id ?? 0;
      const before = await rows<{ id: number }>(sql.changedSince, [last - AGAIN, AGAIN]);
      seen = new Set(before.map(({ id }) => id));
      return [];
    }
    const found = await rows<{ id: number; approval_id: string }>(sql.changedSince, [last - AGAIN, AT_ONCE]);
    const changed = new Set(found.flatMap(({ id, approval_id }) => (seen.has(id) ? [] : [approval_id])));
    last = Math.max(last, found.at(-1)?.id ?? 0);
    const from = last - AGAIN;
    seen = new Set(found.flatMap(({ id }) => (id > from ? [id] : [])));
    return [...changed];
  };
}
