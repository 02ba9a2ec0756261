/** Tested in test/store/sqlite/index.test.ts. */
import type { Database } from 'better-sqlite3';
import type { Approval } from '../../../core/approval/approval.ts';
import { type Precedent, precedentKeyOf, precedentSchema } from '../../../core/approval/precedent.ts';
import { parseExact } from '../../../core/text/exact/parse.ts';
import { BoundedCache } from '../../shared/bounded-cache.ts';
import * as sql from '../sql/approvals.ts';

/** As many as the latest of a few hundred tools. */
const KEPT_MAX = 1_000;
/** Characters of JSON. */
const KEPT_CHARS = 2_000_000;

/** What was approved, by tool and asker. Each is read once, for it changes only when its approval does. */
export class Precedents {
  /** Null: it can't be read. */
  readonly #kept = new BoundedCache<Precedent | null>(KEPT_MAX, KEPT_CHARS);
  readonly #load;
  readonly #save;
  readonly #list;

  /** @param load the approval as JSON, archived or not */
  constructor(db: Database, load: (id: string) => string | null) {
    this.#load = load;
    this.#save = db.prepare<[string, string, number]>(sql.savePrecedent);
    this.#list = db.prepare<[string, number], string>(sql.listPrecedents).pluck();
  }

  /** Latest first. One that can't be read is left out. */
  list(key: string, limit: number): Precedent[] {
    return this.#list.all(key, limit).flatMap((id) => this.#get(id) ?? []);
  }

  #get(id: string): Precedent | null {
    const known = this.#kept.get(id);
    if (known !== undefined) return known;
    const text = this.#load(id) ?? 'null';
    const read = precedentSchema.safeParse(parseExact(text));
    const precedent = read.success ? read.data : null;
    this.#kept.set(id, precedent, text.length);
    return precedent;
  }

  /** Inside a transaction. */
  save(state: Approval, base: Approval | null): void {
    this.#kept.delete(state.id);
    const key = precedentKeyOf(state);
    if (key === null || state.settledAt === null) return;
    const isSaved = base !== null && base.settledAt === state.settledAt && precedentKeyOf(base) === key;
    if (!isSaved) this.#save.run(state.id, key, state.settledAt);
  }
}
