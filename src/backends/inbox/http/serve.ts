/**
 * Serves a Fetch handler as a mount: the request is parsed, and the answer is sent whole.
 * Tested in test/backends/inbox/http/edges.test.ts.
 */
import type { BufferBudget } from '../../../core/ports/buffer-budget.ts';
import { type HttpReply, type HttpRequest, noRoom, sendAnswer } from '../../../core/ports/http.ts';

/** Fetch has no requests with these methods. */
const FORBIDDEN = new Set(['CONNECT', 'TRACE', 'TRACK']);

/**
 * @param buffers takes the body as it is read, which is after the handler knows the caller, and the answer until it is sent
 * @throws what the handler throws
 */
export async function serve(
  fetch: (request: Request, from: { remoteAddress: string }) => Response | Promise<Response>,
  { method, target, rawHeaders, remoteAddress, body }: HttpRequest,
  reply: HttpReply,
  signal: AbortSignal,
  buffers: BufferBudget,
): Promise<void> {
  const headers = new Headers();
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) headers.append(rawHeaders[at] ?? '', rawHeaders[at + 1] ?? '');
  const lease = buffers.lease();
  const chunks = body[Symbol.asyncIterator]();
  let isFull = false;
  const take = (size: number) => {
    isFull ||= !lease.take(size);
    return !isFull;
  };
  const request = new Request(new URL(target, 'http://localhost'), {
    method: FORBIDDEN.has(method) ? 'OPTIONS' : method,
    headers,
    signal,
    ...(method !== 'GET' && method !== 'HEAD' && { body: streamOf(chunks, take), duplex: 'half' }),
  });
  try {
    const response = await fetch(request, { remoteAddress });
    const bytes = new Uint8Array(await response.arrayBuffer());
    if (!isFull && take(bytes.length)) {
      const answered = [...response.headers].flat();
      reply.start(response.status, [...answered, 'content-length', String(bytes.length)]);
      if (bytes.length > 0) await reply.write(bytes)?.catch(() => {});
      reply.end();
    } else {
      await sendAnswer(reply, noRoom);
    }
    // What the handler did not read is dropped.
    await chunks.return?.();
  } finally {
    lease.close();
  }
}

/** Nothing is read before the handler asks for it. @param take whether there is room for so many bytes */
function streamOf(chunks: AsyncIterator<Uint8Array>, take: (size: number) => boolean): ReadableStream<Uint8Array> {
  return new ReadableStream(
    {
      async pull(controller) {
        const { done, value } = await chunks.next();
        if (done) controller.close();
        else if (take(value.length)) controller.enqueue(value);
        else controller.error(new Error('no room for the body'));
      },
    },
    { highWaterMark: 0 },
  );
}
