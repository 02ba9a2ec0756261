import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { Hono } from 'hono';
import { coerceError, SetupError } from '../core/ports/errors.ts';
import type { ApiPart } from '../core/ports/http/api-part.ts';
import { failedDetail, type HttpAnswer, problem, unknownPath } from '../core/ports/http.ts';
import type { HttpMount, Log } from '../core/ports/ports.ts';
import { LOOPBACK_HOSTS } from '../core/text/settings/host.ts';
import { Connections } from './connections.ts';
import { Exchanges, type Refusal } from './exchanges.ts';
import { createHostCheck, isOpenToAnyHost } from './host-check.ts';
import { DEFAULT_LIMITS, type Limits } from './limits.ts';
import { answerAndClose, createMountHandler, drain, isClosing, serves } from './mount.ts';
import { createDocument, OPENAPI_PATH } from './openapi.ts';
import { type ProbeDeps, probeRoutes } from './probes.ts';

/** How long a stop waits for open responses before it closes their connections. */
const STOP_GRACE_MS = 3_000;

export interface HttpServer {
  /** The port that is bound: the given one, or the one chosen for 0. */
  readonly port: number;
  stop(): Promise<void>;
}

/**
 * Health and metrics, and what the adapters serve, on one port.
 * @throws SetupError when the port can't be had
 */
export async function startServer(options: {
  host: string;
  port: number;
  /** The names under which requests are served, normalised. Default: the names of loopback. */
  allowedHosts?: readonly string[];
  /** The first whose prefix fits serves a request. */
  mounts: readonly HttpMount[];
  /** Without it, only `/healthz` is served, and it is always ok. */
  health?: ProbeDeps;
  /** What the adapters have for the OpenAPI document, read once it is asked for. Default: it is not served. */
  api?: () => Promise<readonly ApiPart[]>;
  /** Adds further pages. Null or absent: there are none. */
  addPages?: ((app: Hono) => void) | null;
  /** For tests: in place of the default ones. */
  limits?: Partial<Limits>;
  /** Gets why a request was refused or cut, and the address of its caller. */
  onRefused?: (reason: Refusal, address: string) => void;
  log: Log;
}): Promise<HttpServer> {
  const { host, port, allowedHosts = LOOPBACK_HOSTS, health, log } = options;
  const app = new Hono();
  if (health === undefined) app.get('/healthz', (context) => context.json({ status: 'ok' }));
  else probeRoutes(app, health);
  if (options.api !== undefined) serveDocument(app, options.api);
  options.addPages?.(app);
  app.notFound(() => {
    const { status, contentType, body } = unknownPath;
    return new Response(body, { status, headers: { 'content-type': contentType } });
  });
  app.onError((error, context) => {
    log.error({ err: error, path: context.req.path }, 'request failed');
    return context.json({ title: 'Internal Server Error', status: 500, detail: failedDetail(error) }, 500);
  });

  const mounts = options.mounts.map((mount) => ({ mount, handle: createMountHandler(mount, log) }));
  const checkHost = createHostCheck(allowedHosts);
  // A probe of HTTP/1.0 may send no Host.
  const pages = getRequestListener(app.fetch, { hostname: 'localhost' });
  let stopping = false;
  const limits: Limits = { ...DEFAULT_LIMITS, ...options.limits };
  const { headersMs: headersTimeout, sweepMs: connectionsCheckingInterval } = limits;
  // A dispatch may stream as long as its run takes; the reader of an upstream detects when it idles. Where Host is missing
  // Node would say that it closes the connection, and serve what follows there nonetheless: it is checked here.
  const timeouts = { headersTimeout, connectionsCheckingInterval, requestTimeout: 0, requireHostHeader: false };
  const exchanges = new Exchanges(limits, options.onRefused ?? (() => {}));
  const connections = new Connections(limits.connections);
  const serve = (incoming: IncomingMessage, outgoing: ServerResponse, holdsBody = false) => {
    const { socket } = incoming;
    if (isClosing(socket)) return;
    connections.began(socket);
    outgoing.on('close', () => connections.ended(socket));
    // A kept-alive connection is idle once its response is sent; a stop closes it.
    outgoing.on('close', () => {
      if (stopping) setImmediate(() => server.closeIdleConnections());
    });
    const target = incoming.url ?? '/';
    const mounted = mounts.find(({ mount }) => serves(mount, target));
    const isOpen = mounted?.mount.signed === true || isOpenToAnyHost(target);
    // What is left of a body that was answered without being read is dropped.
    outgoing.on('finish', () => drain(incoming));
    if (connections.isFull) return exchanges.refuse('connections', incoming, outgoing);
    if (!exchanges.admit(incoming, outgoing, isOpen)) return;
    const refused = isOpen ? null : checkHost(incoming);
    if (refused !== null) return answerAndClose(outgoing, refused);
    const unframed = mounted === undefined ? refusalOfFraming(incoming) : null;
    if (unframed !== null) return answerAndClose(outgoing, unframed);
    if (holdsBody) outgoing.writeContinue();
    if (mounted === undefined) void pages(incoming, outgoing);
    else mounted.handle(incoming, outgoing);
  };
  const server = createServer(timeouts, (incoming, outgoing) => serve(incoming, outgoing));
  // A sender that waits to be asked for its body is not asked before its request is known to be served.
  server.on('checkContinue', (incoming, outgoing) => serve(incoming, outgoing, true));
  server.on('connection', (socket) => connections.opened(socket));
  await listen(server, host, port);
  const address = server.address() as AddressInfo;

  return {
    port: address.port,
    stop: () =>
      new Promise((resolve) => {
        stopping = true;
        exchanges.stop();
        for (const { mount } of mounts) mount.release?.();
        const timer = setTimeout(() => server.closeAllConnections(), STOP_GRACE_MS);
        server.close(() => {
          clearTimeout(timer);
          resolve();
        });
        server.closeIdleConnections();
      }),
  };
}

function serveDocument(app: Hono, api: () => Promise<readonly ApiPart[]>): void {
  let document: Promise<object> | undefined;
  app.get(OPENAPI_PATH, async (context) => {
    document ??= api().then(createDocument);
    return context.json(await document, 200, { 'cache-control': 'no-cache' });
  });
}

/** Another version of HTTP, or a body whose end is uncertain: the next request begins there. The gateway checks more. */
function refusalOfFraming({ httpVersion, headers }: IncomingMessage): HttpAnswer | null {
  if (httpVersion !== '1.1' && httpVersion !== '1.0')
    return problem(505, 'HTTP Version Not Supported', 'Send this call with HTTP/1.1.');
  const { 'transfer-encoding': coding, 'content-length': length } = headers;
  const isChunked = coding?.trim().toLowerCase() === 'chunked' && length === undefined;
  if (coding === undefined || isChunked) return null;
  return problem(501, 'Not Implemented', 'The only Transfer-Encoding that is known here is chunked.');
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (thrown) => {
      const { message } = coerceError(thrown);
      reject(
        new SetupError(`Can't listen on ${host}:${port}: ${message}. Choose another HOST or PORT.`, { cause: thrown }),
      );
    });
    server.listen(port, host, () => resolve());
  });
}
