/** Sends one callback: to checked addresses, without redirects, with limits of time and size. */
import type { IncomingHttpHeaders } from 'node:http';
import { pinnedLookup, publicAddresses, type Resolve } from '../../shared/http/addresses.ts';
import { type Measuring, measured } from '../../shared/http/measured.ts';
import { readShort } from '../../shared/response.ts';
import { createTransport } from '../../shared/transport.ts';

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

export interface CallbackOptions {
  resolve: Resolve;
  /** For tests: also loopback addresses. */
  allowLoopback: boolean;
  timeouts: CallbackTimeouts;
  measuring: Measuring;
}

/** @throws TransportError, ForbiddenTarget */
export type PostCallback = (
  url: URL,
  headers: Record<string, string>,
  body: Buffer,
  signal: AbortSignal,
) => Promise<CallbackAnswer>;

export function createPostCallback({ resolve, allowLoopback, timeouts, measuring }: CallbackOptions): PostCallback {
  return async (url, headers, body, signal) => {
    const { resolveMs } = timeouts;
    const addresses = await publicAddresses(url, { resolve, allowLoopback, resolveMs, purpose: 'callbacks' }, signal);
    // A new connection to exactly these addresses: another look-up could give others.
    const transport = measured(createTransport(url.origin, timeouts), () => 'callback', measuring);
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
