/** What passes over a list prove to be absent. Tested in test/backends/shared/polling.test.ts. */
import type { Pause } from '../../core/approval/pause/pause.ts';
import type { ReadPass } from './pass.ts';

/** Everything that was pending at `begunAt` and is `covered` is among `keys`. */
export interface Proof {
  keys: ReadonlySet<string>;
  /** ms since 1970. */
  begunAt: number;
  /** By the key that the list gives a pause; null: all of the list. */
  covers: ((pause: Pause) => boolean) | null;
}

/**
 * Only a complete pass proves an absence, and of piecemeal passes only two in a row. An item that can't be read is not
 * absent: where its run is known, nothing is proven of that run. Where it is not, the item may be any that is not listed,
 * except those that were once listed beside it.
 */
export class Absence {
  /** The last complete pass, and what was seen in it and since. */
  #last: { begunAt: number; keys: ReadonlySet<string>; covers: Proof['covers'] } | null = null;
  /** The items without an ID that were listed together with a key, when that was last listed. */
  readonly #besides = new Map<string, ReadonlySet<string>>();
  /** Of the last pass that found what it found, and of which everything could be read. */
  #known: { found: ReadPass['found']; keys: ReadonlySet<string> } | null = null;

  /** Forgets the last pass. */
  forget(): void {
    this.#last = null;
  }

  /** @returns `none` for an incomplete pass; `not_yet` where the next one may complete the proof */
  take({ found, complete, piecemeal = false, unreadable = [] }: ReadPass, begunAt: number): Proof | 'none' | 'not_yet' {
    const isKnown = this.#known?.found === found && unreadable.length === 0;
    const keys = isKnown && this.#known !== null ? this.#known.keys : new Set(found.map(({ pause }) => pause.key));
    const nameless = new Set(unreadable.flatMap(({ hash, runId }) => (runId === null ? [hash] : [])));
    // Within one pass of several requests an item may have been listed, and then have become unreadable.
    const isDoubtful = piecemeal && nameless.size > 0;
    if (!isDoubtful && !isKnown) for (const key of keys) this.#besides.set(key, nameless);
    this.#known = unreadable.length === 0 ? { found, keys } : null;
    if (!complete || isDoubtful) {
      if (this.#last !== null) this.#last.keys = this.#last.keys.union(keys);
      return 'none';
    }
    const before = this.#last;
    const covers = this.#covered(nameless, new Set(unreadable.map(({ runId }) => runId)));
    this.#last = { begunAt, keys, covers };
    if (!piecemeal) return this.#proof({ keys, begunAt, covers });
    if (before === null) return 'not_yet';
    // Two passes prove the absence of what was pending when the first of them began.
    const both = [before.covers, covers].filter((one) => one !== null);
    const either = both.length === 0 ? null : (pause: Pause) => both.every((one) => one(pause));
    const all = before.keys === keys ? keys : before.keys.union(keys);
    return this.#proof({ keys: all, begunAt: before.begunAt, covers: either });
  }

  #covered(nameless: ReadonlySet<string>, runs: ReadonlySet<string | null>): Proof['covers'] {
    if (runs.size === 0) return null;
    const besides = new Map(this.#besides);
    return ({ key, runId }) =>
      !runs.has(runId) && (nameless.size === 0 || besides.get(key)?.isSupersetOf(nameless) === true);
  }

  #proof(proof: Proof): Proof {
    if (proof.covers === null)
      for (const key of this.#besides.keys()) if (!proof.keys.has(key)) this.#besides.delete(key);
    return proof;
  }
}
