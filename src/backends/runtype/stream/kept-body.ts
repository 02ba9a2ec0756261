/** Tested in test/backends/runtype/stream/sessions.test.ts. */
import type { Readable } from 'node:stream';
import type { BufferLease } from '../../../core/ports/buffer-budget.ts';
import { watchIdle } from '../../shared/response.ts';

/** Bytes that have arrived and wait to be read; beyond them the sender waits. */
const KEPT_MAX = 1024 * 1024;

/**
 * The body of an answer, read from the moment of its headers: what has arrived is kept until it is taken, also when the
 * connection breaks meanwhile.
 */
export class KeptBody {
  readonly #body: Readable;
  readonly #lease: BufferLease | null;
  readonly #chunks: Uint8Array[] = [];
  readonly #idle: ReturnType<typeof watchIdle>;
  #size = 0;
  #end: 'ended' | 'cut' | null = null;
  #wake = () => {};

  /**
   * @param idleMs a body that is silent for so long counts as cut
   * @param lease counts what waits; without room the sender waits after each piece
   */
  constructor(body: Readable, idleMs: number, lease: BufferLease | null = null) {
    this.#body = body;
    this.#lease = lease;
    this.#idle = watchIdle(body, idleMs);
    body.on('data', (chunk: Uint8Array) => {
      this.#chunks.push(chunk);
      this.#size += chunk.length;
      const hasRoom = lease?.count(chunk.length) ?? true;
      if (!hasRoom || this.#size > KEPT_MAX) body.pause();
      this.#idle.alive();
      this.#wake();
    });
    body.once('end', () => this.#finish('ended'));
    body.once('error', () => this.#finish('cut'));
    body.once('close', () => this.#finish('cut'));
    if (body.destroyed) this.#finish('cut');
  }

  /** What has arrived and was not taken. */
  get chunks(): readonly Uint8Array[] {
    return this.#chunks;
  }

  /** How it ended; null: more may come. */
  get end(): 'ended' | 'cut' | null {
    return this.#end;
  }

  /** Resolves when something arrives, or it ends. */
  changed(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
      if (this.#end !== null) resolve();
    });
  }

  /** The next bytes, or how it ended. */
  async take(): Promise<Uint8Array | 'ended' | 'cut'> {
    for (;;) {
      const chunk = this.#chunks.shift();
      if (chunk !== undefined) {
        this.#size -= chunk.length;
        this.#lease?.give(chunk.length);
        this.#idle.alive();
        if (this.#body.isPaused() && this.#size <= KEPT_MAX / 2) this.#body.resume();
        return chunk;
      }
      if (this.#end !== null) return this.#end;
      await this.changed();
    }
  }

  /** Ends the connection. What has arrived is not taken any more. */
  destroy(): void {
    this.#lease?.close();
    this.#body.destroy();
  }

  #finish(how: 'ended' | 'cut'): void {
    this.#end ??= how;
    this.#idle.stop();
    this.#wake();
  }
}
