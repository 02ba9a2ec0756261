/** The approvals in PostgreSQL, read beside a bot, which may be running. Tested in test/cli/policy/on-postgres.test.ts. */
import type { Approval } from '../../../core/approval/approval.ts';
import { SetupError, StoreError } from '../../../core/ports/errors.ts';
import type { RecordKind } from '../../../core/ports/store.ts';
import { parseExact } from '../../../core/text/exact/parse.ts';
import { listSince } from '../sql/lists.ts';
import { listRecords } from '../sql/records.ts';
import { approvalsOf, type Stored } from '../stored.ts';
import { openAuditDatabase } from './audit-database.ts';

export interface DatabaseHistory {
  /** Archived ones included. @param id its own, or the one that its asker knows it by */
  find(id: string): Promise<Approval | null>;
  /** Those that were asked since, the oldest first. @param since ms since 1970 */
  since(since: number): Promise<Approval[]>;
  /** What is stored of a kind beside the approvals, oldest first, by its JSON. */
  records(kind: RecordKind): Promise<unknown[]>;
  close(): Promise<void>;
}

/** @throws SetupError that says what to do */
export async function openDatabaseHistory(connectionString: string): Promise<DatabaseHistory> {
  const { idOf, get, rows, close } = await openAuditDatabase(connectionString);
  return {
    find: (given) =>
      readable(async () => {
        const id = await idOf(given);
        return id === null ? null : get(id);
      }),
    since: (since) =>
      readable(async () => {
        const found = approvalsOf(await rows<Stored>(listSince, [since]));
        return found.filter(({ createdAt }) => createdAt >= since).sort((one, other) => one.askedAt - other.askedAt);
      }),
    async records(kind) {
      const found = await rows<{ kind: string | null; value: string }>(listRecords);
      return found.flatMap((record) => (record.kind === kind ? [parseExact(record.value)] : []));
    },
    close,
  };
}

/** What the database or an approval of a newer version is refused with is for the operator to read. */
async function readable<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (thrown) {
    throw thrown instanceof StoreError ? new SetupError(thrown.message, { cause: thrown }) : thrown;
  }
}
