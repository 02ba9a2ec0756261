import type { Ignored } from './inputs.ts';
import type { Actor } from './parts/decision.ts';

export interface AuditNote {
  input: string;
  actor: Actor | null;
  /** Further facts worth keeping; no parameters, no secrets. */
  facts: Record<string, unknown>;
}

export interface AuditRow extends AuditNote {
  at: number;
  approvalId: string;
  from: string;
  to: string;
  ignored: Ignored | null;
}
