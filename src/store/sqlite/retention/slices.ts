import type { Database } from 'better-sqlite3';
import type { Clock, RetentionLimits } from '../../../core/ports/ports.ts';
import { pruneInputs } from '../sql/approvals.ts';
import { pruneLanes } from '../sql/rooms.ts';
import type { Archive } from './archive.ts';

/** Duration of one slice, ms. Presses wait for it, so it must stay unnoticeable. */
const SLICE_MS = 4;
/** Input ids and lanes deleted at once: about a millisecond each. */
const ROWS_AT_ONCE = 200;
/** Pages returned to the disk at once; each may have to be moved first. */
const PAGES_AT_ONCE = 32;
/** The file shrinks when its free pages are more than this share of it, and more than this many. */
const FREE_SHARE = 0.25;
const FREE_PAGES = 1_000;

/**
 * One slice of archiving and pruning. Must be called inside a transaction.
 * @returns a function that returns whether there is more to do
 */
export function createRetention(db: Database, archive: Archive, clock: Clock): (limits: RetentionLimits) => boolean {
  const prune = db.prepare<[number, number]>(pruneInputs);
  const forgetLanes = db.prepare<[{ before: number; limit: number }]>(pruneLanes);

  function shrinkFile(): boolean {
    const free = Number(db.pragma('freelist_count', { simple: true }));
    const all = Number(db.pragma('page_count', { simple: true }));
    if (free <= FREE_PAGES || free <= all * FREE_SHARE) return false;
    db.pragma(`incremental_vacuum(${PAGES_AT_ONCE})`);
    // A database that was created without incremental vacuum can't shrink.
    return Number(db.pragma('freelist_count', { simple: true })) < free;
  }

  return ({ settledBefore, seenBefore }) => {
    const until = clock.monotonic() + SLICE_MS;
    const hasTime = () => clock.monotonic() < until;
    const complete = settledBefore === null || archive.slice(settledBefore, hasTime).complete;
    if (!complete) return true;
    const inputs = prune.run(seenBefore, ROWS_AT_ONCE);
    const lanes = forgetLanes.run({ before: seenBefore, limit: ROWS_AT_ONCE });
    return inputs.changes === ROWS_AT_ONCE || lanes.changes === ROWS_AT_ONCE || shrinkFile();
  };
}
