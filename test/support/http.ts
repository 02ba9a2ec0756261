/** Calls an adapter's HTTP routes, directly or through a server. */
import type { RequestListener } from 'node:http';
import { openGuard } from '../../src/core/ports/http.ts';
import type { CallGuard, HttpMount, Log } from '../../src/core/ports/ports.ts';
import { createMountHandler, serves } from '../../src/http/mount.ts';

interface Adapter {
  http?: readonly HttpMount[];
}

/** @throws Error when the adapter has no such route */
export function mountAt({ http = [] }: Adapter, path: string): HttpMount {
  const mount = http.find((one) => serves(one, path));
  if (mount === undefined) throw new Error(`no route for ${path}`);
  return mount;
}

/** As a listener for Node's HTTP server. */
export function listenerAt(adapter: Adapter, path: string, log: Log): RequestListener {
  return createMountHandler(mountAt(adapter, path), log);
}

export interface Answer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** Posts to a webhook without a server. Rejects with the error of the route's handler. */
export async function postTo(
  adapter: Adapter,
  path: string,
  headers: Record<string, string>,
  bytes: Uint8Array,
): Promise<Answer> {
  const answer: Answer = { status: 0, headers: {}, body: '' };
  const answered = Promise.withResolvers<void>();
  async function* body() {
    yield bytes;
  }
  await mountAt(adapter, path).handle(
    {
      method: 'POST',
      version: '1.1',
      target: path,
      rawHeaders: Object.entries(headers).flat(),
      remoteAddress: '127.0.0.1',
      body: body(),
      answered: answered.promise,
    },
    {
      start(status, rawHeaders) {
        answer.status = status;
        for (let at = 0; at < rawHeaders.length; at += 2)
          answer.headers[rawHeaders[at] ?? ''] = rawHeaders[at + 1] ?? '';
      },
      async write(chunk) {
        answer.body += Buffer.from(chunk).toString('utf8');
      },
      end: () => answered.resolve(),
      destroy: () => answered.resolve(),
    },
    new AbortController().signal,
  );
  return answer;
}

/** Slows and limits no one. */
export const noGuard: CallGuard = openGuard;
