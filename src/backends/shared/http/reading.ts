/**
 * Memory of what is read from connections. Node takes a block for each piece that it reads, and its parser one more for the body
 * in it. They are outside of the heap: their garbage made V8 mark all of the heap for every 25 MB of a stream, which took more
 * time than the stream. Tested in test/backends/shared/http/reading.test.ts.
 */
import type { OnReadOpts, Socket } from 'node:net';

const READ_BYTES = 64 * 1024;
/** Less is not worth freeing at once. */
const FREED_MIN_BYTES = 4 * 1024;

/**
 * For connections of Node's own client. All of them read into the same block: its parser copies what it finds there before the
 * next one reads.
 */
export const onread = {
  buffer: Buffer.allocUnsafeSlow(READ_BYTES),
  callback(this: Socket, length: number, buffer: Uint8Array): boolean {
    const bytes = buffer.subarray(0, length);
    const isParsedNow = this.readableFlowing === true && this.readableLength === 0 && this.listenerCount('data') === 1;
    return this.push(isParsedNow ? bytes : Buffer.from(bytes));
  },
} as OnReadOpts;

/** Frees the memory of bytes that are not needed any more. A later read finds them empty. */
export function free({ buffer, length }: Uint8Array): void {
  // A part of a larger block is freed with it.
  if (length >= FREED_MIN_BYTES && length === buffer.byteLength && buffer instanceof ArrayBuffer) buffer.transfer(0);
}
