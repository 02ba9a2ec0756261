/** Tested in test/store/sqlite/cache/phase-counts.test.ts. */
import type { Approval } from '../../../core/approval/approval.ts';

export interface PhaseCount {
  backend: string;
  phase: Approval['phase'];
  count: number;
}

/**
 * How many approvals of each backend are in each phase but `settled`. They are counted once, and then with each change, so
 * that asking costs the same however many there are.
 */
export class PhaseCounts {
  readonly #count: () => readonly PhaseCount[];
  /** Null: to be counted. */
  #known: Map<string, PhaseCount> | null = null;

  /** @param count all, in the file */
  constructor(count: () => readonly PhaseCount[]) {
    this.#count = count;
  }

  /** Outside of a transaction. In the order of their names. */
  all(): PhaseCount[] {
    this.#known ??= new Map(this.#count().map((one) => [keyOf(one.backend, one.phase), one]));
    return [...this.#known].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one);
  }

  /** @param base what the file had; null: nothing */
  written(state: Approval, base: Approval | null): void {
    if (base !== null) this.#add(base, -1);
    this.#add(state, 1);
  }

  /** What was written is not in the file, or that is not known. */
  forget(): void {
    this.#known = null;
  }

  #add({ pause: { backend }, phase }: Approval, difference: 1 | -1): void {
    if (this.#known === null || phase === 'settled') return;
    const key = keyOf(backend, phase);
    const count = (this.#known.get(key)?.count ?? 0) + difference;
    if (count > 0) this.#known.set(key, { backend, phase, count });
    else this.#known.delete(key);
  }
}

function keyOf(backend: string, phase: string): string {
  return `${backend}\n${phase}`;
}
