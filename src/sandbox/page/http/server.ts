import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { Hono } from 'hono';
import { streamSSE } from 'hono/streaming';
import { drawGallery } from '../state/gallery.ts';
import { Notifications } from '../state/notifications.ts';
import { collect, type Parts } from '../state/snapshot.ts';
import { actionRoutes } from './actions.ts';
import { Feed } from './change-feed.ts';
import { bundleClient } from './client-bundle.ts';
import { guard } from './guard.ts';

export interface PageServer {
  readonly url: string;
  /** Resolves when the page can be loaded. @throws Error when its code can't be bundled */
  readonly ready: Promise<unknown>;
  /** Something that the page shows has changed. */
  touch(): void;
  close(): Promise<void>;
}

/**
 * Serves the page on loopback.
 * @param port 0 takes any free one
 * @throws Error with the code `EADDRINUSE` when the port is taken
 */
export async function startPageServer(port: number, parts: Parts): Promise<PageServer> {
  // Takes longer than to listen: meanwhile, the bot starts.
  const bundling = bundleClient();
  bundling.catch(() => undefined);
  const notifications = new Notifications();
  const feed = new Feed(() => collect(parts, notifications));
  let listening = port;

  const app = new Hono();
  app.use(guard(() => listening));
  for (const path of ['/', '/gallery', '/policy']) {
    app.get(path, async (context) => context.html((await bundling).html));
  }
  app.get('/gallery.json', async (context) => context.json(await drawGallery()));
  app.get('/main.js', async (context) =>
    context.body((await bundling).js, 200, { 'content-type': 'text/javascript; charset=utf-8' }),
  );
  app.get('/main.css', async (context) =>
    context.body((await bundling).css, 200, { 'content-type': 'text/css; charset=utf-8' }),
  );
  app.get('/events', (context) =>
    streamSSE(context, (stream) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      const stop = feed.follow((change) => {
        stream.writeSSE({ data: JSON.stringify(change) }).catch(resolve);
      }, resolve);
      stream.onAbort(resolve);
      return promise.finally(stop);
    }),
  );
  app.use('/api/*', async (_context, next) => {
    await next();
    feed.touch();
  });
  app.route('/api', actionRoutes(parts));
  app.notFound((context) => context.json({ error: 'Not found.' }, 404));

  const server = createAdaptorServer({ fetch: app.fetch });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  listening = (server.address() as AddressInfo).port;

  return {
    url: `http://127.0.0.1:${listening}`,
    ready: bundling,
    touch: () => feed.touch(),
    async close() {
      feed.close();
      const closed = once(server, 'close');
      server.close();
      if ('closeAllConnections' in server) server.closeAllConnections();
      await closed;
    },
  };
}
