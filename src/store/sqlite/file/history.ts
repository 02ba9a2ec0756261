/**
 * Reads the approvals of a database without changing it, also while the bot runs: for commands that explain and compare.
 * Tested in test/store/sqlite/file/history.test.ts.
 */
import { existsSync } from 'node:fs';
import Database from 'better-sqlite3';
import { type Approval, approvalSchema } from '../../../core/approval/approval.ts';
import { SetupError } from '../../../core/ports/errors.ts';
import type { RecordKind } from '../../../core/ports/store.ts';
import { parseExact } from '../../../core/text/exact/parse.ts';
import { unpack } from '../../shared/pack.ts';
import { listGroup } from '../sql/approvals.ts';
import { listArchivedGroup } from '../sql/archive.ts';
import { setupError } from './errors.ts';
import { checkIsOurs, checkNotNewer, readable } from './integrity.ts';
import { migrations } from './migrations.ts';

export interface History {
  /** Archived ones included. @param id its own, or the one that its asker knows it by */
  find(id: string): Approval | null;
  /** Those that were asked since, the oldest first. @param since ms since 1970 */
  since(since: number): Approval[];
  /** What is stored of a kind beside the approvals, oldest first, by its JSON. */
  records(kind: RecordKind): unknown[];
  close(): void;
}

/** @throws SetupError that says what to do */
export function openHistory(file: string): History {
  if (!existsSync(file)) {
    throw new SetupError(
      `There is no database at ${file}. Set DATABASE_URL to the bot's value, or run this in the bot's folder.`,
    );
  }
  let db: Database.Database | undefined;
  try {
    db = new Database(file, { readonly: true, fileMustExist: true });
    if (checkIsOurs(readable(db), file)) throw new SetupError(`The database ${file} is empty.`);
    checkNotNewer(readable(db), file, migrations.length);
    if (Number(db.pragma('user_version', { simple: true })) < migrations.length) {
      throw new SetupError(`The database ${file} was written by an older Countersign. Start this version on it first.`);
    }
    return historyIn(db);
  } catch (thrown) {
    db?.close();
    throw thrown instanceof SetupError ? thrown : setupError(file, thrown);
  }
}

function historyIn(db: Database.Database): History {
  const live = db.prepare<[string], string>('SELECT state FROM approvals WHERE id = ?').pluck();
  const archived = db.prepare<[string], Buffer>('SELECT packed FROM archive WHERE id = ?').pluck();
  const liveGroup = db.prepare<[string], string>(listGroup).pluck();
  const archivedGroup = db.prepare<[string], string>(listArchivedGroup).pluck();
  const allLive = db.prepare<[number], string>('SELECT state FROM approvals WHERE created_at >= ?').pluck();
  const allArchived = db.prepare<[], Buffer>('SELECT packed FROM archive').pluck();
  const records = db
    .prepare<[string], string>('SELECT value FROM policy_records WHERE kind = ? ORDER BY at, rowid')
    .pluck();
  const stateOf = (id: string) => {
    const packed = live.get(id) ?? archived.get(id);
    return packed === undefined || typeof packed === 'string' ? packed : stateIn(packed);
  };
  return {
    find(id) {
      // An item of the inbox, and an approval of Runtype, is a group of its own.
      const groups = [id, `approval:${id}`];
      const [known = id] =
        stateOf(id) === undefined ? groups.flatMap((one) => [...liveGroup.all(one), ...archivedGroup.all(one)]) : [];
      const state = stateOf(known);
      return state === undefined ? null : parse(state);
    },
    since(since) {
      // One that became active again is in both; the live one is newer.
      const found = new Map<string, Approval>();
      const snapshot = db.transaction(() => [...allArchived.all().map(stateIn), ...allLive.all(since)]);
      for (const state of snapshot()) {
        const approval = parse(state);
        if (approval.createdAt >= since) found.set(approval.id, approval);
      }
      return [...found.values()].sort((one, other) => one.askedAt - other.askedAt);
    },
    records: (kind) => records.all(kind).map(parseExact),
    close: () => db.close(),
  };
}

function stateIn(packed: Buffer): string {
  return unpack<{ state: string }>(packed).state;
}

function parse(state: string): Approval {
  return approvalSchema.parse(parseExact(state));
}
