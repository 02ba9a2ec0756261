/** Tested in test/store/sqlite/index.test.ts. */
import type { Database } from 'better-sqlite3';
import type { AuditNote, FoundAudit } from '../../core/approval/audit.ts';
import type { Ignored } from '../../core/approval/inputs.ts';
import { parseExact } from '../../core/text/exact/parse.ts';
import type { AuditLog, RawAudit } from './retention/archive.ts';
import * as sql from './sql/audit.ts';

/** The audit log without its archived part. */
export class Audit implements AuditLog {
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
