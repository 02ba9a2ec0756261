/** Calls with JSON in both directions, for backends with short answers. Tested in test/contract/backends.test.ts. */
import { createHash } from 'node:crypto';
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
  /** The `hash` of the last answer, for a list that is read again and again; null: there was none. Default: no hash. */
  known?: string | null;
  signal: AbortSignal;
}

export interface JsonAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  /** Undefined where it is not JSON, and where it is unchanged: then it is not parsed. */
  body: unknown;
  /** Of the bytes of a successful answer, where the call asks for it. */
  hash?: string;
  /** It has the bytes of the answer that the call knows. */
  unchanged?: true;
  /** Null when it broke off, or was too long; empty where it is unchanged. */
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
  return async ({ method, path, headers, body, known, signal }) => {
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
    const { status, headers: answered } = incoming;
    const hash =
      known === undefined || read === null || status !== 200
        ? undefined
        : createHash('sha256').update(read).digest('base64');
    if (read !== null && hash !== undefined && hash === known) {
      lease?.close();
      return { status, headers: answered, body: undefined, text: '', hash, unchanged: true };
    }
    const text = read === null ? null : read.toString('utf8');
    const parsed = await parse(text, outline).finally(() => lease?.close());
    return { status, headers: answered, body: parsed, text, ...(hash !== undefined && { hash }) };
  };
}

async function parse(text: string | null, outline: OutlineOptions): Promise<unknown> {
  try {
    return text === null ? undefined : await parseInTurns(text, 'list', outline);
  } catch {
    return undefined;
  }
}
