import type { Database } from 'better-sqlite3';
import type { AuditNote, AuditRow } from '../../core/approval/audit.ts';
import type { Ignored } from '../../core/approval/inputs.ts';
import * as sql from './sql/audit.ts';

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

/** The audit log without its archived part. */
export class Audit {
  readonly #append;
  readonly #read;

  constructor(db: Database) {
    this.#append = db.prepare(sql.appendAudit);
    this.#read = db.prepare<[string], RawAudit>(sql.readAudit);
  }

  append(approvalId: string, note: AuditNote, phases: readonly [string, string], ignored: Ignored | null, at: number) {
    const actor = note.actor === null ? null : JSON.stringify(note.actor);
    this.#append.run(at, approvalId, note.input, actor, JSON.stringify(note.facts), ...phases, ignored);
  }

  /** Oldest first. */
  of(approvalId: string): RawAudit[] {
    return this.#read.all(approvalId);
  }
}

export function toAuditRow(row: RawAudit): AuditRow {
  return {
    at: row.at,
    approvalId: row.approval_id,
    input: row.input,
    actor: row.actor === null ? null : JSON.parse(row.actor),
    facts: JSON.parse(row.facts),
    from: row.phase_from,
    to: row.phase_to,
    ignored: row.ignored as Ignored | null,
  };
}
