/** The SQL functions of migrations 13 and 16: what waited before there were a table and an index of it. Tested in test/store/sqlite/file/migrations.test.ts. */
import type { Database } from 'better-sqlite3';
import { approvalSchema } from '../../../core/approval/approval.ts';
import { missingSignatures } from '../../../core/approval/steps/signing/acts.ts';
import { parseExact } from '../../../core/text/exact/parse.ts';
import { audienceText, pendingRowOf } from '../../../core/view/lists/audience.ts';

export function addPendingFunctions(db: Database): void {
  db.function('missing_signatures', (state: unknown) => {
    const { success, data } = approvalSchema.safeParse(parseExact(String(state)));
    return success ? missingSignatures(data) : 0;
  });
  db.function('pending_row', (state: unknown) => {
    const { success, data } = approvalSchema.safeParse(parseExact(String(state)));
    const row = success ? pendingRowOf(data) : null;
    if (row === null) return null;
    const { endAt, askedAt, audience, names } = row;
    // JSON has no infinity; SQLite reads this as one.
    const end = Number.isFinite(endAt) ? endAt : '9e999';
    return JSON.stringify([end, askedAt, audienceText(audience), JSON.stringify([names.deciders, names.others])]);
  });
}
