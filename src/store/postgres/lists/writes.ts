/**
 * What a commit writes so that the lists follow it: what waits for people, the lines of digests, and precedents. Tested in
 * test/store/postgres/query-plans.test.ts.
 */
import { createHash } from 'node:crypto';
import type { Approval } from '../../../core/approval/approval.ts';
import { precedentKeyOf } from '../../../core/approval/precedent.ts';
import { isPending } from '../../../core/view/lists/audience.ts';
import { type PendingColumns, pendingColumnsOf } from '../../shared/columns.ts';
import { shortKey } from '../keys.ts';
import { addDigestMembers, savePrecedents } from '../sql/lists.ts';
import * as sql from '../sql/pending.ts';

/** A change of an approval as its commit writes it. */
export interface Written {
  state: Approval;
  /** What the database has; null: nothing. */
  base: Approval | null;
}

export interface Statement {
  sql: string;
  values: readonly unknown[];
}

/**
 * The statements, in this order. Most changes of an approval change nothing here, and write nothing.
 * @param written each approval at most once, in order of arrival
 */
export function listWrites(written: readonly Written[], now: number): Statement[] {
  // Two replicas write in the same order, and so never wait for each other in a circle.
  const inOrder = written.toSorted((one, other) => (one.state.id < other.state.id ? -1 : 1));
  return [...goneFrom(inOrder), ...waitingOf(inOrder, now), ...membersOf(written), ...precedentsOf(inOrder)];
}

function goneFrom(written: readonly Written[]): Statement[] {
  const ids = written
    .filter(({ state, base }) => base !== null && isPending(base) && !isPending(state))
    .map(({ state }) => state.id);
  return ids.length === 0 ? [] : [{ sql: sql.deletePending, values: [ids] }];
}

function waitingOf(written: readonly Written[], now: number): Statement[] {
  const saved = written.flatMap(({ state, base }) => {
    const row = pendingColumnsOf(state);
    return row === null || isSame(row, base) ? [] : [{ id: state.id, ...row, hash: hashOf(row.audience) }];
  });
  if (saved.length === 0) return [];
  const texts = [...new Map(saved.map(({ hash, audience }) => [hash, audience]))];
  texts.sort(([one], [other]) => (one < other ? -1 : 1));
  return [
    { sql: sql.addAudiences, values: [texts.map(([hash]) => hash), texts.map(([, text]) => text), now] },
    {
      sql: sql.savePending,
      values: [
        saved.map(({ id }) => id),
        saved.map(({ endAt }) => endAt),
        saved.map(({ askedAt }) => askedAt),
        saved.map(({ hash }) => hash),
        saved.map(({ names }) => names),
      ],
    },
  ];
}

function membersOf(written: readonly Written[]): Statement[] {
  const added = written.flatMap(({ state, base }) =>
    Object.entries(state.slots).flatMap(([name, { digest }]) =>
      digest === undefined || digest.id === base?.slots[name]?.digest?.id ? [] : [{ digest: digest.id, id: state.id }],
    ),
  );
  if (added.length === 0) return [];
  return [{ sql: addDigestMembers, values: [added.map(({ digest }) => digest), added.map(({ id }) => id)] }];
}

function precedentsOf(written: readonly Written[]): Statement[] {
  const saved = written.flatMap(({ state, base }) => {
    const key = precedentKeyOf(state);
    const { id, settledAt } = state;
    if (key === null || settledAt === null) return [];
    const isSaved = base !== null && base.settledAt === settledAt && precedentKeyOf(base) === key;
    return isSaved ? [] : [{ id, key: shortKey(key), settledAt }];
  });
  if (saved.length === 0) return [];
  const values = [saved.map(({ id }) => id), saved.map(({ key }) => key), saved.map(({ settledAt }) => settledAt)];
  return [{ sql: savePrecedents, values }];
}

function isSame(row: PendingColumns, base: Approval | null): boolean {
  const known = base === null ? null : pendingColumnsOf(base);
  if (known === null) return false;
  const isSameName = known.audience === row.audience && known.names === row.names;
  return isSameName && known.endAt === row.endAt && known.askedAt === row.askedAt;
}

function hashOf(audience: string): string {
  return createHash('sha256').update(audience).digest('base64url');
}
