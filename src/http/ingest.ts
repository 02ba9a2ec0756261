import type { Hono } from 'hono';
import type { Backend } from '../core/ports/ports.ts';
import { readBounded } from './read-bounded.ts';

/** A forwarded stream is buffered whole, verified, then read. A sender's own limit is far below this. */
const MAX_BODY_BYTES = 1024 * 1024;

const titles = { 400: 'Bad Request', 401: 'Unauthorized', 404: 'Not Found', 413: 'Content Too Large' } as const;

/** `POST /ingest/<backend>`: signed deliveries, over their raw bytes. */
export function ingestRoutes(app: Hono, backends: readonly Backend[]): void {
  app.post('/ingest/:backend', async (context) => {
    const backend = backends.find(({ name }) => name === context.req.param('backend'));
    if (backend?.receive === undefined) return problem(404, 'There is no such way in. Try /ingest/runtype.');
    const bytes = await readBounded(context.req.raw.body, MAX_BODY_BYTES);
    if (bytes === null) return problem(413, `A delivery may have ${MAX_BODY_BYTES} bytes. Send fewer events at once.`);
    const answer = await backend.receive(context.req.header(), bytes);
    if (answer.status === 202) return context.json({ accepted: answer.accepted }, 202);
    return problem(answer.status, answer.problem);
  });
}

/** RFC 9457 */
function problem(status: keyof typeof titles, detail: string): Response {
  return new Response(`${JSON.stringify({ title: titles[status], status, detail })}\n`, {
    status,
    headers: { 'content-type': 'application/problem+json' },
  });
}
