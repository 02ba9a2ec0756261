/** The SQL functions of migration 13: what waited before there was a table of it. Tested in test/store/sqlite/file/migrations.test.ts. */
import type { Database } from 'better-sqlite3';
import { approvalSchema } from '../../../core/approval/approval.ts';
import { parseExact } from '../../../core/text/exact/parse.ts';
import { audienceText, pendingRowOf } from '../../../core/view/lists/audience.ts';

export function addPendingFunctions(db: Database): void {
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
