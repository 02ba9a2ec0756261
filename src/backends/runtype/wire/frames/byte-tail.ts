/** Tested in test/backends/runtype/wire/frames/byte-tail.test.ts. */

const BLOCK_MIN_BYTES = 1024;

/**
 * The last of the bytes that are added, up to a limit. They are copied into one block, which grows up to that limit and is
 * written around: what passes leaves no garbage.
 */
export class ByteTail {
  /** At most so many are kept; may be raised. */
  max: number;
  #block = Buffer.alloc(0);
  /** Where the oldest byte is. */
  #start = 0;
  #length = 0;

  constructor(max: number) {
    this.max = max;
  }

  get length(): number {
    return this.#length;
  }

  /** @returns how many of the oldest are not kept any more, of these bytes as well */
  add(bytes: Uint8Array): number {
    const over = Math.max(0, this.#length + bytes.length - this.max);
    this.drop(over);
    const kept = bytes.length > this.max ? bytes.subarray(bytes.length - this.max) : bytes;
    const length = this.#length + kept.length;
    if (length > this.#block.length) {
      this.#moveTo(Math.min(this.max, Math.max(BLOCK_MIN_BYTES, 2 ** Math.ceil(Math.log2(length)))));
    }
    const at = (this.#start + this.#length) % (this.#block.length || 1);
    const first = kept.subarray(0, this.#block.length - at);
    this.#block.set(first, at);
    this.#block.set(kept.subarray(first.length), 0);
    this.#length = length;
    return over;
  }

  /** Forgets so many of the oldest. */
  drop(count: number): void {
    const dropped = Math.min(count, this.#length);
    this.#start = (this.#start + dropped) % (this.#block.length || 1);
    this.#length -= dropped;
  }

  /** A copy of these bytes, counted from the oldest. */
  read(from = 0, to = this.#length): Buffer {
    const at = (this.#start + from) % (this.#block.length || 1);
    const first = this.#block.subarray(at, Math.min(at + to - from, this.#block.length));
    return Buffer.concat([first, this.#block.subarray(0, to - from - first.length)]);
  }

  /** Takes no more memory than what is kept needs. */
  fit(): void {
    this.#moveTo(this.#length);
  }

  clear(): void {
    this.#length = 0;
    this.fit();
  }

  #moveTo(size: number): void {
    const block = Buffer.allocUnsafeSlow(size);
    block.set(this.read());
    this.#block = block;
    this.#start = 0;
  }
}
