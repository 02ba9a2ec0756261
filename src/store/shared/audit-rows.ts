import type { FoundAudit } from '../../core/approval/audit.ts';
import type { Ignored } from '../../core/approval/inputs.ts';
import { parseExact } from '../../core/text/exact/parse.ts';

/** A row as it is stored. */
export interface RawAudit {
  id: number;
  at: number;
  approval_id: string;
  input: string;
  actor: string | null;
  facts: string;
  phase_from: string;
  phase_to: string;
  ignored: string | null;
}

export function toAuditRow(row: RawAudit): FoundAudit {
  return {
    id: row.id,
    at: row.at,
    approvalId: row.approval_id,
    input: row.input,
    actor: row.actor === null ? null : JSON.parse(row.actor),
    facts: parseExact(row.facts) as FoundAudit['facts'],
    from: row.phase_from,
    to: row.phase_to,
    ignored: row.ignored as Ignored | null,
  };
}
