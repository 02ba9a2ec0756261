/** Tested in test/store/sqlite/cache/states.test.ts. */
import { type Approval, approvalSchema } from '../../../core/approval/approval.ts';
import { isTooNew, TOO_NEW } from '../../../core/approval/parts/shape.ts';
import { StoreError } from '../../../core/ports/errors.ts';
import { parseExact } from '../../../core/text/exact/parse.ts';
import { asStored, copyAsStored } from '../../shared/as-stored.ts';
import { BoundedCache } from '../../shared/bounded-cache.ts';
import type { Memory } from '../group-commit.ts';

/** As many as wait at once for people in a large company. */
const UNSETTLED_MAX = 2_000;
/** What is settled is read for its last drawing, and by who presses late. */
const SETTLED_MAX = 200;
/** Characters of JSON, of all that are kept. One approval may have millions. */
const KEPT_CHARS = 8_000_000;

/** Called for each value that is kept; tests check that it is what the file gives, and that nothing changes it. */
export interface WatchStates {
  parsed?: (state: Approval) => void;
  /** @param text as it is written */
  stored?: (state: Approval, text: string) => void;
}

interface Unwritten {
  state: Approval;
  /** What the file has; null: it has none. */
  base: Approval | null;
}

/**
 * The current states of approvals, as values that nothing changes. Each is checked when it is read from the file, and when
 * its pause is new; from then on it is kept. In a transaction, the changes of one approval are written once, at the end.
 */
export class States implements Memory {
  readonly #unsettled = new BoundedCache<Approval>(UNSETTLED_MAX, KEPT_CHARS);
  readonly #settled = new BoundedCache<Approval>(SETTLED_MAX, KEPT_CHARS);
  /** What the file was found not to have: a new pause is looked for twice before it is recorded. */
  readonly #absent = new BoundedCache<true>(UNSETTLED_MAX, KEPT_CHARS);
  /** What the transaction has changed. */
  readonly #written = new Map<string, { state: Approval; size: number }>();
  readonly #unwritten = new Map<string, Unwritten>();
  readonly #file;
  readonly #watch;

  constructor(
    file: {
      /** JSON. */
      load: (id: string) => string | null;
      save: (state: Approval, base: Approval | null, text: string) => void;
    },
    watch: WatchStates = {},
  ) {
    this.#file = file;
    this.#watch = watch;
  }

  /** @param isPassing it is not kept: one of many that are read once */
  get(id: string, isPassing = false): Approval | null {
    const known = this.#known(id);
    if (known !== undefined) return known;
    if (this.#absent.get(id) === true) return null;
    const text = this.#file.load(id);
    if (text === null) {
      this.#absent.set(id, true, id.length);
      return null;
    }
    const state = this.#checked(parseExact(text));
    if (!isPassing) this.#keep(state, text.length);
    return state;
  }

  /**
   * Must be called inside a transaction.
   * @param before what `get` returned
   * @returns what `get` returns from now on
   */
  set(changed: Approval, before: Approval | null): Approval {
    const { id } = changed;
    const unwritten = this.#unwritten.get(id);
    const base = unwritten === undefined ? before : unwritten.base;
    if (before?.pause === changed.pause) {
      const state = asStored(changed, before);
      this.#unwritten.set(id, { state, base });
      return state;
    }
    // It came from outside: it is checked, and what is kept shares nothing with it.
    const state = this.#checked(copyAsStored(changed));
    this.#absent.delete(id);
    this.#unwritten.set(id, { state, base });
    return state;
  }

  /** Drops what is kept: somebody else has changed it. */
  forget(id: string): void {
    this.#unsettled.delete(id);
    this.#settled.delete(id);
    this.#absent.delete(id);
  }

  write(): void {
    for (const [id, { state, base }] of this.#unwritten) {
      const text = JSON.stringify(state);
      this.#file.save(state, base, text);
      this.#watch.stored?.(state, text);
      this.#written.set(id, { state, size: text.length });
    }
    this.#unwritten.clear();
  }

  undoCall(): void {
    this.#unwritten.clear();
  }

  committed(): void {
    for (const { state, size } of this.#written.values()) this.#keep(state, size);
    this.#written.clear();
  }

  rolledBack(): void {
    for (const id of [...this.#written.keys(), ...this.#unwritten.keys()]) this.forget(id);
    this.#written.clear();
    this.#unwritten.clear();
  }

  #keep(state: Approval, size: number): void {
    const [to, from] = state.phase === 'settled' ? [this.#settled, this.#unsettled] : [this.#unsettled, this.#settled];
    from.delete(state.id);
    to.set(state.id, state, size);
  }

  #known(id: string): Approval | undefined {
    const changed = this.#unwritten.get(id) ?? this.#written.get(id);
    return changed?.state ?? this.#unsettled.get(id) ?? this.#settled.get(id);
  }

  /** @throws StoreError for a state that only a newer version can read */
  #checked(value: unknown): Approval {
    const { data: state, error } = approvalSchema.safeParse(value);
    if (error !== undefined) throw isTooNew(value) ? new StoreError(TOO_NEW, { cause: error }) : error;
    this.#watch.parsed?.(state);
    return state;
  }
}
