/** Sends one callback: to checked addresses, without redirects, with limits of time and size. */
import type { IncomingHttpHeaders } from 'node:http';
import { urlToHttpOptions } from 'node:url';
import { failureReason, TransportError } from '../../shared/http/failures.ts';
import { readShort } from '../../shared/response.ts';
import { createTransport } from '../../shared/transport.ts';
import { type Address, isLoopback, isPublicAddress, pinnedLookup, type Resolve } from './address.ts';

/** How much of an error response is read for its message. */
const ANSWER_MAX_BYTES = 16 * 1024;

export interface CallbackTimeouts {
  /** For the look-up of the host name, ms. */
  resolveMs: number;
  /** Until TCP and TLS are established, ms. */
  connectMs: number;
  /** From then until the response's headers, ms. */
  headersMs: number;
  /** For the rest of a short response, ms. */
  bodyMs: number;
}

export interface CallbackAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  /** Null when it was not or could not be read. */
  text: string | null;
}

/** The host name resolves to an address that callbacks must not connect to; nothing is sent. */
export class ForbiddenTarget extends Error {
  override readonly name = 'ForbiddenTarget';
}

export interface CallbackOptions {
  resolve: Resolve;
  /** For tests: also loopback addresses. */
  allowLoopback: boolean;
  timeouts: CallbackTimeouts;
}

/** @throws TransportError, ForbiddenTarget */
export type PostCallback = (
  url: URL,
  headers: Record<string, string>,
  body: Buffer,
  signal: AbortSignal,
) => Promise<CallbackAnswer>;

export function createPostCallback({ resolve, allowLoopback, timeouts }: CallbackOptions): PostCallback {
  return async (url, headers, body, signal) => {
    const addresses = await within(resolveHost(url, resolve), timeouts.resolveMs, signal);
    for (const { address } of addresses) {
      if (isPublicAddress(address) || (allowLoopback && isLoopback(address))) continue;
      throw new ForbiddenTarget(
        `${url.hostname} resolves to a private or special address, which callbacks must not use.`,
      );
    }
    // A new connection to exactly these addresses: another look-up could give others.
    const transport = createTransport(url.origin, timeouts);
    const incoming = await transport.send({
      method: 'POST',
      path: url.pathname + url.search,
      rawHeaders: Object.entries(headers).flat(),
      body,
      fresh: true,
      headersMs: timeouts.headersMs,
      signal,
      lookup: pinnedLookup(addresses),
    });
    const { status, headers: answered, body: answer } = incoming;
    const read = status >= 300 ? await readShort(answer, ANSWER_MAX_BYTES, timeouts.bodyMs) : null;
    answer.destroy();
    return { status, headers: answered, text: read === null ? null : read.toString('utf8') };
  };
}

async function resolveHost(url: URL, resolve: Resolve): Promise<readonly Address[]> {
  const hostname = urlToHttpOptions(url).hostname ?? '';
  try {
    const addresses = await resolve(hostname);
    if (addresses.length > 0) return addresses;
  } catch (error) {
    throw new TransportError('unsent', failureReason(error), error);
  }
  throw new TransportError('unsent', 'its name has no address');
}

/** A look-up can't be cancelled; a late result is dropped. */
async function within<T>(work: Promise<T>, ms: number, signal: AbortSignal): Promise<T> {
  const timer = new AbortController();
  const stop = () => timer.abort(new TransportError('unsent', 'it was cancelled'));
  const late = setTimeout(() => timer.abort(new TransportError('unsent', 'its name was not found in time')), ms);
  signal.addEventListener('abort', stop, { once: true });
  try {
    if (signal.aborted) stop();
    return await new Promise<T>((resolve, reject) => {
      timer.signal.addEventListener('abort', () => reject(timer.signal.reason));
      if (timer.signal.aborted) reject(timer.signal.reason);
      work.then(resolve, reject);
    });
  } finally {
    clearTimeout(late);
    signal.removeEventListener('abort', stop);
  }
}
