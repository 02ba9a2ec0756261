/** Tested in test/store/sqlite/index.test.ts. */
import type { Database } from 'better-sqlite3';
import { type Approval, approvalSchema } from '../../core/approval/approval.ts';
import type { AuditNote, AuditRow } from '../../core/approval/audit.ts';
import { topicOf } from '../../core/approval/digest.ts';
import type { Ignored, SourceLimit } from '../../core/approval/inputs.ts';
import { isRunActive } from '../../core/approval/steps/transitions.ts';
import type { Filter, Similar } from '../../core/ports/ports.ts';
import { parseExact } from '../../core/text/exact/parse.ts';
import type { Archive, AuditLog, RawAudit } from './archive.ts';
import * as sql from './sql/approvals.ts';
import * as auditSql from './sql/audit.ts';

interface StateRow {
  state: string;
}

/** The approvals, archived ones included, and the ids of inputs that were applied to them. */
export class Approvals {
  readonly #archive: Archive;
  readonly #load;
  readonly #save;
  readonly #findInput;
  readonly #insertInput;
  readonly #group;
  readonly #run;
  readonly #unfinished;
  readonly #unfinishedOfBackend;
  readonly #open;
  readonly #unsent;
  readonly #countOfSource;
  readonly #addDigestMember;
  readonly #digestMembers;
  readonly #unattempted;
  readonly #inDigest;

  constructor(db: Database, archive: Archive) {
    this.#archive = archive;
    this.#load = db.prepare<[string], StateRow>(sql.loadApproval);
    this.#save = db.prepare<[ReturnType<typeof toRow>]>(sql.saveApproval);
    this.#findInput = db.prepare<[string]>(sql.findInput);
    this.#insertInput = db.prepare<[string, number]>(sql.insertInput);
    this.#group = db.prepare<[string], StateRow>(sql.listGroup);
    this.#run = db.prepare<[string, string], StateRow>(sql.listRun);
    this.#unfinished = db.prepare<[], StateRow>(sql.listUnfinished);
    this.#unfinishedOfBackend = db.prepare<[string], StateRow>(sql.listUnfinishedOfBackend);
    this.#open = db.prepare<[], StateRow>(sql.listOpen);
    this.#unsent = db.prepare<[string, number, number], { id: string; position: number }>(sql.pageOfUnsent);
    this.#countOfSource = db.prepare<[string], number>(sql.countOfSource).pluck();
    this.#addDigestMember = db.prepare<[string, string]>(sql.addDigestMember);
    this.#digestMembers = db.prepare<[string], string>(sql.listDigestMembers).pluck();
    this.#unattempted = db.prepare<[{ topic: string; slot: string; limit: number }], StateRow>(sql.findUnattempted);
    this.#inDigest = db.prepare<[{ topic: string; limit: number }], StateRow>(sql.findInDigest);
  }

  get(id: string): Approval | null {
    const row = this.#load.get(id);
    return row === undefined ? this.#archive.find(id) : parseState(row);
  }

  save(approval: Approval): void {
    this.#save.run(toRow(approval));
    for (const { digest } of Object.values(approval.slots)) {
      if (digest !== undefined) this.#addDigestMember.run(digest.id, approval.id);
    }
  }

  hasInput(id: string): boolean {
    return this.#findInput.get(id) !== undefined;
  }

  addInput(id: string, now: number): void {
    this.#insertInput.run(id, now);
  }

  /** Whether as many approvals of a source are unsettled as it may have. */
  isFull({ id, max }: SourceLimit): boolean {
    return (this.#countOfSource.get(id) ?? 0) >= max;
  }

  list(filter: Filter): Approval[] {
    if ('groupId' in filter) {
      const live = this.#group.all(filter.groupId).map(parseState);
      const ids = new Set(live.map(({ id }) => id));
      return [...this.#archive.group(filter.groupId).filter(({ id }) => !ids.has(id)), ...live];
    }
    if ('runId' in filter) return this.#run.all(filter.backend, filter.runId).map(parseState);
    if ('open' in filter) return this.#open.all().map(parseState);
    const { backend } = filter;
    return (backend === undefined ? this.#unfinished.all() : this.#unfinishedOfBackend.all(backend)).map(parseState);
  }

  unsent(backend: string, after: number, limit: number): { id: string; position: number }[] {
    return this.#unsent.all(backend, after, limit);
  }

  digestMembers(digestId: string): Approval[] {
    return this.#digestMembers.all(digestId).flatMap((id) => this.get(id) ?? []);
  }

  similar(topic: string, slot: string, limit: number): Similar {
    return {
      unattempted: this.#unattempted.all({ topic, slot, limit }).map(parseState),
      inDigest: this.#inDigest.all({ topic, limit }).map(parseState),
    };
  }
}

function parseState({ state }: StateRow): Approval {
  return approvalSchema.parse(parseExact(state));
}

function toRow(approval: Approval) {
  return {
    id: approval.id,
    backend: approval.pause.backend,
    runId: approval.pause.runId,
    groupId: approval.pause.groupId,
    phase: approval.phase,
    // Settled, but an input is still expected: its run continues, or its item may come back.
    watched: isRunActive(approval) || (approval.recurs && !approval.absent) ? 1 : 0,
    topic: topicOf(approval.pause, approval.via),
    source: approval.source ?? null,
    state: JSON.stringify(approval),
    createdAt: approval.createdAt,
    settledAt: approval.settledAt,
  };
}

/** The audit log without its archived part. */
export class Audit implements AuditLog {
  readonly #append;
  readonly #read;

  constructor(db: Database) {
    this.#append = db.prepare(auditSql.appendAudit);
    this.#read = db.prepare<[string], RawAudit>(auditSql.readAudit);
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
    facts: parseExact(row.facts) as AuditRow['facts'],
    from: row.phase_from,
    to: row.phase_to,
    ignored: row.ignored as Ignored | null,
  };
}
