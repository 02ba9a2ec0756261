import * as http from 'node:http';
import * as https from 'node:https';
import type { LookupFunction, Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { TLSSocket } from 'node:tls';
import { urlToHttpOptions } from 'node:url';
import type { ProxyEnv } from '../../core/ports/adapter.ts';
import { faultOf, SWITCHED } from './http/answer-head.ts';
import { keptConnections, TCP_KEEP_ALIVE_MS } from './http/connections.ts';
import { AnswerError, asTransportError, type FailureKind, TransportError } from './http/failures.ts';
import { type RequestBody, requestHeaders } from './http/framing.ts';
import { onread } from './http/reading.ts';
import { Upload } from './http/upload.ts';

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

export interface Outgoing {
  method: string;
  /** Path and query, sent unchanged. */
  path: string;
  /** Names and values alternating. Those about the host, the connection and the framing are replaced by ours. */
  rawHeaders: readonly string[];
  body: RequestBody;
  /**
   * Uses a new connection. A kept connection may be closing while we write, and then a reset does not show whether the
   * request arrived; so a request that must not be repeated never uses one.
   */
  fresh: boolean;
  /** For whom a kept connection is: it is used for calls of the same name, and for no others. Absent: for our own. */
  sharedBy?: string;
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

const OUR_OWN = 'own';

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
  const agent = keptConnections(secure, proxy);
  /** Keeps no connection, but what TLS needs for a shorter handshake with the same host. */
  const freshAgent = new library.Agent(proxy === null ? {} : { proxyEnv: proxy });

  function open(request: Outgoing): http.ClientRequest {
    const options = {
      protocol,
      hostname,
      port,
      method: request.method,
      path: prefix + request.path,
      headers: requestHeaders(request.method, request.rawHeaders, request.body, base.host),
      agent: request.fresh ? freshAgent : agent,
      ...(request.lookup && { lookup: request.lookup }),
      sharedBy: request.sharedBy ?? OUR_OWN,
      ...(proxy === null && { onread }),
    };
    return library.request(options);
  }

  return {
    async send(request) {
      const repeatable = request.body === null && (request.method === 'GET' || request.method === 'HEAD');
      const first = exchange(open, request, secure, timeouts.connectMs);
      if (!repeatable || request.fresh) return first.answer;
      try {
        return await first.answer;
      } catch (error) {
        if (!first.onKeptConnection() || request.signal?.aborted || error instanceof AnswerError) throw error;
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
    let answered = false;
    const kind = (): FailureKind => (connected ? 'ambiguous' : 'unsent');
    let outgoing: http.ClientRequest;
    try {
      request.signal?.throwIfAborted();
      outgoing = open(request);
    } catch (error) {
      return reject(asTransportError(error, 'unsent'));
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
    const give = (error: TransportError) => {
      settle();
      reject(error);
      outgoing.destroy();
    };
    outgoing.on('error', (error) => give(asTransportError(error, kind())));
    outgoing.once('upgrade', (_, socket) => {
      socket.destroy();
      give(new AnswerError(SWITCHED));
    });
    outgoing.once('close', () => {
      settle();
      if (!answered) reject(new TransportError(kind(), 'connection lost'));
    });
    const upload = new Upload(outgoing, request.body);
    outgoing.once('response', (body) => {
      body.on('error', () => {});
      const { socket } = body;
      // By then all that came in one piece is parsed.
      queueMicrotask(() => {
        const fault = faultOf(body, { isSent: upload.isSent, isClosed: socket.destroyed });
        if (fault !== null) return give(new AnswerError(fault));
        if (!upload.isSent) upload.abandon();
        settle();
        answered = true;
        resolve({ status: body.statusCode ?? 0, rawHeaders: body.rawHeaders, headers: body.headers, body });
      });
    });
    upload.run().catch((error: unknown) => {
      outgoing.destroy(new TransportError(kind(), 'the request body failed', error));
    });
  });
  return { answer, onKeptConnection: () => kept };
}

function isSecured(socket: Socket): boolean {
  return socket instanceof TLSSocket && socket.authorized;
}
