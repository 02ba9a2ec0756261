import { coerceError } from '../core/errors.ts';
import type { SendResult } from '../core/machine.ts';
import type { Clock, Intake, Log, ProxyReply, ProxyRequest } from '../core/ports.ts';
import { failed } from './runtype-answers.ts';
import { isRecord } from './runtype-body.ts';
import { applicationOf, claimAll, decisionsIn, lostBody } from './runtype-claims.ts';
import { type Copy, copyOf } from './runtype-copy.ts';
import type { RunMemory } from './runtype-memory.ts';
import { relay } from './runtype-relay.ts';
import {
  asPlain,
  bearerOf,
  createKeyRing,
  forwarded,
  hasBody,
  headerOf,
  type Route,
  routeOf,
} from './runtype-routes.ts';
import { type About, parseJson, type Readings } from './runtype-stream.ts';
import { type Incoming, type Outgoing, type Timeouts, type Transport, TransportError } from './transport.ts';

/** Of a request that is read before it is forwarded; a dispatch with a few pictures in it fits. */
export const REQUEST_MAX_BYTES = 8 * 1024 * 1024;

export interface GatewayOptions {
  transport: Transport;
  keys: readonly string[] | 'any';
  intake: Intake;
  readings: Readings;
  memory: RunMemory;
  clock: Clock;
  log: Log;
  timeouts: Timeouts;
}

/** Where a decision of the application may be in it: such a call is never forwarded unread. */
const deciding = new Set<Route>(['approve', 'resume', 'continue']);

/**
 * Everything passes byte for byte, under the caller's own key. Of callers whose pauses get cards, runs are read along,
 * and decisions are claimed before they are forwarded.
 */
export function createGateway(
  options: GatewayOptions,
): (request: ProxyRequest, reply: ProxyReply, signal: AbortSignal) => Promise<void> {
  const { transport, intake, readings, memory, clock, log } = options;
  const mayHaveCards = createKeyRing(options.keys);

  return async function proxy(request, reply, signal) {
    if (!request.target.startsWith('/')) return answer(reply, 400, { error: 'Bad Request' });
    const route = routeOf(request.method, request.target);
    const key = bearerOf(request.rawHeaders);
    if (route !== 'other' && mayHaveCards(key)) return readAlong(request, reply, signal, route, key);
    const body = hasBody(request.rawHeaders) ? request.body : null;
    await exchange(request, reply, signal, {
      rawHeaders: forwarded(request.method, request.rawHeaders),
      body,
      copy: null,
    });
  };

  async function readAlong(
    request: ProxyRequest,
    reply: ProxyReply,
    signal: AbortSignal,
    route: Route,
    key: string | null,
  ): Promise<void> {
    const body = await buffered(request, REQUEST_MAX_BYTES);
    if (body === null) return reply.destroy();
    const coded = (headerOf(request.rawHeaders, 'content-encoding') ?? 'identity') !== 'identity';
    if (deciding.has(route) && (body.rest !== null || coded)) {
      // A caller that still sends would not hear the answer.
      if (body.rest !== null) drain(body.rest);
      const status = coded ? 415 : 413;
      const message = coded ? 'Send this call uncompressed.' : `This call may have ${REQUEST_MAX_BYTES} bytes at most.`;
      return answer(reply, status, { error: coded ? 'Unsupported Media Type' : 'Payload Too Large', message });
    }
    const json = body.rest === null && !coded ? parseJson(body.bytes) : undefined;

    // A pause that the application has just seen is committed before its answer is looked for.
    const decided = decisionsIn(route, json, memory);
    if (decided.length > 0) await readings.drained();
    const claimed = await claimAll(intake, decided, applicationOf(key, clock)).catch((thrown: unknown) => {
      log.error({ err: coerceError(thrown), route }, 'an application’s decision could not be claimed');
      return null;
    });
    if (claimed === null) {
      const message = 'Countersign could not record this decision, so it was not forwarded. Try again.';
      return answer(reply, 503, { error: 'Service Unavailable', message });
    }
    if (claimed.type === 'lost') return answer(reply, 409, lostBody(claimed.approval));

    const settle = claimed.approvalIds.length === 0 ? null : settling(claimed.approvalIds);
    const copy = (incoming: Incoming) => copyOf(incoming, { ...options, about: aboutOf(json, memory), settle });
    const rawHeaders = asPlain(forwarded(request.method, request.rawHeaders));
    await exchange(request, reply, signal, { rawHeaders, body: body.rest ?? body.bytes, copy, settle });
  }

  function settling(approvalIds: readonly string[]): (result: SendResult) => Promise<void> {
    return async (result) => {
      for (const id of approvalIds) await intake.settleClaim(id, result);
    };
  }

  async function exchange(
    request: ProxyRequest,
    reply: ProxyReply,
    signal: AbortSignal,
    plan: {
      rawHeaders: readonly string[];
      body: Outgoing['body'];
      /** Reads along; null for what is none of our business, and then ends with its caller. */
      copy: ((incoming: Incoming) => Copy) | null;
      settle?: ((result: SendResult) => Promise<void>) | null;
    },
  ): Promise<void> {
    const { rawHeaders, body, settle = null } = plan;
    const patience = plan.copy === null ? null : outliving(signal, options.timeouts.idleMs, readings.stopping);
    let incoming: Incoming;
    try {
      const { method, target: path } = request;
      incoming = await transport.send({
        method,
        path,
        rawHeaders,
        body,
        fresh: settle !== null,
        headersMs: null,
        signal: patience?.signal ?? signal,
      });
    } catch (thrown) {
      const error = thrown instanceof TransportError ? thrown : new TransportError('ambiguous', 'it failed', thrown);
      const result = failed(error, transport.host);
      log.warn({ method: request.method, outcome: error.kind, reason: error.message }, 'Runtype did not answer a call');
      await settle?.(result).catch((err: unknown) => log.error({ err: coerceError(err) }, 'a claim is not settled'));
      const message = 'words' in result ? result.words : error.message;
      return answer(reply, 502, { error: 'Bad Gateway', message: `Countersign: ${message}` });
    } finally {
      patience?.done();
    }
    await relay(incoming, reply, signal, plan.copy?.(incoming) ?? null, { ...options, stopping: readings.stopping });
  }
}

