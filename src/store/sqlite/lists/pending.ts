/** What waits for people. Tested in test/store/sqlite/index.test.ts. */
import type { Database } from 'better-sqlite3';
import type { Approval } from '../../../core/approval/approval.ts';
import type { PendingFound, PendingRequest, WaitingKey } from '../../../core/ports/store.ts';
import { type Audience, type AudienceCount, isPending, parseAudience } from '../../../core/view/lists/audience.ts';
import { pagesOf } from '../../../core/view/lists/pending-list.ts';
import { namesIn, pendingColumnsOf } from '../../shared/columns.ts';
import * as sql from '../sql/pending.ts';

interface AudienceRow {
  id: number;
  text: string;
  count: number;
}

interface NamesRow {
  id: string;
  audience: number;
  names: string;
}

const BEFORE_ALL: WaitingKey = { endAt: Number.NEGATIVE_INFINITY, askedAt: Number.NEGATIVE_INFINITY, id: '' };

type Saved = Record<'id' | 'names', string> & Record<'endAt' | 'askedAt' | 'audience', number>;

export class Pending {
  readonly #delete;
  readonly #save;
  readonly #findAudience;
  readonly #addAudience;
  readonly #audiences;
  readonly #page;
  readonly #after;
  readonly #names;
  readonly #ids;
  readonly #unfinished;
  readonly #countAwaited;
  readonly #latestAwaited;
  /** Those of the last look, by their text. */
  #parsed: ReadonlyMap<string, Audience> = new Map();

  constructor(db: Database) {
    this.#delete = db.prepare<[string]>(sql.deletePending);
    this.#save = db.prepare<[Saved]>(sql.savePending);
    this.#findAudience = db.prepare<[string], number>(sql.findAudience).pluck();
    this.#addAudience = db.prepare<[string], number>(sql.addAudience).pluck();
    this.#audiences = db.prepare<[], AudienceRow>(sql.listAudiences);
    this.#page = db.prepare<[{ audiences: string; limit: number; offset: number }], string>(sql.pageOfPending).pluck();
    this.#after = db.prepare<[WaitingKey & { limit: number }], WaitingKey>(sql.pendingAfter);
    this.#names = db.prepare<[{ audiences: string }], NamesRow>(sql.namesOfPending);
    this.#ids = db.prepare<[string, number], string>(sql.idsOfPending).pluck();
    this.#unfinished = db.prepare<[string], string>(sql.idsOfUnfinished).pluck();
    this.#countAwaited = db.prepare<[string], number>(sql.countAwaited).pluck();
    this.#latestAwaited = db.prepare<[string, number], string>(sql.latestAwaited).pluck();
  }

  /**
   * In the transaction that saves the approval. Most changes of an approval change nothing here, and write nothing.
   * @param before as it is stored now
   */
  save(approval: Approval, before: Approval | null): void {
    const row = pendingColumnsOf(approval);
    if (row === null) {
      if (before !== null && isPending(before)) this.#delete.run(approval.id);
      return;
    }
    const known = before === null ? null : pendingColumnsOf(before);
    const { endAt, askedAt, audience: text, names } = row;
    const isSame = known?.audience === text && known.names === names;
    if (isSame && known.endAt === endAt && known.askedAt === askedAt) return;
    const audience = this.#findAudience.get(text) ?? this.#addAudience.get(text);
    if (audience === undefined) throw new Error('an audience was not stored');
    this.#save.run({ id: approval.id, endAt, askedAt, audience, names });
  }

  audiences(): AudienceCount[] {
    const rows = this.#audiences.all();
    this.#parsed = new Map(rows.map(({ text }) => [text, this.#parsed.get(text) ?? parseAudience(text)]));
    return rows.map(({ id, text, count }) => ({ id, count, audience: this.#parsed.get(text) ?? parseAudience(text) }));
  }

  /** @param get reads an approval */
  page(request: PendingRequest, get: (id: string) => Approval | null): PendingFound {
    const { matches, size } = request;
    const counts = new Map(this.#audiences.all().map(({ id, count }) => [id, count]));
    const audiences = JSON.stringify(request.audiences);
    const matching = matches === undefined ? null : this.#matching(audiences, matches);
    const total = matching?.length ?? request.audiences.reduce((sum, id) => sum + (counts.get(id) ?? 0), 0);
    const page = Math.max(0, Math.min(request.page, pagesOf(total, size) - 1));
    const offset = page * size;
    const ids =
      matching?.slice(offset, offset + size) ?? (total === 0 ? [] : this.#page.all({ audiences, limit: size, offset }));
    return { approvals: ids.flatMap((id) => get(id) ?? []), page, total, counts };
  }

  /** @param after null: from the beginning */
  after(after: WaitingKey | null, limit: number): WaitingKey[] {
    return this.#after.all({ ...(after ?? BEFORE_ALL), limit });
  }

  unfinishedIds(backend: string): string[] {
    return this.#unfinished.all(backend);
  }

  /** What the askers of an inbox wait for. */
  awaited(sources: readonly string[], limit: number): { count: number; ids: string[] } {
    // A bound text has no half of a surrogate pair; JSON would keep it.
    const text = JSON.stringify(sources.map((source) => source.toWellFormed()));
    return { count: this.#countAwaited.get(text) ?? 0, ids: limit === 0 ? [] : this.#latestAwaited.all(text, limit) };
  }

  #matching(audiences: string, matches: NonNullable<PendingRequest['matches']>): string[] {
    const found: string[] = [];
    for (const { id, audience, names } of this.#names.iterate({ audiences })) {
      if (matches(namesIn(names), audience)) found.push(id);
    }
    return found;
  }

  ids(after: string, limit: number): string[] {
    return this.#ids.all(after, limit);
  }
}
