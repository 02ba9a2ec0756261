import * as http from 'node:http';
import * as https from 'node:https';
import type { LookupFunction } from 'node:net';
import { urlToHttpOptions } from 'node:url';

export interface Timeouts {
  /** From the first try to reach it until TCP and TLS stand, ms. */
  connectMs: number;
  /** From the connection until the answer's headers, ms. */
  headersMs: number;
  /** For the rest of a short answer, ms. */
  bodyMs: number;
  /** A stream that is silent for so long counts as cut, ms. Pings are life. */
  idleMs: number;
}

export const DEFAULT_TIMEOUTS: Readonly<Timeouts> = Object.freeze({
  // A healthy host answers a handshake in well under a second; ten leave room for a lost packet or two.
  connectMs: 10_000,
  // A streamed answer begins at once; a minute is a server in trouble.
  headersMs: 60_000,
  bodyMs: 30_000,
  // No page tells how often pings come, and a tool may run for minutes. Giving up on a run that lives is the worse error.
  idleMs: 600_000,
});

/** Below the 5 s after which common servers close an idle connection, so that we rarely write into one that is closing. */
const FREE_SOCKET_MS = 4_000;
const TCP_KEEP_ALIVE_MS = 30_000;

/** `unsent`: no byte of the request left. `ambiguous`: it may have arrived. */
export type FailureKind = 'unsent' | 'ambiguous';

export class TransportError extends Error {
  override readonly name = 'TransportError';
  readonly kind: FailureKind;

  constructor(kind: FailureKind, message: string, cause?: unknown) {
    super(message, { cause });
    this.kind = kind;
  }
}

export interface Outgoing {
  method: string;
  /** Path and query, sent as they are. */
  path: string;
  /** Names and values in turn; a `Host` among them is replaced by the right one. */
  rawHeaders: readonly string[];
  body: Uint8Array | AsyncIterable<Uint8Array> | null;
  /**
   * On a connection of its own. A kept one may be closing while we write, and a reset would then not tell whether the
   * request arrived; so what must not be repeated never uses one.
   */
  fresh: boolean;
  /** Null: as long as the signal allows. */
  headersMs: number | null;
  signal?: AbortSignal;
  /** Where the name leads, for a connection that asks nobody else; only of a `fresh` one. */
  lookup?: LookupFunction;
}

export interface Incoming {
  status: number;
  rawHeaders: readonly string[];
  headers: http.IncomingHttpHeaders;
  /** Destroy it to hang up. Its errors are for whoever iterates it; nobody else needs to listen. */
  body: http.IncomingMessage;
}

export interface Transport {
  /** Host and port, for the words about a failure. */
  readonly host: string;
  /** Redirects are answers like any other: never followed. @throws TransportError */
  send(request: Outgoing): Promise<Incoming>;
  /** Closes the kept connections. */
  close(): void;
}

export function createTransport(url: string, timeouts: Pick<Timeouts, 'connectMs'>): Transport {
  const base = new URL(url);
  const secure = base.protocol === 'https:';
  const library = secure ? https : http;
  const { protocol, hostname, port } = urlToHttpOptions(base);
  const prefix = base.pathname.replace(/\/+$/, '');
  const kept = { keepAlive: true, keepAliveMsecs: TCP_KEEP_ALIVE_MS, timeout: FREE_SOCKET_MS };
  const agent = secure ? new https.Agent(kept) : new http.Agent(kept);

  function open(request: Outgoing): http.ClientRequest {
    return library.request({
      protocol,
      hostname,
      port,
      method: request.method,
      path: prefix + request.path,
      headers: withHost(request.rawHeaders, base.host),
      agent: request.fresh ? false : agent,
      ...(request.lookup && { lookup: request.lookup }),
    });
  }

  return {
    host: base.host,
    async send(request) {
      const repeatable = request.body === null && (request.method === 'GET' || request.method === 'HEAD');
      const first = exchange(open, request, secure, timeouts.connectMs);
      if (!repeatable || request.fresh) return first.answer;
      try {
        return await first.answer;
      } catch (error) {
        if (!first.onKeptConnection() || request.signal?.aborted) throw error;
        return exchange(open, { ...request, fresh: true }, secure, timeouts.connectMs).answer;
      }
    },
    close: () => agent.destroy(),
  };
}

interface Exchange {
  answer: Promise<Incoming>;
  onKeptConnection(): boolean;
}

