/** Serves an adapter's mount with Node's own server, beside the web framework: not a byte may change on the way. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { coerceError } from '../core/ports/errors.ts';
import { failedDetail, type HttpAnswer } from '../core/ports/http.ts';
import type { HttpMount, HttpReply, HttpRequest, Log } from '../core/ports/ports.ts';

export type RawHandler = (incoming: IncomingMessage, outgoing: ServerResponse) => void;

/** What is left of a request that was not read to its end is dropped, up to this size and this long. */
const DRAIN_BYTES = 64 * 1024 * 1024;
const DRAIN_MS = 500;
/** Of one write to a caller. */
const WRITE_BYTES = 128 * 1024;

/** Whether a mount serves this request target. */
export function serves({ prefix }: Pick<HttpMount, 'prefix'>, target: string): boolean {
  if (prefix.endsWith('/')) return target.startsWith(prefix);
  return target.startsWith(prefix) && /^(?:$|[/?])/.test(target.slice(prefix.length));
}

/** Connections on which an answer said that they close: what else is sent there is not served (RFC 9112, 9.6). */
const closing = new WeakSet<Socket>();

/** Whether what comes on this connection from now on is not served. */
export function isClosing(socket: Socket): boolean {
  return closing.has(socket);
}

/** Serves nothing more on the connection of this answer, which says so by `Connection: close`. */
function closeAfter(outgoing: ServerResponse): void {
  closing.add(outgoing.req.socket);
}

/** Answers what is not served, without reading its body, and serves nothing that follows it. */
export function answerAndClose(outgoing: ServerResponse, answer: HttpAnswer): void {
  const { status, contentType, body, retryAfterS } = answer;
  closeAfter(outgoing);
  const about = ['Content-Type', contentType, 'Content-Length', String(Buffer.byteLength(body)), 'Connection', 'close'];
  const later = retryAfterS === undefined ? [] : ['Retry-After', String(retryAfterS)];
  outgoing.writeHead(status, [...about, ...later]);
  outgoing.end(body);
}

/** Every exchange ends with it; an exception with its stack for each would cost as much as the exchange. */
const OVER = new DOMException('The exchange is over', 'AbortError');

export function createMountHandler(mount: HttpMount, log: Log): RawHandler {
  return (incoming, outgoing) => {
    const gone = new AbortController();
    const end = () => gone.abort(OVER);
    outgoing.on('close', end);
    // A broken connection is the caller's; `gone` reports it already.
    incoming.on('error', end);
    outgoing.on('error', end);
    mount.handle(requestOf(incoming, outgoing), new Reply(outgoing), gone.signal).catch((thrown: unknown) => {
      // A body that broke off is the caller's doing, and may come a thousand times a second.
      if (!incoming.complete && incoming.destroyed) return outgoing.destroy();
      log.error({ err: coerceError(thrown), path: mount.prefix }, 'request failed');
      if (outgoing.headersSent) outgoing.destroy();
      else fail(outgoing, thrown);
    });
  };
}

/** A failure that reaches the server happened before a commit, or says that this is in doubt. */
function fail(outgoing: ServerResponse, thrown: unknown): void {
  outgoing.writeHead(500, { 'content-type': 'application/json' });
  outgoing.end(JSON.stringify({ title: 'Internal Server Error', status: 500, detail: failedDetail(thrown) }));
}

function requestOf(incoming: IncomingMessage, outgoing: ServerResponse): HttpRequest {
  return {
    method: incoming.method ?? 'GET',
    version: incoming.httpVersion,
    target: incoming.url ?? '/',
    rawHeaders: incoming.rawHeaders,
    remoteAddress: incoming.socket.remoteAddress ?? '',
    body: bodyOf(incoming),
    get answered() {
      return whenAnswered(outgoing);
    },
  };
}

/** Resolves once the whole reply is handed to the network, or the caller is gone. */
function whenAnswered(outgoing: ServerResponse): Promise<void> {
  if (outgoing.writableFinished || outgoing.closed) return Promise.resolve();
  return new Promise((resolve) => {
    outgoing.once('finish', resolve);
    outgoing.once('close', resolve);
  });
}

const moves = ['readable', 'end', 'close', 'error'] as const;

/**
 * Reads a body to its end. Node's own iterator does the same with a dozen listeners, and destroys the connection at an early
 * end, so that the caller would not get its reply.
 */
