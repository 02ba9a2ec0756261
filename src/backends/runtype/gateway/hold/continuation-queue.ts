/**
 * Tested in test/backends/runtype/stream/continuation-hub.test.ts and
 * test/backends/runtype/gateway/hold/held-response.test.ts.
 */
import type { BufferBudget, BufferLease } from '../../../../core/ports/buffer-budget.ts';
import type { Clock } from '../../../../core/ports/ports.ts';
import type { ContinuationSink, StreamEnd } from '../../stream/continuation-hub.ts';
import type { Frame } from '../../wire/frames/frame.ts';
import type { ContinuationWriter } from './continuation-writer.ts';

/** Of continuations that their application does not read; the response ends then, and reading the run continues. */
export const HELD_MAX_CHARACTERS = 4 * 1024 * 1024;

type Piece = { frame: Frame } | { json: unknown };

/** A continuation, as far as it has arrived and was not written. */
interface Continuation {
  pieces: Piece[];
  hasBegun: boolean;
  end: StreamEnd | null;
}

/** The continuations of one response, in the order in which they began. */
export class ContinuationQueue {
  readonly #continuations: Continuation[] = [];
  readonly #onOverflow: () => void;
  readonly #lease: BufferLease;
  #size = 0;
  /** What was read, and is not written yet. */
  #writing = 0;
  #isClosed = false;
  #wake = () => {};

  /** @param onOverflow called when more than the limit waits to be written, or there is no room for it */
  constructor(room: BufferBudget, onOverflow: () => void) {
    this.#lease = room.lease();
    this.#onOverflow = onOverflow;
  }

  add(): ContinuationSink {
    const continuation: Continuation = { pieces: [], hasBegun: false, end: null };
    this.#continuations.push(continuation);
    const take = (piece: Piece, size: number) => {
      if (this.#isClosed) return;
      this.#size += size;
      continuation.pieces.push(piece);
      if (this.#size > HELD_MAX_CHARACTERS || !this.#lease.take(size)) this.#onOverflow();
      this.wake();
    };
    return {
      frame: (frame) => take({ frame }, frame.raw.length),
      whole: (json) => take({ json }, 0),
      end: (end) => {
        continuation.end = end;
        this.wake();
      },
    };
  }

  get isEmpty(): boolean {
    return this.#continuations.length === 0;
  }

  /** How the first continuation ended; null while it goes on. */
  get end(): StreamEnd | null {
    return this.#continuations[0]?.end ?? null;
  }

  /** What has arrived of the first continuation, as the writer writes it. */
  read(writer: ContinuationWriter): string {
    const [first] = this.#continuations;
    if (first === undefined) return '';
    if (!first.hasBegun) writer.begin();
    first.hasBegun = true;
    const texts = first.pieces.splice(0).map((piece) => {
      if ('json' in piece) return writer.whole(piece.json);
      this.#writing += piece.frame.raw.length;
      return writer.frame(piece.frame);
    });
    return texts.join('');
  }

  /** What was read is written. */
  written(): void {
    this.#size -= this.#writing;
    this.#lease.give(this.#writing);
    this.#writing = 0;
  }

  /** The first continuation is written. */
  shift(): void {
    this.#continuations.shift();
  }

  /** Drops everything, and accepts nothing more. */
  close(): void {
    this.#isClosed = true;
    for (const { pieces } of this.#continuations) pieces.length = 0;
    this.#lease.close();
  }

  /** Resolves after `ms`, or when something arrives. */
  async changed(clock: Clock, ms: number): Promise<void> {
    const control = new AbortController();
    const woken = new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    const slept = clock.sleep(Math.max(1, ms), control.signal).catch(() => {});
    await Promise.race([slept, woken]);
    control.abort();
  }

  wake(): void {
    this.#wake();
  }
}
