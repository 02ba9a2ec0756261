/** Reading answers: by media type, up to a limit, with a time limit. Tested in test/faults/backend/streams.test.ts. */
import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import type { BufferLease } from '../../core/ports/buffer-budget.ts';

/**
 * The body of a short answer.
 * @param lease counts what is read; it is refused nothing, because it answers a call of ours
 * @returns null when it is longer than `maxBytes`, broke off, or took longer than `ms`
 */
export async function readShort(
  body: Readable,
  maxBytes: number,
  ms: number,
  lease: BufferLease | null = null,
): Promise<Buffer | null> {
  const timer = setTimeout(() => body.destroy(new Error('too slow')), ms);
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > maxBytes) return null;
      lease?.count(chunk.length);
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  } catch {
    return null;
  } finally {
    clearTimeout(timer);
  }
}

/** Ends a stream as if it had been cut, unless `alive` is called every `ms`. */
export function watchIdle(body: Readable, ms: number): { alive(): void; stop(): void } {
  let aliveAt = performance.now();
  const look = () => {
    const left = aliveAt + ms - performance.now();
    if (left <= 0) body.destroy(new Error(`silent for ${ms / 1000} s`));
    else timer = setTimeout(look, left);
  };
  let timer = setTimeout(look, ms);
  return {
    // Called for each piece of a stream, so it moves no timer.
    alive() {
      aliveAt = performance.now();
    },
    stop: () => clearTimeout(timer),
  };
}

export function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}

export function isEventStream(headers: IncomingHttpHeaders): boolean {
  return mediaType(headers) === 'text/event-stream';
}

export function isJson(headers: IncomingHttpHeaders): boolean {
  return /^application\/(?:[\w.+-]+\+)?json$/.test(mediaType(headers));
}

export function mediaType(headers: { 'content-type'?: string | undefined }): string {
  return (headers['content-type']?.split(';')[0] ?? '').trim().toLowerCase();
}
