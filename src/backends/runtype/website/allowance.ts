import type { Clock } from '../../../core/ports/ports.ts';

/** So many per window, for each of several names. Names that are not used for a window are forgotten. */
export class Allowance {
  readonly #max: number;
  readonly #windowMs: number;
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #taken = new Map<string, { since: number; count: number }>();

  constructor(max: number, windowMs: number, clock: Pick<Clock, 'monotonic'>) {
    this.#max = max;
    this.#windowMs = windowMs;
    this.#clock = clock;
  }

  /** @returns whether there was one left */
  take(name: string): boolean {
    const now = this.#clock.monotonic();
    for (const [other, { since }] of this.#taken) {
      // In the order in which they began.
      if (now - since < this.#windowMs) break;
      this.#taken.delete(other);
    }
    const taken = this.#taken.get(name) ?? { since: now, count: 0 };
    if (taken.count >= this.#max) return false;
    taken.count += 1;
    this.#taken.set(name, taken);
    return true;
  }
}
