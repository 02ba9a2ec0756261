/** Serves a Fetch handler as a mount: the request is parsed, and the answer is sent whole. */
import type { HttpReply, HttpRequest } from '../../../core/ports/http.ts';

/** Fetch has no requests with these methods. */
const FORBIDDEN = new Set(['CONNECT', 'TRACE', 'TRACK']);

/** @throws what the handler throws */
export async function serve(
  fetch: (request: Request, from: { remoteAddress: string }) => Response | Promise<Response>,
  { method, target, rawHeaders, remoteAddress, body }: HttpRequest,
  reply: HttpReply,
  signal: AbortSignal,
): Promise<void> {
  const headers = new Headers();
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) headers.append(rawHeaders[at] ?? '', rawHeaders[at + 1] ?? '');
  const chunks = body[Symbol.asyncIterator]();
  const request = new Request(new URL(target, 'http://localhost'), {
    method: FORBIDDEN.has(method) ? 'OPTIONS' : method,
    headers,
    signal,
    ...(method !== 'GET' && method !== 'HEAD' && { body: streamOf(chunks), duplex: 'half' }),
  });
  const response = await fetch(request, { remoteAddress });
  const bytes = new Uint8Array(await response.arrayBuffer());
  const answered = [...response.headers].flat();
  reply.start(response.status, [...answered, 'content-length', String(bytes.length)]);
  if (bytes.length > 0) await reply.write(bytes).catch(() => {});
  reply.end();
  // What the handler did not read is dropped.
  await chunks.return?.();
}

function streamOf(chunks: AsyncIterator<Uint8Array>): ReadableStream<Uint8Array> {
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await chunks.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
  });
}
