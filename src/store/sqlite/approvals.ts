/** Tested in test/store/sqlite/index.test.ts. */
import type { Database } from 'better-sqlite3';
import { type Approval, approvalSchema } from '../../core/approval/approval.ts';
import type { AuditNote, AuditRow } from '../../core/approval/audit.ts';
import { topicOf } from '../../core/approval/digest.ts';
import type { Ignored, SourceLimit, Step } from '../../core/approval/inputs.ts';
import { type Precedent, precedentKeyOf, precedentSchema } from '../../core/approval/precedent.ts';
import { isRunActive } from '../../core/approval/steps/transitions.ts';
import type { Change, Changed, Clock, Filter, Followed, Similar } from '../../core/ports/ports.ts';
import { parseExact } from '../../core/text/exact/parse.ts';
import { type Archive, type AuditLog, type RawAudit, stateIn } from './archive.ts';
import type { Jobs } from './jobs.ts';
import type { Pending } from './lists/pending.ts';
import type { RecordTable } from './records.ts';
import * as sql from './sql/approvals.ts';
import * as auditSql from './sql/audit.ts';

interface StateRow {
  state: string;
}

/** One of the two, or neither. */
interface PrecedentRow {
  state: string | null;
  packed: Buffer | null;
}

/** The approvals, archived ones included, and the ids of inputs that were applied to them. */
export class Approvals {
  readonly #archive: Archive;
  readonly #pending: Pending;
  readonly #load;
  readonly #save;
  readonly #findInput;
  readonly #insertInput;
  readonly #group;
  readonly #run;
  readonly #unfinished;
  readonly #unfinishedOfBackend;
  readonly #unsent;
  readonly #countOfSource;
  readonly #addDigestMember;
  readonly #digestMembers;
  readonly #unattempted;
  readonly #inDigest;
  readonly #savePrecedent;
  readonly #precedents;
  readonly #onParsed;

  /** @param onParsed for tests: called for each state that is parsed */
  constructor(db: Database, archive: Archive, pending: Pending, onParsed: () => void = () => {}) {
    this.#archive = archive;
    this.#pending = pending;
    this.#onParsed = onParsed;
    this.#load = db.prepare<[string], StateRow>(sql.loadApproval);
    this.#save = db.prepare<[ReturnType<typeof toRow>]>(sql.saveApproval);
    this.#findInput = db.prepare<[string]>(sql.findInput);
    this.#insertInput = db.prepare<[string, number]>(sql.insertInput);
    this.#group = db.prepare<[string], StateRow>(sql.listGroup);
    this.#run = db.prepare<[string, string], StateRow>(sql.listRun);
    this.#unfinished = db.prepare<[], StateRow>(sql.listUnfinished);
    this.#unfinishedOfBackend = db.prepare<[string], StateRow>(sql.listUnfinishedOfBackend);
    this.#unsent = db.prepare<[string, number, number], { id: string; position: number }>(sql.pageOfUnsent);
    this.#countOfSource = db.prepare<[string], number>(sql.countOfSource).pluck();
    this.#addDigestMember = db.prepare<[string, string]>(sql.addDigestMember);
    this.#digestMembers = db.prepare<[string], string>(sql.listDigestMembers).pluck();
    this.#unattempted = db.prepare<[{ topic: string; slot: string; limit: number }], StateRow>(sql.findUnattempted);
    this.#inDigest = db.prepare<[{ topic: string; limit: number }], StateRow>(sql.findInDigest);
    this.#savePrecedent = db.prepare<[string, string, number]>(sql.savePrecedent);
    this.#precedents = db.prepare<[string, number], PrecedentRow>(sql.listPrecedents);
  }

  get(id: string): Approval | null {
    const row = this.#load.get(id);
    return row === undefined ? this.#archive.find(id) : this.#parse(row);
  }

