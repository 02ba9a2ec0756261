import * as http from 'node:http';
import * as https from 'node:https';
import type { LookupFunction, Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { TLSSocket } from 'node:tls';
import { urlToHttpOptions } from 'node:url';
import type { ProxyEnv } from '../../core/ports/adapter.ts';

export interface Timeouts {
  /** From the first attempt until TCP and TLS are established, ms. */
  connectMs: number;
  /** From the connection until the headers of the answer, ms. */
  headersMs: number;
  /** For the rest of a short answer, ms. */
  bodyMs: number;
  /** For the first frames of a stream, until they say whether they take the decision that it answers, ms. */
  verdictMs: number;
  /** A stream without a byte for so long counts as cut, ms. Pings count as bytes. */
  idleMs: number;
}

export const DEFAULT_TIMEOUTS: Readonly<Timeouts> = Object.freeze({
  // A healthy host completes a handshake in well under a second; ten seconds allow for a few lost packets.
  connectMs: 10_000,
  // A streamed answer begins immediately; a server that takes a minute has a problem.
  headersMs: 60_000,
  bodyMs: 30_000,
  // The verdict is written as the decision is taken, so it comes with the headers. A person waits for it, and what comes
  // later still corrects the card.
  verdictMs: 2_000,
  // The interval of pings is not documented, and a tool may run for minutes. Cutting a live run is the worse error.
  idleMs: 600_000,
});

/** Below the 5 s after which common servers close an idle connection, so that we rarely write to one that is closing, ms. */
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
  /** Path and query, sent unchanged. */
  path: string;
  /** Names and values alternating; `Host` is set to the host of the URL. */
  rawHeaders: readonly string[];
  body: Uint8Array | AsyncIterable<Uint8Array> | null;
  /**
   * Uses a new connection. A kept connection may be closing while we write, and then a reset does not show whether the
   * request arrived; so a request that must not be repeated never uses one.
   */
  fresh: boolean;
  /** Limit for the headers of the answer; null: until the signal aborts. */
  headersMs: number | null;
  signal?: AbortSignal;
  /** Resolves the host name instead of DNS; only for a `fresh` connection. */
  lookup?: LookupFunction;
}

export interface Incoming {
  status: number;
  rawHeaders: readonly string[];
  headers: http.IncomingHttpHeaders;
  /** Destroy it to disconnect. Iterating it throws its errors; no other listener is needed. */
  body: Readable;
}

export interface Transport {
  /** Does not follow redirects: they are answers like any other. @throws TransportError */
  send(request: Outgoing): Promise<Incoming>;
  /** Closes the kept connections. */
  close(): void;
}

/** @param proxy null: every connection is direct */
export function createTransport(
  url: string,
  timeouts: Pick<Timeouts, 'connectMs'>,
  proxy: ProxyEnv | null = null,
): Transport {
  const base = new URL(url);
  const secure = base.protocol === 'https:';
  const library = secure ? https : http;
  const { protocol, hostname, port } = urlToHttpOptions(base);
  const prefix = base.pathname.replace(/\/+$/, '');
  const kept = { keepAlive: true, keepAliveMsecs: TCP_KEEP_ALIVE_MS, timeout: FREE_SOCKET_MS };
  const proxied = proxy === null ? {} : { proxyEnv: proxy };
  const agentOf = (options: https.AgentOptions) => (secure ? new https.Agent(options) : new http.Agent(options));
  const agent = agentOf({ ...kept, ...proxied });
  /** Keeps no connection. */
  const freshAgent = proxy === null ? false : agentOf(proxied);

  function open(request: Outgoing): http.ClientRequest {
    return library.request({
      protocol,
      hostname,
      port,
      method: request.method,
      path: prefix + request.path,
      headers: withHost(request.rawHeaders, base.host),
      agent: request.fresh ? freshAgent : agent,
      ...(request.lookup && { lookup: request.lookup }),
    });
  }

  return {
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
    const onAbort = () => fail('the call was aborted');
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
      // Detects a peer that disappeared, also while a stream is silent.
      socket.setKeepAlive(true, TCP_KEEP_ALIVE_MS);
      // A socket that could not be opened (no file handle left) is not connecting either, but has no remote address.
      // Behind a proxy a TLS socket arrives when its tunnel is open and its handshake is done.
      const isOpen = !socket.connecting && socket.remoteAddress !== undefined;
      if (kept || (isOpen && (!secure || isSecured(socket)))) onConnected();
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
      outgoing.destroy(new TransportError(kind(), 'the request body failed', error));
    });
  });
  return { answer, onKeptConnection: () => kept };
}

function isSecured(socket: Socket): boolean {
  return socket instanceof TLSSocket && socket.authorized;
}

async function writeBody(outgoing: http.ClientRequest, body: Outgoing['body']): Promise<void> {
  if (body === null || body instanceof Uint8Array) {
    outgoing.end(body ?? undefined);
    return;
  }
  for await (const chunk of body) {
    // An answer or a failure may arrive before everything is written. The rest is read and dropped: a caller that is
    // still sending would not read the answer, and stopping here would break its connection.
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
  let hasHost = false;
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? '';
    const isHost = name.toLowerCase() === 'host';
    if (isHost && hasHost) continue;
    hasHost ||= isHost;
    headers.push(name, isHost ? host : (rawHeaders[at + 1] ?? ''));
  }
  return hasHost ? headers : ['Host', host, ...headers];
}

const failures: Record<string, string> = {
  ECONNREFUSED: 'connection refused',
  ENOTFOUND: 'host name not found',
  EAI_AGAIN: 'host name lookup failed',
  ECONNRESET: 'connection lost',
  EPIPE: 'connection lost',
  ETIMEDOUT: 'connection timed out',
  EHOSTUNREACH: 'no route to the host',
  ENETUNREACH: 'no route to the host',
  EMFILE: 'this process has no file handle left',
  ENFILE: 'this machine has no file handle left',
  EPROTO: 'TLS handshake failed',
  ERR_SSL_WRONG_VERSION_NUMBER: 'TLS handshake failed',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is not signed by a trusted authority',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is not signed by a trusted authority',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its certificate is not signed by a trusted authority',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate is not signed by a trusted authority',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another host name',
  ERR_PROXY_TUNNEL: 'the proxy did not open a connection',
  ERR_PROXY_INVALID_CONFIG: 'the address of the proxy is not valid',
  ERR_INVALID_CHAR: 'a header contains an invalid character',
};

/** For people. Known codes as text, others as the code: messages of libraries may quote secrets. */
export function failureReason(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
  if (code === 'ERR_PROXY_TUNNEL' && / 407 /.test(String(error))) {
    return 'the proxy asks for a user name and a password';
  }
  if (failures[code] !== undefined) {
    const isLookup = typeof error === 'object' && error !== null && 'hostname' in error;
    return isLookup ? `${failures[code]}: ${error.hostname}` : failures[code];
  }
  return code === '' ? 'the request failed' : `error ${code}`;
}
