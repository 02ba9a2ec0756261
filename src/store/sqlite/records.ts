import type { Database } from 'better-sqlite3';
import type { Clock } from '../../core/ports/ports.ts';
import { POLICY_AUDIT_ID, type PolicyRecords, type RecordKind, recordKinds } from '../../core/ports/store.ts';
import type { Audit } from './approvals.ts';
import type { GroupCommit } from './group-commit.ts';
import * as sql from './sql/records.ts';

interface Row {
  kind: string;
  id: string;
  value: string;
  at: number;
}

/** What operators and reviewers set while the bot runs. */
export function createRecords(deps: { db: Database; commits: GroupCommit; audit: Audit; clock: Clock }): PolicyRecords {
  const { db, commits, audit, clock } = deps;
  const save = db.prepare<[string, string, string, number]>(sql.saveRecord);
  const remove = db.prepare<[string, string]>(sql.deleteRecord);
  const list = db.prepare<[], Row>(sql.listRecords);
  const append = (note: Parameters<PolicyRecords['put']>[1]) =>
    audit.append(POLICY_AUDIT_ID, note, ['none', 'none'], null, clock.now());

  return {
    async put({ kind, id, value }, note) {
      await commits.run(() => {
        save.run(kind, id, JSON.stringify(value), clock.now());
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
  };
}

/** A later version may have written others; they are left alone. */
function isKnown(kind: string): kind is RecordKind {
  return recordKinds.some((known) => known === kind);
}