function exchange(
  open: (request: Outgoing) => http.ClientRequest,
  request: Outgoing,
  secure: boolean,
  connectMs: number,
): Exchange {
  let kept = false;
  const answer = new Promise<Incoming>((resolve, reject) => {
    let connected = false;
    const kind = (): FailureKind => (connected ? 'ambiguous' : 'unsent');
    let outgoing: http.ClientRequest;
    try {
      request.signal?.throwIfAborted();
      outgoing = open(request);
    } catch (error) {
      return reject(new TransportError('unsent', failureReason(error), error));
    }
    const fail = (message: string) => outgoing.destroy(new TransportError(kind(), message));
    const onAbort = () => fail('it was called off');
    let timer = setTimeout(() => fail(`no connection within ${connectMs / 1000} s`), connectMs);
    const settle = () => {
      clearTimeout(timer);
      request.signal?.removeEventListener('abort', onAbort);
    };
    const onConnected = () => {
      connected = true;
      clearTimeout(timer);
      const { headersMs } = request;
      if (headersMs !== null) timer = setTimeout(() => fail(`no answer within ${headersMs / 1000} s`), headersMs);
    };

    request.signal?.addEventListener('abort', onAbort, { once: true });
    outgoing.once('socket', (socket) => {
      kept = outgoing.reusedSocket;
      // A peer that went away without a word is noticed, also while a stream says nothing.
      socket.setKeepAlive(true, TCP_KEEP_ALIVE_MS);
      // One that could not even be opened (no file handle to spare) does not connect either, and has nobody at its end.
      if (kept || (!secure && !socket.connecting && socket.remoteAddress !== undefined)) onConnected();
      else socket.once(secure ? 'secureConnect' : 'connect', onConnected);
    });
    outgoing.on('error', (error) => {
      settle();
      reject(error instanceof TransportError ? error : new TransportError(kind(), failureReason(error), error));
    });
    outgoing.once('response', (body) => {
      settle();
      body.on('error', () => {});
      resolve({ status: body.statusCode ?? 0, rawHeaders: body.rawHeaders, headers: body.headers, body });
    });
    writeBody(outgoing, request.body).catch((error: unknown) => {
      outgoing.destroy(new TransportError(kind(), 'the request broke off', error));
    });
  });
  return { answer, onKeptConnection: () => kept };
}

async function writeBody(outgoing: http.ClientRequest, body: Outgoing['body']): Promise<void> {
  if (body === null || body instanceof Uint8Array) {
    outgoing.end(body ?? undefined);
    return;
  }
  for await (const chunk of body) {
    // An answer, or a failure, may come before all is written. The rest is read and dropped: a caller that still
    // sends would not hear the answer, and breaking off here would break its connection.
    if (!outgoing.destroyed && !outgoing.write(chunk)) await writable(outgoing);
  }
  if (!outgoing.destroyed) outgoing.end();
}

function writable(outgoing: http.ClientRequest): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      outgoing.off('drain', done).off('close', done);
      resolve();
    };
    outgoing.on('drain', done).on('close', done);
  });
}

function withHost(rawHeaders: readonly string[], host: string): string[] {
  const headers: string[] = [];
  let named = false;
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? '';
    const isHost = name.toLowerCase() === 'host';
    if (isHost && named) continue;
    named ||= isHost;
    headers.push(name, isHost ? host : (rawHeaders[at + 1] ?? ''));
  }
  return named ? headers : ['Host', host, ...headers];
}

const failures: Record<string, string> = {
  ECONNREFUSED: 'the connection was refused',
  ENOTFOUND: 'its name was not found',
  EAI_AGAIN: 'its name could not be looked up',
  ECONNRESET: 'the connection broke off',
  EPIPE: 'the connection broke off',
  ETIMEDOUT: 'the connection timed out',
  EHOSTUNREACH: 'there is no way to the host',
  ENETUNREACH: 'there is no way to the host',
  EMFILE: 'this process has no file handle to spare',
  ENFILE: 'this machine has no file handle to spare',
  EPROTO: 'it does not speak TLS as it should',
  ERR_SSL_WRONG_VERSION_NUMBER: 'it does not speak TLS as it should',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is signed by nobody we trust',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is signed by nobody we trust',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its certificate is signed by nobody we trust',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate is signed by nobody we trust',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name',
  ERR_INVALID_CHAR: 'a header holds a character that no header can carry',
};

/** For people. Known codes in words, others by their code: messages of libraries may quote what they were given. */
export function failureReason(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
  if (failures[code] !== undefined) return failures[code];
  return code === '' ? 'the request could not be made' : `it failed with ${code}`;
}