  readonly #parse = ({ state }: StateRow): Approval => {
    this.#onParsed();
    return approvalSchema.parse(parseExact(state));
  };

  /** @param before as it is stored now; null: it is not */
  save(approval: Approval, before: Approval | null): void {
    this.#save.run(toRow(approval));
    this.#pending.save(approval, before);
    for (const { digest } of Object.values(approval.slots)) {
      if (digest !== undefined) this.#addDigestMember.run(digest.id, approval.id);
    }
    const key = precedentKeyOf(approval);
    if (key !== null && approval.settledAt !== null) this.#savePrecedent.run(approval.id, key, approval.settledAt);
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
      const live = this.#group.all(filter.groupId).map(this.#parse);
      const ids = new Set(live.map(({ id }) => id));
      return [...this.#archive.group(filter.groupId).filter(({ id }) => !ids.has(id)), ...live];
    }
    if ('runId' in filter) return this.#run.all(filter.backend, filter.runId).map(this.#parse);
    const { backend } = filter;
    return (backend === undefined ? this.#unfinished.all() : this.#unfinishedOfBackend.all(backend)).map(this.#parse);
  }

  unsent(backend: string, after: number, limit: number): { id: string; position: number }[] {
    return this.#unsent.all(backend, after, limit);
  }

  digestMembers(digestId: string): Approval[] {
    return this.#digestMembers.all(digestId).flatMap((id) => this.get(id) ?? []);
  }

  /** Latest first. */
  precedents(key: string, limit: number): Precedent[] {
    return this.#precedents.all(key, limit).flatMap(precedentsIn);
  }

  similar(topic: string, slot: string, limit: number): Similar {
    return {
      unattempted: this.#unattempted.all({ topic, slot, limit }).map(this.#parse),
      inDigest: this.#inDigest.all({ topic, limit }).map(this.#parse),
    };
  }
}

/** @returns what the schema reads of a row; an archived one is unpacked. A row that can't be read is skipped. */
function precedentsIn({ state, packed }: PrecedentRow): Precedent[] {
  const text = state ?? (packed === null ? null : stateIn(packed));
  const read = precedentSchema.safeParse(text === null ? null : parseExact(text));
  return read.success ? [read.data] : [];
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

/** One change of an approval with what follows from it, inside a transaction. */
export function createChange(deps: {
  approvals: Approvals;
  jobs: Jobs;
  audit: Audit;
  records: RecordTable;
  /** ms, by a clock that does not jump */
  steadyNow: () => number;
  clock: Clock;
}): (input: Change) => { changed: Changed; enqueued: boolean; settled?: boolean } {
  const { approvals, jobs, audit, records, steadyNow, clock } = deps;

  function save(before: Approval | null, step: Step, id: string, note: AuditNote): void {
    const { state, effects, ignored = null } = step;
    if (state !== null && state !== before) approvals.save(state, before);
    if (state !== null) for (const effect of effects) jobs.enqueue(effect, state, steadyNow(), clock.now());
    const facts = { ...note.facts, ...(state?.outcome == null ? {} : { outcome: state.outcome }) };
    const phases = [before?.phase ?? 'none', state?.phase ?? 'none'] as const;
    audit.append(id, { ...note, facts }, phases, ignored, clock.now());
  }

  function follow(
    before: Approval | null,
    { state, ignored }: Step,
    { approvalId, followUp }: Change,
  ): Followed | null {
    if (followUp === undefined || state === null || ignored !== undefined) return null;
    const { record } = followUp;
    const followed = followUp.fn(before, state, record && records.get(record.kind, record.id));
    if (followed === null) return null;
    save(state, followed.step, approvalId, followed.audit);
    if (record !== undefined && 'value' in followed) records.save(record.kind, record.id, followed.value, clock.now());
    return followed;
  }

  function change(input: Change): { changed: Changed; enqueued: boolean } {
    const { approvalId, inputId, limit, audit: note, fn } = input;
    const before = approvals.get(approvalId);
    if (inputId !== null && approvals.hasInput(inputId))
      return { changed: { duplicate: true, state: before }, enqueued: false };
    const step = fn(before);
    const { state, effects, ignored = null } = step;
    if (limit !== undefined && isUnsettled(state) && !isUnsettled(before) && approvals.isFull(limit)) {
      return { changed: { duplicate: false, before, state: before, ignored: 'too_many' }, enqueued: false };
    }
    if (inputId !== null) approvals.addInput(inputId, clock.now());
    save(before, step, approvalId, note);
    const followed = follow(before, step, input);
    const changed = { duplicate: false, before, ignored } as const;
    if (state === null || followed === null) return { changed: { ...changed, state }, enqueued: effects.length > 0 };
    return {
      changed: { ...changed, state: followed.step.state, followed: { ...followed, from: state } },
      enqueued: effects.length + followed.step.effects.length > 0,
    };
  }

  return (input) => {
    const done = change(input);
    if (input.settling === undefined) return done;
    const { job, settlementOf } = input.settling;
    return { ...done, settled: jobs.settle(job, settlementOf(done.changed), steadyNow()) };
  };
}

function isUnsettled(state: Approval | null): boolean {
  return state !== null && state.phase !== 'settled';
}
