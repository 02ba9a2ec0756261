import type { ServerResponse } from 'node:http';
import { setImmediate as turn } from 'node:timers/promises';
import type { StreamListener } from '../runs/run-stream.ts';
import type { RuntypeFault } from '../types.ts';
import type { Body } from './compression.ts';

/** Writes a stream to an HTTP response, with a fault if one is planned. */
export class StreamResponse implements StreamListener {
  readonly #response: ServerResponse;
  readonly #body: Body;
  readonly #slice: number | null;
  /** Bytes left before the connection is cut or stalls; null if it does neither. */
  #left: number | null;
  readonly #stalls: boolean;
  #stopped = false;
  /** Serialises writes. */
  #queue: Promise<void> = Promise.resolve();

  constructor(response: ServerResponse, body: Body, fault: RuntypeFault | undefined) {
    this.#response = response;
    this.#body = body;
    this.#slice = fault?.kind === 'slice' ? Math.max(1, fault.bytes) : null;
    this.#stalls = fault?.kind === 'stall';
    this.#left = fault && 'afterBytes' in fault ? fault.afterBytes : null;
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' });
    response.flushHeaders();
  }

  write(text: string): void {
    if (this.#stopped || this.#response.destroyed) return;
    const bytes = Buffer.from(text);
    if (this.#slice !== null) this.#enqueueSlices(bytes, this.#slice);
    else if (this.#left !== null) this.#writeUpTo(this.#left, bytes);
    else this.#body.write(bytes);
  }

  end(): void {
    if (this.#left !== null && this.#left <= 0) this.#stop();
    else this.#queue = this.#queue.then(() => this.#body.end());
  }

  #writeUpTo(left: number, bytes: Buffer): void {
    if (left > 0) this.#body.write(bytes.subarray(0, left));
    this.#left = left - bytes.length;
    if (this.#left <= 0) this.#stop();
  }

  /** Cuts the connection after the bytes so far have been sent, or stalls it. */
  #stop(): void {
    if (!this.#stopped && !this.#stalls) this.#response.socket?.destroySoon();
    this.#stopped = true;
  }

  #enqueueSlices(bytes: Buffer, length: number): void {
    this.#queue = this.#queue.then(async () => {
      for (let at = 0; at < bytes.length && !this.#response.destroyed; at += length) {
        this.#body.write(bytes.subarray(at, at + length));
        await turn();
      }
    });
  }
}
