/** What another program writes into a command. Tested in test/cli/policy/commands.test.ts. */
import { readSync } from 'node:fs';

const CHUNK_BYTES = 64 * 1024;
/** Between two looks at an input that another program has made to return at once, ms: it has nothing yet. */
const WAIT_MS = 10;

/** To its end, or to a little more than `maxBytes`. */
export function readInput(maxBytes: number): Buffer {
  const chunks: Buffer[] = [];
  let length = 0;
  while (length <= maxBytes) {
    const chunk = readChunk();
    if (chunk === null) break;
    chunks.push(chunk);
    length += chunk.length;
  }
  return Buffer.concat(chunks);
}

/** Null: the input has ended. */
function readChunk(): Buffer | null {
  const chunk = Buffer.alloc(CHUNK_BYTES);
  for (;;) {
    try {
      const length = readSync(0, chunk);
      return length === 0 ? null : chunk.subarray(0, length);
    } catch (thrown) {
      const { code } = thrown as { code?: unknown };
      // Of a terminal on Windows.
      if (code === 'EOF') return null;
      if (code !== 'EAGAIN') throw thrown;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, WAIT_MS);
    }
  }
}
