/** Tested in test/store/shared/bounded-cache.test.ts. */
interface Entry<V> {
  value: V;
  size: number;
}

/** Values by id, limited in number and in size; the least recently used ones are dropped. */
export class BoundedCache<V> {
  readonly #maxCount: number;
  readonly #maxSize: number;
  /** The least recently used one comes first. */
  readonly #entries = new Map<string, Entry<V>>();
  #size = 0;

  constructor(maxCount: number, maxSize: number) {
    this.#maxCount = maxCount;
    this.#maxSize = maxSize;
  }

  /** Undefined: not known. */
  get(id: string): V | undefined {
    const entry = this.#entries.get(id);
    if (entry === undefined) return undefined;
    this.#entries.delete(id);
    this.#entries.set(id, entry);
    return entry.value;
  }

  set(id: string, value: V, size: number): void {
    this.delete(id);
    if (size > this.#maxSize) return;
    this.#entries.set(id, { value, size });
    this.#size += size;
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= this.#maxCount && this.#size <= this.#maxSize) break;
      this.delete(oldest);
    }
  }

  delete(id: string): void {
    this.#size -= this.#entries.get(id)?.size ?? 0;
    this.#entries.delete(id);
  }

  clear(): void {
    this.#entries.clear();
    this.#size = 0;
  }
}
