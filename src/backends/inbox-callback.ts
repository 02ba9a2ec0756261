/** One callback: to an address that was checked, without redirects, within bounds of time and size. */
import * as http from 'node:http';
import * as https from 'node:https';
import { urlToHttpOptions } from 'node:url';
import { type Address, isLoopback, isPublicAddress, pinnedLookup, type Resolve } from './inbox-address.ts';
import { readShort } from './incoming.ts';
import { TransportError } from './transport.ts';

/** For a receiver's words about an error; the rest is of no use to us. */
const ANSWER_MAX_BYTES = 16 * 1024;

export interface CallbackTimeouts {
  /** For the look-up of its name, ms. */
  resolveMs: number;
  /** Until TCP and TLS stand, ms. */
  connectMs: number;
  /** From then until the answer's headers, ms. */
  headersMs: number;
  /** For the rest of a short answer, ms. */
  bodyMs: number;
}

export interface CallbackAnswer {
  status: number;
  headers: http.IncomingHttpHeaders;
  /** Null when it was not read, or could not be. */
  text: string | null;
}

/** It is not sent, now or later: the name leads where no callback may go. */
export class ForbiddenTarget extends Error {
  override readonly name = 'ForbiddenTarget';
}

export interface CallbackOptions {
  resolve: Resolve;
  /** For tests: loopback addresses, too. */
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
      throw new ForbiddenTarget(`${url.hostname} leads to a private or special address, and callbacks never go there.`);
    }
    const incoming = await exchange(url, addresses, headers, body, signal, timeouts);
    const { statusCode: status = 0, headers: answered } = incoming;
    const read = status >= 300 ? await readShort(incoming, ANSWER_MAX_BYTES, timeouts.bodyMs) : null;
    incoming.destroy();
    return { status, headers: answered, text: read === null ? null : read.toString('utf8') };
  };
}

async function resolveHost(url: URL, resolve: Resolve): Promise<readonly Address[]> {
  const hostname = urlToHttpOptions(url).hostname ?? '';
  try {
    const addresses = await resolve(hostname);
    if (addresses.length > 0) return addresses;
  } catch (error) {
    throw new TransportError('unsent', wordsOf(error), error);
  }
  throw new TransportError('unsent', 'its name stands for no address');
}

/** A look-up can't be called off; what comes of it later is dropped. */
async function within<T>(work: Promise<T>, ms: number, signal: AbortSignal): Promise<T> {
  const timer = new AbortController();
  const stop = () => timer.abort(new TransportError('unsent', 'it was called off'));
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

function exchange(
  url: URL,
  addresses: readonly Address[],
  headers: Record<string, string>,
  body: Buffer,
  signal: AbortSignal,
  { connectMs, headersMs }: CallbackTimeouts,
): Promise<http.IncomingMessage> {
  const secure = url.protocol === 'https:';
  const { hostname, port, path } = urlToHttpOptions(url);
  return new Promise((resolve, reject) => {
    let connected = false;
    const kind = () => (connected ? 'ambiguous' : 'unsent');
    const outgoing = (secure ? https : http).request({
      hostname,
      port,
      path,
      method: 'POST',
      headers,
      lookup: pinnedLookup(addresses),
      // A connection of its own, so that a failure tells whether it may have arrived.
      agent: false,
    });
    const fail = (message: string) => outgoing.destroy(new TransportError(kind(), message));
    const onAbort = () => fail('it was called off');
    let timer = setTimeout(() => fail(`no connection within ${connectMs / 1000} s`), connectMs);
    const settle = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
    };
    outgoing.once('socket', (socket) =>
      socket.once(secure ? 'secureConnect' : 'connect', () => {
        connected = true;
        clearTimeout(timer);
        timer = setTimeout(() => fail(`no answer within ${headersMs / 1000} s`), headersMs);
      }),
    );
    outgoing.on('error', (error) => {
      settle();
      reject(error instanceof TransportError ? error : new TransportError(kind(), wordsOf(error), error));
    });
    outgoing.once('response', (incoming) => {
      settle();
      incoming.on('error', () => {});
      resolve(incoming);
    });
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    outgoing.end(body);
  });
}

/** By its code: messages of libraries may quote what they were given. */
function wordsOf(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
  return code === '' ? 'the request could not be made' : `it failed with ${code}`;
}
