/** Tested in test/store/sqlite/index.test.ts. */
import type { Database } from 'better-sqlite3';
import type { Clock } from '../../core/ports/ports.ts';
import { POLICY_AUDIT_ID, type PolicyRecords, type RecordKind, recordKinds } from '../../core/ports/store.ts';
import type { Audit } from './audit.ts';
import type { GroupCommit } from './group-commit.ts';
import * as sql from './sql/records.ts';

interface Row {
  kind: string;
  id: string;
  value: string;
  at: number;
}

/** One record, inside a transaction. */
export class RecordTable {
  readonly #save;
  readonly #find;

  constructor(db: Database) {
    this.#save = db.prepare<[string, string, string, number]>(sql.saveRecord);
    this.#find = db.prepare<[string, string], string>(sql.findRecord).pluck();
  }

  /** Undefined: there is none. */
  get(kind: RecordKind, id: string): unknown {
    const value = this.#find.get(kind, id);
    return value === undefined ? undefined : JSON.parse(value);
  }

  save(kind: RecordKind, id: string, value: unknown, now: number): void {
    this.#save.run(kind, id, JSON.stringify(value), now);
  }
}

/** What operators and reviewers set while the bot runs. */
export function createRecords(deps: {
  db: Database;
  table: RecordTable;
  commits: GroupCommit;
  audit: Audit;
  clock: Clock;
}): PolicyRecords {
  const { db, table, commits, audit, clock } = deps;
  const remove = db.prepare<[string, string]>(sql.deleteRecord);
  const list = db.prepare<[], Row>(sql.listRecords);
  const append = (note: Parameters<PolicyRecords['put']>[1]) =>
    audit.append(POLICY_AUDIT_ID, note, ['none', 'none'], null, clock.now());

  return {
    async put({ kind, id, value }, note) {
      await commits.run(() => {
        table.save(kind, id, value, clock.now());
        append(note);
      });
    },
    delete: (kind, id, note) =>
      commits.run(() => {
        const isDeleted = remove.run(kind, id).changes > 0;
        if (isDeleted) append(note);
        return isDeleted;
      }),
    list: async () =>
      commits.read(() =>
        list
          .all()
          .flatMap(({ kind, value, ...row }) =>
            isKnown(kind) ? [{ ...row, kind, value: JSON.parse(value) as unknown }] : [],
          ),
      ),
    // No other process writes to this file.
    onElsewhere() {},
    refresh: async () => {},
  };
}

/** A later version may have written others; they are left alone. */
function isKnown(kind: string): kind is RecordKind {
  return recordKinds.some((known) => known === kind);
}
