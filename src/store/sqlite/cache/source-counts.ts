/** Tested in test/store/sqlite/cache/source-counts.test.ts. */
import type { Approval } from '../../../core/approval/approval.ts';

type Counted = Pick<Approval, 'source' | 'phase'> | null;

/** More sources than an installation has; beyond them all are counted again. */
const KEPT_MAX = 10_000;

/** How many approvals of each source are unsettled: asked for with each that is announced. */
export class SourceCounts {
  readonly #counts = new Map<string, number>();
  readonly #load: (source: string) => number;

  /** @param load counts in the file, with what the transaction has changed */
  constructor(load: (source: string) => number) {
    this.#load = load;
  }

  of(source: string): number {
    const known = this.#counts.get(source);
    if (known !== undefined) return known;
    const count = this.#load(source);
    if (this.#counts.size >= KEPT_MAX) this.#counts.clear();
    this.#counts.set(source, count);
    return count;
  }

  changed(before: Counted, state: Counted): void {
    this.#add(before, -1);
    this.#add(state, 1);
  }

  /** What was changed is not in the file: each is counted again. */
  undo(): void {
    this.#counts.clear();
  }

  #add(counted: Counted, by: 1 | -1): void {
    const source = counted?.source;
    if (counted === null || source == null || counted.phase === 'settled') return;
    const known = this.#counts.get(source);
    if (known !== undefined) this.#counts.set(source, known + by);
  }
}
