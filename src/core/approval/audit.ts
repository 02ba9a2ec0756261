import type { Ignored } from './inputs.ts';
import type { Actor } from './parts/decision.ts';

export interface AuditNote {
  input: string;
  actor: Actor | null;
  /** Further facts worth keeping; no parameters, no secrets. */
  facts: Record<string, unknown>;
}

/** A row of the audit log. */
export interface AuditRow extends AuditNote {
  at: number;
  approvalId: string;
  from: string;
  to: string;
  ignored: Ignored | null;
}

/** A row as a search finds it. */
export interface FoundAudit extends AuditRow {
  /** Rises with each row that is written; a row keeps it in the archive. */
  id: number;
}
