/** Tested in test/store/sqlite/index.test.ts. */
import type { Database } from 'better-sqlite3';
import type { Approval } from '../../core/approval/approval.ts';
import type { SourceLimit } from '../../core/approval/inputs.ts';
import type { Precedent } from '../../core/approval/precedent.ts';
import type { Asked, Filter, SettledKey, Similar, Unfinished } from '../../core/ports/ports.ts';
import { columnsOf, isSame, progressOf } from '../shared/columns.ts';
import { type PhaseCount, PhaseCounts } from './cache/phase-counts.ts';
import { Precedents } from './cache/precedents.ts';
import { SourceCounts } from './cache/source-counts.ts';
import { States, type WatchStates } from './cache/states.ts';
import type { Memory } from './group-commit.ts';
import type { Pending } from './lists/pending.ts';
import type { Archive } from './retention/archive.ts';
import * as sql from './sql/approvals.ts';
import { countApprovals } from './sql/stats.ts';

/** The approvals, archived ones included, and the ids of inputs that were applied to them. */
export class Approvals implements Memory {
  readonly #states: States;
  /** For statistics. */
  readonly phases: PhaseCounts;
  readonly #precedents: Precedents;
  readonly #archive: Archive;
  readonly #pending: Pending;
  readonly #load;
  readonly #save;
  readonly #saveState;
  readonly #saveProgress;
  readonly #findInput;
  readonly #insertInput;
  readonly #group;
  readonly #run;
  readonly #unfinished;
  readonly #unfinishedOfBackend;
  readonly #unfinishedIds;
  readonly #asked;
  readonly #unsent;
  readonly #settledBefore;
  readonly #underWay;
  readonly #countOfSource;
  readonly #addDigestMember;
  readonly #digestMembers;
  readonly #unattempted;
  readonly #inDigest;
  readonly #sources: SourceCounts;

