/** The SQL functions of migration 12: what was approved before there was a table of it. Tested in test/store/sqlite/file/migrations.test.ts. */
import type { Database } from 'better-sqlite3';
import { approvalSchema } from '../../../core/approval/approval.ts';
import { precedentKeyOf } from '../../../core/approval/precedent.ts';
import { unpack } from '../../shared/pack.ts';

export function addPrecedentFunctions(db: Database): void {
  db.function('unpacked_state', (packed: unknown) => unpack<{ state: string }>(packed as Buffer).state);
  db.function('precedent_key', (state: unknown) => {
    const { success, data } = approvalSchema.safeParse(JSON.parse(String(state)));
    return success && data.phase === 'settled' ? precedentKeyOf(data) : null;
  });
}
