import type { ServerResponse } from 'node:http';
import type { HttpBindings } from '@hono/node-server';
import type { Hono } from 'hono';
import type { Platform } from '../core/ports/ports.ts';
import { readBounded } from './read-bounded.ts';

/** Slack's own requests are far smaller: a form that is full to its limits has about 300 KB. */
const MAX_BODY_BYTES = 1024 * 1024;

/** `POST /<platform>/events`: what a platform sends by itself, over its raw bytes. The platform checks who it is from. */
export function webhookRoutes(app: Hono, platforms: readonly Platform[]): void {
  app.post('/:platform/events', async (context) => {
    const platform = platforms.find(({ name }) => name === context.req.param('platform'));
    if (platform?.receive === undefined) return context.notFound();
    const bytes = await readBounded(context.req.raw.body, MAX_BODY_BYTES);
    const { outgoing } = context.env as HttpBindings;
    if (bytes === null) return new Response(`A request may have ${MAX_BODY_BYTES} bytes.`, { status: 413 });
    const { status, contentType, body } = await platform.receive(context.req.header(), bytes, left(outgoing));
    return new Response(body, { status, headers: { 'content-type': contentType } });
  });
}

/** Resolves once all of it is handed to the network, or its connection is gone. */
function left(outgoing: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    outgoing.once('finish', resolve);
    outgoing.once('close', resolve);
  });
}
