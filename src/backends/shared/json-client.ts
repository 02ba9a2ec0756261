/** Calls with JSON in both directions, for backends with short answers. Tested in test/contract/backends.test.ts. */
import type { IncomingHttpHeaders } from 'node:http';
import type { BufferBudget } from '../../core/ports/buffer-budget.ts';
import type { OutlineOptions } from './json-outline.ts';
import { parseInTurns } from './large-json.ts';
import { readShort } from './response.ts';
import type { Timeouts, Transport } from './transport.ts';

/** Far above a list of 200 items with their payloads. */
const ANSWER_MAX_BYTES = 16 * 1024 * 1024;

export type JsonTimeouts = Pick<Timeouts, 'connectMs' | 'headersMs' | 'bodyMs'>;

/** For short answers: a call ends well within the lease of its job. */
export const JSON_TIMEOUTS: Readonly<JsonTimeouts> = Object.freeze({
  connectMs: 10_000,
  headersMs: 20_000,
  bodyMs: 10_000,
});

export interface JsonCall {
  method: 'GET' | 'POST';
  /** Path and query. */
  path: string;
  headers: Record<string, string>;
  /** Sent as JSON; absent for none. */
  body?: unknown;
  signal: AbortSignal;
}

export interface JsonAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  /** Undefined where it is not JSON. */
  body: unknown;
  /** Null when it broke off, or was too long. */
  text: string | null;
}

/** @throws TransportError; redirects are answers like any other */
export type CallJson = (call: JsonCall) => Promise<JsonAnswer>;

/**
 * @param outline what is read of a list's item that is too large to be parsed
 * @param buffers counts answers until they are parsed: what they take is not there for callers
 */
export function createJsonClient(
  transport: Transport,
  timeouts: JsonTimeouts,
  outline: OutlineOptions,
  buffers: BufferBudget | null = null,
): CallJson {
  return async ({ method, path, headers, body, signal }) => {
    const bytes = body === undefined ? null : Buffer.from(JSON.stringify(body));
    const all = {
      Accept: 'application/json',
      ...headers,
      ...(bytes !== null && { 'Content-Type': 'application/json' }),
      'Accept-Encoding': 'identity',
      'User-Agent': 'countersign',
    };
    const rawHeaders = Object.entries(all).flat();
    // A call that changes something uses a new connection, so that a failure shows whether it may have arrived.
    const fresh = method !== 'GET';
    const { headersMs, bodyMs } = timeouts;
    const incoming = await transport.send({ method, path, rawHeaders, body: bytes, fresh, headersMs, signal });
    const hangUp = () => incoming.body.destroy();
    signal.addEventListener('abort', hangUp);
    if (signal.aborted) hangUp();
    const lease = buffers?.lease() ?? null;
    const read = await readShort(incoming.body, ANSWER_MAX_BYTES, bodyMs, lease);
    signal.removeEventListener('abort', hangUp);
    // A kept connection with a body that was not read must not be used again.
    if (read === null) hangUp();
    const text = read === null ? null : read.toString('utf8');
    const parsed = await parse(text, outline).finally(() => lease?.close());
    return { status: incoming.status, headers: incoming.headers, body: parsed, text };
  };
}

async function parse(text: string | null, outline: OutlineOptions): Promise<unknown> {
  try {
    return text === null ? undefined : await parseInTurns(text, 'list', outline);
  } catch {
    return undefined;
  }
}