  constructor(db: Database, archive: Archive, pending: Pending, watch?: WatchStates) {
    const load = (id: string) => this.#load.get(id) ?? this.#archive.find(id);
    this.#states = new States({ load, save: (...held) => this.#write(...held) }, watch);
    this.#sources = new SourceCounts((source) => {
      this.#states.write();
      return this.#countOfSource.get(source) ?? 0;
    });
    this.#precedents = new Precedents(db, load);
    const countPhases = db.prepare<[], PhaseCount>(countApprovals);
    this.phases = new PhaseCounts(() => countPhases.all());
    this.#archive = archive;
    this.#pending = pending;
    this.#load = db.prepare<[string], string>(sql.loadApproval).pluck();
    this.#save = db.prepare<[Row]>(sql.saveApproval);
    this.#saveProgress = db.prepare<[Row]>(sql.saveProgress);
    this.#saveState = db.prepare<[string, string]>(sql.saveState);
    this.#findInput = db.prepare<[string]>(sql.findInput);
    this.#insertInput = db.prepare<[string, number]>(sql.insertInput);
    this.#group = db.prepare<[string], string>(sql.listGroup).pluck();
    this.#run = db.prepare<[string, string], string>(sql.listRun).pluck();
    this.#unfinished = db.prepare<[], string>(sql.listUnfinished).pluck();
    this.#unfinishedOfBackend = db.prepare<[string], string>(sql.listUnfinishedOfBackend).pluck();
    this.#asked = db.prepare<[string], string>(sql.listAsked).pluck();
    this.#unfinishedIds = db.prepare<[], Unfinished>(sql.listUnfinishedIds);
    this.#unsent = db.prepare<[string, number, number], { id: string; position: number }>(sql.pageOfUnsent);
    this.#settledBefore = db.prepare<[SettledKey & { limit: number }], SettledKey & { id: string }>(sql.settledBefore);
    this.#underWay = db.prepare<[number], string>(sql.listUnderWay).pluck();
    this.#countOfSource = db.prepare<[string], number>(sql.countOfSource).pluck();
    this.#addDigestMember = db.prepare<[string, string]>(sql.addDigestMember);
    this.#digestMembers = db.prepare<[string], string>(sql.listDigestMembers).pluck();
    this.#unattempted = db
      .prepare<[{ topic: string; slot: string; limit: number }], string>(sql.findUnattempted)
      .pluck();
    this.#inDigest = db.prepare<[{ topic: string; limit: number }], string>(sql.findInDigest).pluck();
  }

  /** @param isPassing it is one of many that are read once */
  get(id: string, isPassing = false): Approval | null {
    return this.#states.get(id, isPassing);
  }

  /** @returns as it is stored */
  save(changed: Approval, before: Approval | null): Approval {
    const state = this.#states.set(changed, before);
    this.#sources.changed(before, state);
    return state;
  }

  write(): void {
    this.#states.write();
  }

  undoCall(): void {
    this.#states.undoCall();
    this.#recount();
  }

  committed(): void {
    this.#states.committed();
  }

  rolledBack(): void {
    this.#states.rolledBack();
    this.#recount();
  }

  /** What was written may not be in the file. */
  #recount(): void {
    this.phases.forget();
    this.#sources.undo();
  }

  /** Writes what differs from the row. */
  #write(state: Approval, base: Approval | null, text: string): void {
    const row = { ...columnsOf(state), ...progressOf(state), state: text };
    const isSameRow = base !== null && isSame(columnsOf(state), columnsOf(base));
    // An archived approval has no row.
    if (!isSameRow || this.#update(row, base) === 0) this.#save.run(row);
    for (const [name, { digest }] of Object.entries(state.slots)) {
      if (digest !== undefined && digest.id !== base?.slots[name]?.digest?.id) {
        this.#addDigestMember.run(digest.id, state.id);
      }
    }
    this.#precedents.save(state, base);
    this.#pending.save(state, base);
    this.phases.written(state, base);
  }

  /** @returns how many rows */
  #update(row: Row, base: Approval): number {
    const { id, state } = row;
    if (isSame(progressOf(base), row)) return this.#saveState.run(state, id).changes;
    return this.#saveProgress.run(row).changes;
  }

  hasInput(id: string): boolean {
    return this.#findInput.get(id) !== undefined;
  }

  /** @returns false if it was there */
  addInput(id: string, now: number): boolean {
    return this.#insertInput.run(id, now).changes > 0;
  }

  /** Whether as many approvals of a source are unsettled as it may have. */
  isFull({ id, max }: SourceLimit): boolean {
    return this.#sources.of(id) >= max;
  }

  list(filter: Filter): Approval[] {
    if ('groupId' in filter) {
      const live = this.#group.all(filter.groupId);
      const archived = this.#archive.group(filter.groupId).filter((id) => !live.includes(id));
      return this.#all([...archived, ...live]);
    }
    if ('runId' in filter) return this.#all(this.#run.all(filter.backend, filter.runId));
    const { backend } = filter;
    return this.#all(backend === undefined ? this.#unfinished.all() : this.#unfinishedOfBackend.all(backend), true);
  }

  /** @param arePassing see `States.get` */
  #all(ids: readonly string[], arePassing = false): Approval[] {
    return ids.flatMap((id) => this.#states.get(id, arePassing) ?? []);
  }

  unfinished(): Unfinished[] {
    return this.#unfinishedIds.all();
  }

  asked(ids: readonly string[]): Asked[] {
    return this.#asked.all(JSON.stringify(ids)).map((text) => {
      const { pause, sharedNames, ...asked } = JSON.parse(text);
      const { contact, ...rest } = pause;
      return { ...asked, sharedNames: sharedNames ?? [], pause: { ...rest, ...(contact !== null && { contact }) } };
    });
  }

  unsent(backend: string, after: number, limit: number): { id: string; position: number }[] {
    return this.#unsent.all(backend, after, limit);
  }

  /** The latest first. @param before null: from the latest */
  settledBefore(before: SettledKey | null, limit: number): (SettledKey & { id: string })[] {
    return this.#settledBefore.all({ ...(before ?? AFTER_ALL), limit });
  }

  underWay(limit: number): Approval[] {
    return this.#all(this.#underWay.all(limit));
  }

  digestMembers(digestId: string): Approval[] {
    return this.#all(this.#digestMembers.all(digestId));
  }

  /** Latest first. */
  precedents(key: string, limit: number): Precedent[] {
    return this.#precedents.list(key, limit);
  }

  similar(topic: string, slot: string, limit: number): Similar {
    return {
      unattempted: this.#all(this.#unattempted.all({ topic, slot, limit })),
      inDigest: this.#all(this.#inDigest.all({ topic, limit })),
    };
  }
}

const AFTER_ALL: SettledKey = { settledAt: Number.MAX_SAFE_INTEGER, position: Number.MAX_SAFE_INTEGER };

type Row = ReturnType<typeof columnsOf> & ReturnType<typeof progressOf> & { state: string };
