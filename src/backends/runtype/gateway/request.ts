/** How the gateway reads a request and answers it itself. Tested in test/backends/runtype/gateway/gateway.test.ts. */
import { type BufferLease, KeptBytes } from '../../../core/ports/buffer-budget.ts';
import type { HttpReply, HttpRequest } from '../../../core/ports/ports.ts';
import type { StreamedBody } from '../../shared/http/framing.ts';
import { headerOf } from './headers.ts';

export interface ReadBody {
  bytes: Uint8Array;
  /** Set where not all of it was read; yields all of it. */
  rest: AsyncIterable<Uint8Array> | null;
  /** It was not worth reading. */
  isSkipped: boolean;
}

/** A body that is forwarded while it is read, as its head announces it; null: it announces none. */
export function announcedBody(rawHeaders: readonly string[], chunks: AsyncIterable<Uint8Array>): StreamedBody | null {
  if (headerOf(rawHeaders, 'transfer-encoding') !== null) return { length: null, chunks };
  const length = headerOf(rawHeaders, 'content-length');
  return length === null ? null : { length: Number(length), chunks };
}

/**
 * Reads the body up to a limit. Null when the caller disconnected.
 * @param isWorth whether a body that begins so is read at all; null: it is asked again, with more of it
 * @param lease takes what is kept of it
 */
export async function readBody(
  request: HttpRequest,
  maxBytes: number,
  isWorth: (begin: Uint8Array) => boolean | null,
  lease: BufferLease,
): Promise<ReadBody | 'no room' | null> {
  const kept = new KeptBytes(lease);
  let worth: boolean | null = null;
  const iterator = request.body[Symbol.asyncIterator]();
  const rest = (next: Uint8Array, isSkipped: boolean) => {
    return { bytes: new Uint8Array(), rest: replay([...kept.take(), next], iterator), isSkipped };
  };
  try {
    for (let next = await iterator.next(); !next.done; next = await iterator.next()) {
      worth ??= isWorth(next.value);
      if (worth === false) return rest(next.value, true);
      if (kept.length + next.value.length > maxBytes) return rest(next.value, false);
      if (kept.add(next.value)) continue;
      await iterator.return?.();
      return 'no room';
    }
  } catch {
    return null;
  }
  const bytes = new Uint8Array(kept.length);
  let at = 0;
  // In memory of its own: as a piece of Node's pool of small buffers, it would keep 64 kB for as long as its response is held.
  for (const chunk of kept.take()) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return { bytes, rest: null, isSkipped: false };
}

async function* replay(chunks: Uint8Array[], iterator: AsyncIterator<Uint8Array>): AsyncIterable<Uint8Array> {
  yield* chunks.splice(0);
  for (let next = await iterator.next(); !next.done; next = await iterator.next()) yield next.value;
}

export function drain(rest: AsyncIterable<Uint8Array>): void {
  const read = async () => {
    for await (const _ of rest);
  };
  read().catch(() => {});
}

/** Aborted `ms` after the caller is gone, or when all reading stops. */
export function outliving(
  caller: AbortSignal,
  ms: number,
  stopping: AbortSignal,
): { signal: AbortSignal; done(): void } {
  const control = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const onGone = () => {
    timer = setTimeout(() => control.abort(), ms);
  };
  const onStopping = () => control.abort();
  if (caller.aborted) onGone();
  else caller.addEventListener('abort', onGone, { once: true });
  if (stopping.aborted) onStopping();
  else stopping.addEventListener('abort', onStopping, { once: true });
  return {
    signal: control.signal,
    done() {
      clearTimeout(timer);
      caller.removeEventListener('abort', onGone);
      stopping.removeEventListener('abort', onStopping);
    },
  };
}

/**
 * An answer of our own; its status must never be one that means success at Runtype.
 * @param rawHeaders besides those of the body
 */
export function answer(
  reply: HttpReply,
  status: number,
  body: Record<string, unknown>,
  rawHeaders: readonly string[] = [],
  type = 'application/json',
): void {
  const bytes = Buffer.from(JSON.stringify(body));
  try {
    reply.start(status, ['Content-Type', type, 'Content-Length', String(bytes.length), ...rawHeaders]);
    // A caller that is gone is not an error.
    const written = reply.write(bytes);
    if (written === undefined) reply.end();
    else written.then(() => reply.end()).catch(() => {});
  } catch {
    reply.destroy();
  }
}
