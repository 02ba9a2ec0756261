import type { Clock } from '../../core/ports/ports.ts';
import { POLICY_AUDIT_ID, type PolicyRecords, type RecordKind, recordKinds } from '../../core/ports/store.ts';
import type { AppendAudit, Reads, Writes } from './rows.ts';
import * as sql from './sql/records.ts';

interface Row {
  kind: string;
  id: string;
  value: string;
  at: number;
}

/** What operators and reviewers set while the bot runs. */
export function createRecords(deps: {
  reads: Reads;
  writes: Writes;
  appendAudit: AppendAudit;
  clock: Clock;
}): PolicyRecords {
  const { reads, writes, appendAudit, clock } = deps;

  return {
    async put({ kind, id, value }, note) {
      await writes.run(async (written) => {
        await written(sql.putRecord, [kind, id, JSON.stringify(value), clock.now()]);
        await appendAudit(written, POLICY_AUDIT_ID, note, clock.now());
      });
    },
    delete: (kind, id, note) =>
      writes.run(async (written) => {
        const deleted = await written(sql.deleteRecord, [kind, id]);
        if (deleted.length > 0) await appendAudit(written, POLICY_AUDIT_ID, note, clock.now());
        return deleted.length > 0;
      }),
    list: async () =>
      (await reads.rows<Row>(sql.listRecords)).flatMap(({ kind, value, ...row }) =>
        isKnown(kind) ? [{ ...row, kind, value: JSON.parse(value) as unknown }] : [],
      ),
  };
}

/** A later version may have written others; they are left alone. */
function isKnown(kind: string): kind is RecordKind {
  return recordKinds.some((known) => known === kind);
}
