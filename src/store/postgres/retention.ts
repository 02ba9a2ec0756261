/** Archiving and pruning, a slice a call. Tested in test/store/postgres/retention.test.ts. */
import type { RetentionLimits } from '../../core/ports/ports.ts';
import type { RawAudit } from '../shared/audit-rows.ts';
import { pack, unpack } from '../shared/pack.ts';
import { jobKey } from './keys.ts';
import type { Rows, Writes } from './rows.ts';
import * as sql from './sql/archive.ts';
import { pruneAudiences } from './sql/pending.ts';
import { pruneLanes } from './sql/rooms.ts';

/** Approvals that one slice looks at: some tens of ms, in which their rows are locked. */
const APPROVALS_AT_ONCE = 20;
/** Rows deleted at once: a few ms. */
const ROWS_AT_ONCE = 200;

interface Candidate {
  number: number;
  id: string;
  backend: string;
  run_key: string;
  group_key: string;
  settled_at: number;
  state: string;
}

type Key = Pick<Candidate, 'settled_at' | 'number'>;

const BEFORE_ALL: Key = { settled_at: Number.MIN_SAFE_INTEGER, number: 0 };

/**
 * Moves approvals that were settled long ago into the archive, each with its whole audit log, compressed to about a quarter.
 * Nothing is lost: a late press, a late delivery and an auditor find it as before. One that becomes active again is copied back.
 * @returns a function that returns whether there is more to do
 */
export function createRetention(writes: Writes): (limits: RetentionLimits) => Promise<boolean> {
  /** The last candidate of this sweep: one that can't be archived yet is checked once per sweep. */
  let after = BEFORE_ALL;

  return async ({ settledBefore, seenBefore }) => {
    if (settledBefore !== null) {
      const last = await writes.aside((rows) => archiveSlice(settledBefore, after, rows));
      after = last ?? BEFORE_ALL;
      if (last !== null) return true;
    }
    return writes.aside(async (rows) => {
      const inputs = await rows(sql.pruneInputs, [seenBefore, ROWS_AT_ONCE]);
      const audiences = await rows(pruneAudiences, [seenBefore, ROWS_AT_ONCE]);
      const lanes = await rows(pruneLanes, [seenBefore, ROWS_AT_ONCE]);
      return [inputs, audiences, lanes].some(({ length }) => length === ROWS_AT_ONCE);
    });
  };
}

/** @returns null: this sweep is complete */
async function archiveSlice(before: number, after: Key, rows: Rows): Promise<Key | null> {
  const values = [before, after.settled_at, after.number, APPROVALS_AT_ONCE];
  const candidates = await rows<Candidate>(sql.nextCandidates, values);
  for (const candidate of candidates) await archiveUnlessBusy(candidate, before, rows);
  return candidates.at(-1) ?? null;
}

async function archiveUnlessBusy(candidate: Candidate, before: number, rows: Rows): Promise<void> {
  const { id, backend, run_key, group_key, state } = candidate;
  const decideKey = jobKey('decide', groupOf(state), null);
  const values = [id, backend, run_key, before, decideKey];
  const [found] = await rows<{ busy: boolean; packed: Buffer | null }>(sql.examineCandidate, values);
  if (found === undefined || found.busy) return;
  const live = await rows<RawAudit & { seq: number }>(sql.auditToArchive, [id]);
  // It may have been archived before, and have become active again since.
  const earlier = found.packed === null ? [] : unpack<{ audit: RawAudit[] }>(found.packed).audit;
  const audit = [...earlier, ...live.map(({ seq: _, ...row }) => row)];
  const through = live.at(-1)?.seq ?? 0;
  await rows(sql.saveArchived, [id, group_key, through, pack({ state, audit })]);
  await rows(sql.deleteDeadDigestJobs, [id]);
  await rows(sql.deleteSentContents, [id]);
  await rows(sql.deleteArchivedAudit, [id, through]);
  await rows(sql.deleteApproval, [id]);
  await rows(sql.deleteJobs, [id]);
  await rows(sql.deleteDecideJob, [decideKey, group_key]);
}

function groupOf(state: string): string {
  return (JSON.parse(state) as { pause: { groupId: string } }).pause.groupId;
}
