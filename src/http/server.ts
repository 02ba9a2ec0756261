import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { Hono } from 'hono';
import { type InboxDeps, inboxRoutes } from '../backends/inbox/http/routes.ts';
import { coerceError, SetupError } from '../core/ports/errors.ts';
import type { Backend, Log, Platform } from '../core/ports/ports.ts';
import { type HealthDeps, healthRoutes } from './health.ts';
import { ingestRoutes } from './ingest.ts';
import { createGateway } from './proxy.ts';
import { webhookRoutes } from './webhooks.ts';

/** A stopping server waits so long for answers under way, then breaks them off. */
const STOP_GRACE_MS = 3_000;

export interface HttpServer {
  /** The port that was really taken. */
  readonly port: number;
  stop(): Promise<void>;
}

/**
 * The gateway (`/v1/*`), ingest and health, on one port.
 * @throws SetupError when the port can't be had
 */
export async function startServer(options: {
  host: string;
  port: number;
  backends: readonly Backend[];
  platforms?: readonly Platform[];
  /** The inbox API, where Countersign is asked itself. */
  inbox?: InboxDeps;
  /** Without it `/healthz` alone, which then says only that the process lives. */
  health?: HealthDeps;
  log: Log;
}): Promise<HttpServer> {
  const { host, port, backends, platforms = [], inbox, health, log } = options;
  const app = new Hono();
  if (health === undefined) app.get('/healthz', (context) => context.json({ status: 'ok' }));
  else healthRoutes(app, health);
  ingestRoutes(app, backends);
  webhookRoutes(app, platforms);
  const asking = inbox === undefined ? null : inboxRoutes(app, inbox);
  app.onError((error, context) => {
    log.error({ err: error, path: context.req.path }, 'a request failed');
    return context.json(
      { title: 'Internal Server Error', status: 500, detail: 'Nothing was recorded. Try again.' },
      500,
    );
  });

  const proxied = backends.find(({ proxy }) => proxy !== undefined);
  const gateway = proxied === undefined ? null : createGateway(proxied, log);
  const pages = getRequestListener(app.fetch);
  let stopping = false;
  const server = createServer((incoming, outgoing) => {
    // A connection that is kept alive is idle once its answer is out; a stop waits for nothing else.
    outgoing.on('close', () => {
      if (stopping) setImmediate(() => server.closeIdleConnections());
    });
    if (gateway !== null && incoming.url?.startsWith('/v1/')) gateway(incoming, outgoing);
    else void pages(incoming, outgoing);
  });
  // A dispatch may stream for as long as its run takes; idle upstreams are watched where they are read.
  server.requestTimeout = 0;
  await listen(server, host, port);
  const address = server.address() as AddressInfo;

  return {
    port: address.port,
    stop: () =>
      new Promise((resolve) => {
        stopping = true;
        asking?.stop();
        const timer = setTimeout(() => server.closeAllConnections(), STOP_GRACE_MS);
        server.close(() => {
          clearTimeout(timer);
          resolve();
        });
        server.closeIdleConnections();
      }),
  };
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
