/** What an adapter serves over HTTP, independent of any HTTP library. The server mounts what each adapter brings. */
import { StoreDoubt } from './errors.ts';

/** A request as it was received: nothing is decoded, reordered or merged. */
export interface HttpRequest {
  method: string;
  /** Of HTTP, as it says: `1.1`. */
  version: string;
  /** Path and query. */
  target: string;
  /** Names and values in turn. */
  rawHeaders: readonly string[];
  /** Of the other end of the connection, as the system names it: `203.0.113.9`, `::1`. */
  remoteAddress: string;
  /** Stopping the iteration early drops the rest, so that the caller still gets the reply. */
  body: AsyncIterable<Uint8Array>;
  /** Resolves once the whole reply is handed to the network, or the caller is gone. */
  answered: Promise<void>;
}

export interface HttpReply {
  /** `rawHeaders`: names and values in turn. After `Connection: close`, nothing else on the connection is served. */
  start(status: number, rawHeaders: readonly string[]): void;
  /**
   * Undefined: more may be written; else it resolves when that is so. Rejects once the caller is gone.
   * @param sent called once these bytes are handed to the network: from then on they may change. Never called where that is
   * not known
   */
  write(bytes: Uint8Array, sent?: () => void): Promise<void> | undefined;
  end(): void;
  /** Breaks the connection, as the upstream's broke. */
  destroy(): void;
}

/** A part of the server's paths that belongs to one adapter. */
export interface HttpMount {
  /** With a slash at its end: everything below it. Without: this path and everything below it. */
  readonly prefix: string;
  /** Each body is signed, which proves its sender whatever host it names. Absent: only the server's own names are served. */
  readonly signed?: true;
  /** `signal` aborts when the caller is gone. A rejection is answered with 500. */
  handle(request: HttpRequest, reply: HttpReply, signal: AbortSignal): Promise<void>;
  /** Ends the replies that are held open, so that a stopping server need not wait for them. */
  release?(): void;
}

/** Where a secret is asked for. `presses`: the address to which a platform sends signed presses. `operator`: the page. */
export type Surface = 'inbox' | 'probes' | 'ingest' | 'gateway' | 'presses' | 'operator';

/** How many calls one caller may make: `burst` at once, and `perSecond` from then on. */
export interface CallRate {
  surface: Surface;
  /** Which limit it is, in a word or two. A label of the metrics. */
  limit: string;
  burst: number;
  perSecond: number;
}

/**
 * Slows wrong secrets down, and limits calls. Both are counted, logged once a minute for each surface, and alerted when they
 * last. A right secret is never slowed: behind a proxy, all callers have one address.
 */
export interface CallGuard {
  /**
   * Reports a wrong or missing secret. Resolves when it may be answered.
   * @param problem what is wrong with it, without the secret
   * @returns null; or, when so many are waiting already that it is refused at once, after how many seconds to try again
   */
  wrongSecret(surface: Surface, remoteAddress: string, problem: string): Promise<number | null>;
  /** Takes one call from the rate of `who`, whose name is logged. @returns null; or after how many seconds the next is accepted */
  take(rate: CallRate, who: string): number | null;
  /** Reports a call that another limit refused. */
  refused(surface: Surface, limit: string, who: string): void;
}

/** For callers of which nothing is counted. */
export const openGuard: CallGuard = { wrongSecret: async () => null, take: () => null, refused() {} };

/** A whole answer, for what has no stream. */
export interface HttpAnswer {
  status: number;
  contentType: string;
  body: string;
  /** How many seconds to wait before another try. The connection is closed after the answer. */
  retryAfterS?: number;
}

/** For paths that no adapter serves. */
export const unknownPath: HttpAnswer = problem(404, 'Not Found', 'Unknown path.');

/** For a wrong secret that is refused at once, because others of its caller wait for their refusal already. */
export const tooManyWrong: HttpAnswer = problem(429, 'Too Many Requests', 'Too many wrong secrets. Try again later.');

/** Problem details (RFC 9457). */
export function problem(status: number, title: string, detail: string): HttpAnswer {
  const body = `${JSON.stringify({ title, status, detail })}\n`;
  return { status, contentType: 'application/problem+json', body };
}

export function textAnswer(status: number, body: string): HttpAnswer {
  return { status, contentType: 'text/plain; charset=utf-8', body };
}

export function jsonAnswer(body: unknown): HttpAnswer {
  return { status: 200, contentType: 'application/json', body: JSON.stringify(body) };
}

/** Of a request that failed: what of it is recorded. `again`: what the caller does where that is not known. */
export function failedDetail(thrown: unknown, again = 'Send the same again: nothing is recorded twice.'): string {
  return thrown instanceof StoreDoubt
    ? `Countersign can’t say whether this was recorded. ${again}`
    : 'Nothing was recorded. Try again.';
}

/** How many seconds a caller for whom there is no room should wait. */
export const RETRY_AFTER_S = 5;

/** For a body that can't be kept, because the bodies of others are. */
export const noRoom: HttpAnswer = {
  ...problem(
    503,
    'Service Unavailable',
    'Countersign has no memory left for this body. Nothing was recorded. Try again.',
  ),
  retryAfterS: RETRY_AFTER_S,
};

/** Names in lower case; the values of a repeated name are joined as RFC 9110 says. */
export function headersOf(rawHeaders: readonly string[]): Record<string, string> {
  const headers: Record<string, string> = {};
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = (rawHeaders[at] ?? '').toLowerCase();
    const value = rawHeaders[at + 1] ?? '';
    headers[name] = Object.hasOwn(headers, name) ? `${headers[name]}, ${value}` : value;
  }
  return headers;
}

/** A caller that is gone gets nothing, and that is not a fault. */
export async function sendAnswer(reply: HttpReply, answer: HttpAnswer): Promise<void> {
  const { status, contentType, body, retryAfterS } = answer;
  const bytes = new TextEncoder().encode(body);
  // A caller that has to wait must not keep its connection for that.
  const later = retryAfterS === undefined ? [] : ['retry-after', String(retryAfterS), 'connection', 'close'];
  reply.start(status, ['content-type', contentType, 'content-length', String(bytes.length), ...later]);
  if (bytes.length > 0) await reply.write(bytes)?.catch(() => {});
  reply.end();
}

/** Of `/healthz`: a random name of the process, by which a bot recognises itself behind a proxy. */
export const INSTANCE_HEADER = 'countersign-instance';
