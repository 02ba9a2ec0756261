import type { Database } from 'better-sqlite3';
import type { Clock, RetentionLimits } from '../../../core/ports/ports.ts';
import type { Archive } from './archive.ts';

/** Of one slice, ms: presses wait for it, and nobody may notice. */
const SLICE_MS = 4;
/** Ids forgotten in one go: about a millisecond. */
const FORGET_AT_ONCE = 200;
/** Pages given back in one go; each may have to be moved first. */
const PAGES_AT_ONCE = 32;
/** Free pages are used again before the file grows. More than this part of it, and more than this many, is too much. */
const FREE_SHARE = 0.25;
const FREE_PAGES = 1_000;

/** @returns one slice of housekeeping, inside a transaction that the caller has opened: whether there is more to do */
export function createRetention(db: Database, archive: Archive, clock: Clock): (limits: RetentionLimits) => boolean {
  const forget = db.prepare<[number, number]>(
    'DELETE FROM inputs WHERE id IN (SELECT id FROM inputs WHERE at < ? ORDER BY at LIMIT ?)',
  );

  function giveBack(): boolean {
    const free = Number(db.pragma('freelist_count', { simple: true }));
    const all = Number(db.pragma('page_count', { simple: true }));
    if (free <= FREE_PAGES || free <= all * FREE_SHARE) return false;
    db.pragma(`incremental_vacuum(${PAGES_AT_ONCE})`);
    // A database from before it was kept this way has nothing that could be given back.
    return Number(db.pragma('freelist_count', { simple: true })) < free;
  }

  return ({ settledBefore, seenBefore }) => {
    const until = clock.monotonic() + SLICE_MS;
    const hasTime = () => clock.monotonic() < until;
    const through = settledBefore === null || archive.slice(settledBefore, hasTime).through;
    if (!through) return true;
    const { changes } = forget.run(seenBefore, FORGET_AT_ONCE);
    return changes === FORGET_AT_ONCE || giveBack();
  };
}