/** The run that a call continues, and the tools that its application brings along. */
function aboutOf(json: unknown, memory: RunMemory): About {
  if (!isRecord(json)) return {};
  const offered = Array.isArray(json['clientTools']) ? json['clientTools'] : [];
  const clientTools = offered.flatMap((tool) =>
    isRecord(tool) && typeof tool['name'] === 'string' ? tool['name'] : [],
  );
  const { executionId } = json;
  if (typeof executionId !== 'string' || executionId === '') return { clientTools };
  return { clientTools, run: { id: executionId, facts: memory.of(executionId) } };
}

/** Reads the body up to a limit; `rest` then goes on with all of it. Null when the caller broke off. */
async function buffered(
  request: ProxyRequest,
  maxBytes: number,
): Promise<{ bytes: Uint8Array; rest: AsyncIterable<Uint8Array> | null } | null> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  const iterator = request.body[Symbol.asyncIterator]();
  try {
    for (let next = await iterator.next(); !next.done; next = await iterator.next()) {
      chunks.push(next.value);
      size += next.value.length;
      if (size > maxBytes) return { bytes: new Uint8Array(), rest: replay(chunks, iterator) };
    }
  } catch {
    return null;
  }
  return { bytes: Buffer.concat(chunks), rest: null };
}

async function* replay(chunks: Uint8Array[], iterator: AsyncIterator<Uint8Array>): AsyncIterable<Uint8Array> {
  yield* chunks.splice(0);
  for (let next = await iterator.next(); !next.done; next = await iterator.next()) yield next.value;
}

function drain(rest: AsyncIterable<Uint8Array>): void {
  const read = async () => {
    for await (const _ of rest);
  };
  read().catch(() => {});
}

/** Aborted `ms` after the caller is gone, or when all reading stops: what was begun is seen to its end. */
function outliving(caller: AbortSignal, ms: number, stopping: AbortSignal): { signal: AbortSignal; done(): void } {
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

/** An answer of our own; never one that could be taken for Runtype's success. */
function answer(reply: ProxyReply, status: number, body: Record<string, unknown>): void {
  const bytes = Buffer.from(JSON.stringify(body));
  try {
    reply.start(status, ['Content-Type', 'application/json', 'Content-Length', String(bytes.length)]);
    // A caller that is gone hears nothing; that is no fault.
    reply
      .write(bytes)
      .then(() => reply.end())
      .catch(() => {});
  } catch {
    reply.destroy();
  }
}
