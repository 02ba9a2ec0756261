/** Tested in test/core/ports/buffer-budget.test.ts. */

/**
 * For all that is kept for callers: bodies, replays, answers that are withheld, what a caller has not read yet. Sixteen
 * bodies of the largest size fit at once, and the process stays within the 512 MB of a small container.
 */
export const BUFFERS_MAX_BYTES = 128 * 1024 * 1024;

/** How many bytes may be kept at once. Who keeps bytes takes them from here first, and gives them back. */
export class BufferBudget {
  readonly maxBytes: number;
  readonly #parent: BufferBudget | null;
  #used = 0;
  #onRefused = () => {};

  constructor(maxBytes: number = BUFFERS_MAX_BYTES, parent: BufferBudget | null = null) {
    this.maxBytes = maxBytes;
    this.#parent = parent;
  }

  /** Sets what is called each time that there is no room, here or in a part. */
  onRefused(listener: () => void): void {
    this.#onRefused = listener;
  }

  get used(): number {
    return this.#used;
  }

  /** False where there is no room: keep nothing then. */
  take(bytes: number): boolean {
    if (this.#used + bytes > this.maxBytes) {
      this.#refused();
      return false;
    }
    if (this.#parent?.take(bytes) === false) return false;
    this.#used += bytes;
    return true;
  }

  give(bytes: number): void {
    this.#used -= bytes;
    this.#parent?.give(bytes);
  }

  /** A part of this budget, so that those who share the part leave the rest to others. */
  part(maxBytes: number): BufferBudget {
    return new BufferBudget(Math.min(maxBytes, this.maxBytes), this);
  }

  /** For what is given back together, when it is not needed any more. */
  lease(): BufferLease {
    return new BufferLease(this);
  }

  #refused(): void {
    if (this.#parent === null) this.#onRefused();
    else this.#parent.#refused();
  }
}

/** What one owner has taken. Closing it twice has no effect. */
export class BufferLease {
  readonly #budget: BufferBudget;
  #used = 0;
  #isClosed = false;

  constructor(budget: BufferBudget) {
    this.#budget = budget;
  }

  get used(): number {
    return this.#used;
  }

  /** False where there is no room, or the lease is closed. */
  take(bytes: number): boolean {
    if (this.#isClosed || !this.#budget.take(bytes)) return false;
    this.#used += bytes;
    return true;
  }

  /** @param bytes at most what is taken */
  give(bytes: number): void {
    const given = Math.min(bytes, this.#used);
    this.#used -= given;
    this.#budget.give(given);
  }

  /** Gives all of it back. */
  close(): void {
    this.#isClosed = true;
    this.give(this.#used);
  }
}
