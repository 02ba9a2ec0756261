/** Tested in test/http/limits.test.ts. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { problem, RETRY_AFTER_S } from '../core/ports/http.ts';
import type { OverloadReason } from '../engine/observe/overload.ts';
import type { Limits } from './limits.ts';
import { answerAndClose } from './mount.ts';

/** Why a request was refused or cut, apart from what it asks for. */
export type Refusal = Exclude<OverloadReason, 'buffers'>;

interface Exchange {
  incoming: IncomingMessage;
  outgoing: ServerResponse;
  socket: Socket;
  /** It may come in at any time, and its body has a limit of its own. */
  isReserved: boolean;
  /** How long we have waited for more of its body, ms. */
  waitedMs: number;
  /** When bytes were last read and last written, ms; and how many there were at the last look. */
  readAt: number;
  read: number;
  writtenAt: number;
  written: number;
  /** What had been read from the connection when its body began, bytes. */
  readBefore: number;
}

/**
 * The requests under way. Each look ends those whose caller has stopped sending its body or reading its response. A response
 * may stay open for as long as its run takes.
 */
export class Exchanges {
  readonly #limits: Limits;
  readonly #onRefused: (reason: Refusal, address: string) => void;
  readonly #open = new Set<Exchange>();
  readonly #reserved: Share;
  readonly #others: Share;
  #sweptAt = performance.now();
  readonly #timer: NodeJS.Timeout;

  constructor(limits: Limits, onRefused: (reason: Refusal, address: string) => void) {
    this.#limits = limits;
    this.#onRefused = onRefused;
    const { requests, requestsOfAddress, reservedRequests } = limits;
    this.#others = new Share(requests, requestsOfAddress);
    this.#reserved = new Share(reservedRequests, reservedRequests / 2);
    this.#timer = setInterval(() => this.#sweep(), limits.sweepMs).unref();
  }

  /**
   * Takes a request on, or answers it with 503.
   * @param isReserved for what must get in while others have used up their share
   */
  admit(incoming: IncomingMessage, outgoing: ServerResponse, isReserved: boolean): boolean {
    const { socket } = incoming;
    const share = isReserved ? this.#reserved : this.#others;
    const address = socket.remoteAddress ?? '';
    if (!share.has(address)) {
      this.refuse('requests', incoming, outgoing);
      return false;
    }
    const { bytesRead: read, bytesWritten: written } = socket;
    const now = performance.now();
    const times = { waitedMs: 0, readAt: now, writtenAt: now };
    const exchange = { incoming, outgoing, socket, isReserved, ...times, read, written, readBefore: read };
    this.#open.add(exchange);
    share.count(address, 1);
    outgoing.once('close', () => {
      this.#open.delete(exchange);
      share.count(address, -1);
    });
    return true;
  }

  /** Answers a request for which there is no room, and closes its connection. */
  refuse(reason: Refusal, incoming: IncomingMessage, outgoing: ServerResponse): void {
    this.#onRefused(reason, incoming.socket.remoteAddress ?? '');
    const detail = `Countersign has too many ${reason} at once. Nothing was recorded. Try again.`;
    answerAndClose(outgoing, { ...problem(503, 'Service Unavailable', detail), retryAfterS: RETRY_AFTER_S });
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #sweep(): void {
    const now = performance.now();
    const passed = now - this.#sweptAt;
    this.#sweptAt = now;
    for (const exchange of this.#open) {
      if (this.#isBodySlow(exchange, now, passed)) this.#endSlow(exchange);
      else if (this.#isUnread(exchange, now)) this.#cut(exchange, 'unread');
    }
  }

  /** Only while we wait for the caller: what has arrived and is not taken yet waits for us. */
  #isBodySlow(exchange: Exchange, now: number, passed: number): boolean {
    const { incoming, socket, read, readBefore } = exchange;
    if (incoming.complete) return false;
    if (incoming.readableLength > 0 || socket.bytesRead !== read) exchange.readAt = now;
    if (incoming.readableLength === 0) exchange.waitedMs += passed;
    exchange.read = socket.bytesRead;
    const { bodyIdleMs, bodyBytesPerSecond, signedBodyMs } = this.#limits;
    const slowMs = bodyIdleMs + ((socket.bytesRead - readBefore) / bodyBytesPerSecond) * 1_000;
    const allowedMs = exchange.isReserved ? signedBodyMs : slowMs;
    return now - exchange.readAt > bodyIdleMs || exchange.waitedMs > allowedMs;
  }

  #isUnread(exchange: Exchange, now: number): boolean {
    const { outgoing, socket, written, writtenAt } = exchange;
    const isWaiting = outgoing.writableLength > 0 || socket.writableLength > 0;
    const hasMoved = socket.bytesWritten !== written;
    if (!isWaiting || hasMoved) exchange.writtenAt = now;
    exchange.written = socket.bytesWritten;
    return isWaiting && !hasMoved && now - writtenAt > this.#limits.unreadMs;
  }

  #endSlow(exchange: Exchange): void {
    const { outgoing, socket } = exchange;
    if (outgoing.headersSent) {
      this.#cut(exchange, 'slow_body');
      return;
    }
    this.#open.delete(exchange);
    this.#onRefused('slow_body', socket.remoteAddress ?? '');
    answerAndClose(outgoing, problem(408, 'Request Timeout', 'The body of this request did not arrive in time.'));
  }

  #cut(exchange: Exchange, reason: Refusal): void {
    this.#open.delete(exchange);
    this.#onRefused(reason, exchange.socket.remoteAddress ?? '');
    exchange.socket.destroy();
  }
}

/** Of the requests under way; one address has only a part of it. */
class Share {
  readonly #max: number;
  readonly #maxOfAddress: number;
  readonly #ofAddress = new Map<string, number>();
  #count = 0;

  constructor(max: number, maxOfAddress: number) {
    this.#max = max;
    this.#maxOfAddress = maxOfAddress;
  }

  has(address: string): boolean {
    return this.#count < this.#max && (this.#ofAddress.get(address) ?? 0) < this.#maxOfAddress;
  }

  count(address: string, by: 1 | -1): void {
    this.#count += by;
    const left = (this.#ofAddress.get(address) ?? 0) + by;
    if (left === 0) this.#ofAddress.delete(address);
    else this.#ofAddress.set(address, left);
  }
}
