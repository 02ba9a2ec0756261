/** Tested in test/store/sqlite/index.test.ts. */
import type { Database } from 'better-sqlite3';
import type { AuditNote } from '../../core/approval/audit.ts';
import type { Ignored } from '../../core/approval/inputs.ts';
import type { RawAudit } from '../shared/audit-rows.ts';
import type { AuditLog } from './retention/archive.ts';
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
