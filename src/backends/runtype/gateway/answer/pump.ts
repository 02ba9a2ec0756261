/** Tested in test/backends/runtype/gateway/answer/pump.test.ts. */
import type { Readable } from 'node:stream';

/** Of pieces on average: a write of a shorter one costs more than copying it. */
const JOINED_BYTES = 8 * 1024;

/** Takes what arrived in one turn. Undefined: more may come; else it resolves when that is so. */
export type Take = (pieces: readonly Uint8Array[]) => Promise<void> | undefined;

/**
 * Gives all bytes of a body to `take`, in order and at its pace. What arrives in one turn is taken together, short pieces as
 * one.
 * @returns rejects when the body broke off, or `take` failed
 */
export function pump(body: Readable, take: Take): Promise<void> {
  return new Pump(body, take).done;
}

class Pump {
  readonly done: Promise<void>;
  readonly #body: Readable;
  readonly #take: Take;
  #pieces: Uint8Array[] = [];
  #size = 0;
  #isDue = false;
  #isTaking = false;
  /** Set once nothing more arrives. */
  #end: (() => void) | null = null;
  readonly #reject: (thrown: unknown) => void;

  constructor(body: Readable, take: Take) {
    this.#body = body;
    this.#take = take;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.done = promise;
    this.#reject = reject;
    const ended = (end: () => void) => {
      this.#end ??= end;
      this.#due();
    };
    body.on('data', (piece: Uint8Array) => {
      this.#pieces.push(piece);
      this.#size += piece.length;
      this.#due();
    });
    body.on('end', () => ended(resolve));
    body.on('error', (error) => ended(() => reject(error)));
    const onClose = () => ended(() => reject(new Error('it broke off')));
    body.on('close', onClose);
    if (body.destroyed) onClose();
  }

  #due(): void {
    if (this.#isDue || this.#isTaking) return;
    this.#isDue = true;
    queueMicrotask(() => this.#flush());
  }

  #flush(): void {
    this.#isDue = false;
    const pieces = this.#pieces;
    if (pieces.length === 0) {
      this.#goOn();
      return;
    }
    const isJoined = pieces.length > 1 && this.#size < pieces.length * JOINED_BYTES;
    this.#pieces = [];
    this.#size = 0;
    try {
      const taken = this.#take(isJoined ? [Buffer.concat(pieces)] : pieces);
      if (taken === undefined) this.#goOn();
      else this.#wait(taken);
    } catch (thrown) {
      this.#fail(thrown);
    }
  }

  #wait(taken: Promise<void>): void {
    this.#isTaking = true;
    this.#body.pause();
    taken.then(
      () => {
        this.#isTaking = false;
        this.#flush();
      },
      (thrown: unknown) => this.#fail(thrown),
    );
  }

  #goOn(): void {
    if (this.#end !== null) this.#end();
    else if (this.#body.isPaused()) this.#body.resume();
  }

  #fail(thrown: unknown): void {
    this.#body.destroy();
    this.#reject(thrown);
  }
}
