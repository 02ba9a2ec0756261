/** The audit log of a bot on PostgreSQL, which may be running. Tested in test/cli/audit-database.test.ts. */
import { SetupError } from '../../../core/ports/errors.ts';
import type { Log } from '../../../core/ports/ports.ts';
import { POLICY_AUDIT_ID, type Store } from '../../../core/ports/store.ts';
import { Pool } from '../connection/pool.ts';
import { shortKey } from '../keys.ts';
import type { Rows } from '../rows.ts';
import { findLog, idsOfGroup, isKnownId } from '../sql/audit.ts';
import { createLists } from './approvals.ts';
import { createAuditReads } from './audit-search.ts';

export interface AuditDatabase extends Pick<Store, 'audit' | 'searchAudit' | 'get'> {
  /** The ID of an approval by this one, or by the one that its asker knows it by; null: there is none. */
  idOf(given: string): Promise<string | null>;
  rows: Rows;
  close(): Promise<void>;
}

const nothing = () => {};
const silent: Log = { debug: nothing, info: nothing, warn: nothing, error: nothing, child: () => silent };

/** @throws SetupError that says what to do */
export async function openAuditDatabase(connectionString: string): Promise<AuditDatabase> {
  const pool = new Pool({ connectionString, log: silent });
  try {
    const [found] = await pool.rows<{ name: string | null }>(findLog);
    if (found?.name == null)
      throw new SetupError('The database of DATABASE_URL is empty: no bot has written to it yet.');
  } catch (thrown) {
    await pool.close();
    if (thrown instanceof SetupError) throw thrown;
    throw new SetupError(`DATABASE_URL: ${(thrown as Error).message}. Check that PostgreSQL runs and can be reached.`, {
      cause: thrown,
    });
  }
  return {
    async idOf(given) {
      if (given === POLICY_AUDIT_ID || (await pool.rows(isKnownId, [given])).length > 0) return given;
      // An item of the inbox, and an approval of Runtype, is a group of its own.
      const keys = [given, `approval:${given}`].map(shortKey);
      const [first] = await pool.rows<{ id: string }>(idsOfGroup, [keys]);
      return first?.id ?? null;
    },
    ...createAuditReads(pool),
    get: createLists(pool).get,
    rows: (sql, values) => pool.rows(sql, values),
    close: () => pool.close(),
  };
}
