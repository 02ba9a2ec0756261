/** Tested in test/core/ports/buffer-budget.test.ts. */

/**
 * For all that is kept for callers: bodies, replays, answers that are withheld, what a caller has not read yet. Sixteen
 * bodies of the largest size fit at once, and the process stays within the 512 MB of a small container.
 */
const BUFFERS_MAX_BYTES = 128 * 1024 * 1024;

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

  /** For what has arrived already, which is kept in any case. @returns whether there was room */
  count(bytes: number): boolean {
    this.#used += bytes;
    const hasRoom = this.#parent?.count(bytes) ?? true;
    return hasRoom && this.#used <= this.maxBytes;
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

  /** As `take`, also without room: for answers to calls of our own, which are not refused. @returns whether there was room */
  count(bytes: number): boolean {
    if (this.#isClosed) return true;
    this.#used += bytes;
    return this.#budget.count(bytes);
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

/** Smaller chunks are copied together into blocks of this size. */
const BLOCK_BYTES = 16 * 1024;
/** From this size on, a chunk costs little more than its bytes. */
const CHUNK_BYTES = 4 * 1024;

/**
 * The chunks of a body that is kept. Small ones share a block: a chunk is an object, so a sender of single bytes would take a
 * hundred times what it sends.
 */
export class KeptBytes {
  readonly #lease: BufferLease;
  readonly #chunks: Uint8Array[] = [];
  /** The last chunk, where it has room for more; and how much of it is used. */
  #block: Uint8Array | null = null;
  #filled = 0;
  #length = 0;

  constructor(lease: BufferLease) {
    this.#lease = lease;
  }

  get length(): number {
    return this.#length;
  }

  /** False where there is no room: the chunk is not kept. */
  add(chunk: Uint8Array): boolean {
    // Most bodies are one chunk.
    const isKeptAsIs = chunk.length >= CHUNK_BYTES || this.#length === 0;
    if (isKeptAsIs ? !this.#append(chunk) : !this.#copy(chunk)) return false;
    this.#length += chunk.length;
    return true;
  }

  /** All of it; nothing is kept any more. The lease still counts it. */
  take(): Uint8Array[] {
    this.#close();
    this.#length = 0;
    return this.#chunks.splice(0);
  }

  #append(chunk: Uint8Array): boolean {
    if (!this.#lease.take(chunk.length)) return false;
    this.#close();
    this.#chunks.push(chunk);
    return true;
  }

  #copy(chunk: Uint8Array): boolean {
    if (this.#block === null || this.#filled + chunk.length > BLOCK_BYTES) {
      if (!this.#append(new Uint8Array(BLOCK_BYTES))) return false;
      this.#block = this.#chunks.at(-1) ?? null;
      this.#filled = 0;
    }
    this.#block?.set(chunk, this.#filled);
    this.#filled += chunk.length;
    return true;
  }

  /** The block gets no further chunk. */
  #close(): void {
    if (this.#block !== null) this.#chunks[this.#chunks.length - 1] = this.#block.subarray(0, this.#filled);
    this.#block = null;
  }
}