async function* bodyOf(incoming: IncomingMessage): AsyncIterable<Uint8Array> {
  let onMove = () => {};
  const move = () => onMove();
  for (const event of moves) incoming.on(event, move);
  try {
    for (;;) {
      const chunk: Uint8Array | null = incoming.destroyed ? null : incoming.read();
      if (chunk !== null) yield chunk;
      else if (incoming.readableEnded) return;
      else if (incoming.errored !== null || incoming.destroyed) throw incoming.errored ?? goneError();
      else {
        await new Promise<void>((resolve) => {
          onMove = resolve;
        });
      }
    }
  } finally {
    for (const event of moves) incoming.off(event, move);
    drain(incoming);
  }
}

const dropped = new WeakSet<IncomingMessage>();

/** Drops what is left of a request, so that its caller reads the reply. */
export function drain(incoming: IncomingMessage): void {
  if (incoming.complete || incoming.destroyed || dropped.has(incoming)) return;
  dropped.add(incoming);
  // Node forgets a request once it is answered, so a reader of its body would wait forever once the connection is closed.
  incoming.socket.once('close', () => incoming.destroy());
  let size = 0;
  const giveUp = () => incoming.socket.destroySoon();
  const timer = setTimeout(giveUp, DRAIN_MS).unref();
  incoming.on('data', (chunk: Uint8Array) => {
    size += chunk.length;
    if (size > DRAIN_BYTES) giveUp();
  });
  for (const event of ['end', 'close', 'error']) incoming.on(event, () => clearTimeout(timer));
  incoming.resume();
}

function saysClose(rawHeaders: readonly string[]): boolean {
  const at = rawHeaders.findIndex((name, index) => index % 2 === 0 && name.toLowerCase() === 'connection');
  return at >= 0 && rawHeaders[at + 1] === 'close';
}

class Reply implements HttpReply {
  readonly #outgoing: ServerResponse;
  /** Its head goes out, or went out, with what follows it. */
  #hasBody = false;
  /** What a write that is under way has not passed to the network yet. */
  #rest: Uint8Array | null = null;
  /** Of those who wait until more may be written. */
  #writable: { promise: Promise<void>; resolve(): void; reject(error: Error): void } | null = null;

  constructor(outgoing: ServerResponse) {
    this.#outgoing = outgoing;
  }

  start(status: number, rawHeaders: readonly string[]): void {
    const outgoing = this.#outgoing;
    // A caller that is gone, or that was answered because its body did not arrive.
    if (outgoing.destroyed || outgoing.writableEnded) return;
    if (saysClose(rawHeaders)) closeAfter(outgoing);
    outgoing.writeHead(status, [...rawHeaders]);
    // A stream's head goes out in this turn: its first event may take a while. A whole answer goes out in one piece.
    process.nextTick(() => {
      if (!this.#hasBody && !outgoing.destroyed) outgoing.flushHeaders();
    });
  }

  write(bytes: Uint8Array, sent?: () => void): Promise<void> | undefined {
    if (bytes.length > WRITE_BYTES) return this.#writeLong(bytes);
    const outgoing = this.#outgoing;
    if (outgoing.destroyed || outgoing.writableEnded) return Promise.reject(goneError());
    this.#hasBody = true;
    const isRoom = outgoing.write(bytes, (error) => {
      if (!error) sent?.();
    });
    return isRoom ? undefined : this.#untilWritable();
  }

  end(): void {
    this.#hasBody = true;
    // The caller of `write` may not have waited for it.
    if (this.#rest !== null) this.#outgoing.write(this.#rest);
    this.#rest = null;
    this.#outgoing.end();
  }

  destroy(): void {
    this.#outgoing.destroy();
  }

  /** In pieces, so that a caller that reads slowly is seen to read. */
  async #writeLong(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length; at += WRITE_BYTES) {
      this.#rest = at + WRITE_BYTES < bytes.length ? bytes.subarray(at + WRITE_BYTES) : null;
      await this.write(bytes.subarray(at, at + WRITE_BYTES));
    }
  }

  /** Rejects once the caller is gone. */
  #untilWritable(): Promise<void> {
    if (this.#writable !== null) return this.#writable.promise;
    const outgoing = this.#outgoing;
    const waiting = Promise.withResolvers<void>();
    this.#writable = waiting;
    const settle = (how: () => void) => {
      this.#writable = null;
      outgoing.off('drain', onDrain);
      outgoing.off('close', onClose);
      how();
    };
    const onDrain = () => settle(waiting.resolve);
    const onClose = () => settle(() => waiting.reject(goneError()));
    outgoing.once('drain', onDrain);
    outgoing.once('close', onClose);
    return waiting.promise;
  }
}

function goneError(): Error {
  return new Error('the caller is gone');
}
