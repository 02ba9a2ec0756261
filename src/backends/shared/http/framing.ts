/** How a request is framed. Tested in test/backends/shared/http/framing.test.ts. */

/** A body that is sent while it is read. */
export interface StreamedBody {
  /** Bytes; null: not known before its end. Any other number of them breaks the connection. */
  length: number | null;
  chunks: AsyncIterable<Uint8Array>;
}

export type RequestBody = Uint8Array | StreamedBody | null;

/** Of one connection, so ours to set. `Expect` was answered when the body was asked for. */
const ours = new Set(
  'connection keep-alive proxy-connection te trailer upgrade expect content-length transfer-encoding host'.split(' '),
);

/**
 * The headers of a request. Whatever the given ones say about its connection, its framing and its host is replaced, so
 * that it ends for the server where it ends here.
 * @param rawHeaders names and values alternating
 */
export function requestHeaders(
  method: string,
  rawHeaders: readonly string[],
  body: RequestBody,
  host: string,
): string[] {
  const headers = ['Host', host];
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const [name = '', value = ''] = rawHeaders.slice(at, at + 2);
    if (!ours.has(name.toLowerCase())) headers.push(name, value);
  }
  const { length } = body ?? { length: 0 };
  if (length === null) return [...headers, 'Transfer-Encoding', 'chunked'];
  // Of a call without a body Node would announce one.
  return body === null && (method === 'GET' || method === 'HEAD')
    ? headers
    : [...headers, 'Content-Length', String(length)];
}

/** @throws Error where the chunks are not as long as the body says */
export async function* framed({ length, chunks }: StreamedBody): AsyncIterable<Uint8Array> {
  let size = 0;
  for await (const chunk of chunks) {
    size += chunk.length;
    if (length !== null && size > length) break;
    yield chunk;
  }
  if (length !== null && size !== length) throw new Error(`the body has ${size} bytes, and announced ${length}`);
}
