/** Spaces events by key: the generic cell rate algorithm, one number for each key. Tested in test/http/guard/rates.test.ts. */

/** Beyond so many keys, the one that was used the longest ago is forgotten: about half a megabyte. */
const KEYS_MAX = 4_096;

export class Rates {
  readonly #intervalMs: number;
  readonly #burst: number;
  /** When the whole burst of a key is free again, ms; used longest ago first. */
  readonly #freeAt = new Map<string, number>();

  constructor({ burst, perSecond }: { burst: number; perSecond: number }) {
    this.#burst = burst;
    this.#intervalMs = 1_000 / perSecond;
  }

  get size(): number {
    return this.#freeAt.size;
  }

  /**
   * Takes an event of this key, if it is due within `patienceMs`.
   * @param now on a clock that never jumps, ms
   * @returns after how many ms it is due
   */
  take(key: string, now: number, patienceMs = 0): { taken: boolean; waitMs: number } {
    const freeAt = Math.max(this.#freeAt.get(key) ?? 0, now);
    const waitMs = Math.max(0, freeAt - (this.#burst - 1) * this.#intervalMs - now);
    if (waitMs > patienceMs) return { taken: false, waitMs };
    this.#freeAt.delete(key);
    this.#freeAt.set(key, freeAt + this.#intervalMs);
    const [oldest] = this.#freeAt.keys();
    if (this.#freeAt.size > KEYS_MAX && oldest !== undefined) this.#freeAt.delete(oldest);
    return { taken: true, waitMs };
  }
}
