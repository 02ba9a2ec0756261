import type { SendResult } from '../../../core/approval/inputs.ts';
import { coerceError } from '../../../core/ports/errors.ts';
import type { Clock, HttpReply, HttpRequest, Intake, Log } from '../../../core/ports/ports.ts';
import { isEventStream } from '../../shared/response.ts';
import { type Incoming, type Outgoing, type Timeouts, type Transport, TransportError } from '../../shared/transport.ts';
import type { RunFactsCache } from '../pause/run-facts.ts';
import type { ContinuationHub } from '../stream/continuation-hub.ts';
import { parseJson, type StreamSessions } from '../stream/sessions.ts';
import { interpretFailure } from '../wire/interpret-answer.ts';
import { isRecord } from '../wire/json-body.ts';
import { applicationOf, claimAll, decisionsIn, lostBody } from './claims.ts';
import { asPlain, bearerOf, forwarded, HOLD_HEADER, hasBody, headerOf } from './headers.ts';
import { HeldResponse, HOLD_MAX_MS } from './held-response.ts';
import { relay } from './relay.ts';
import { ReplayBuffer, ReplayBuffers } from './replay-buffer.ts';
import { aboutOf, answer, buffered, createKeyRing, drain, outliving } from './request.ts';
import { type Route, replayWanted, routeOf } from './routes.ts';
import { openTap, type Tap } from './tap.ts';

/** Of a request that is read before it is forwarded; a dispatch with a few pictures in it fits. */
export const REQUEST_MAX_BYTES = 8 * 1024 * 1024;

export interface GatewayOptions {
  transport: Transport;
  keys: readonly string[] | 'any';
  intake: Intake;
  sessions: StreamSessions;
  memory: RunFactsCache;
  hub: ContinuationHub;
  /** Whether responses stay open at a pause, and how long at the most (ms). */
  hold: { on: boolean; maxMs?: number };
  /** Aborted when no response is held any more. */
  releasing: AbortSignal;
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
): (request: HttpRequest, reply: HttpReply, signal: AbortSignal) => Promise<void> {
  const { transport, intake, sessions, memory, hub, clock, log } = options;
  const mayHaveCards = createKeyRing(options.keys);
  const buffers = new ReplayBuffers(clock);

  return async function proxy(request, reply, signal) {
    if (!request.target.startsWith('/')) return answer(reply, 400, { error: 'Bad Request' });
    const route = routeOf(request.method, request.target);
    const key = bearerOf(request.rawHeaders);
    const wanted = replayWanted(request.method, request.target);
    const buffer = wanted === null ? null : buffers.find(wanted.executionId);
    if (wanted !== null && buffer !== null) {
      // Nobody but who opened the run may know that it is here.
      if (buffer.key !== key) return answer(reply, 404, { error: 'Execution not found' });
      if (buffer.reaches(wanted.after)) return buffer.replay(wanted.after, reply, signal);
    }
    if (route !== 'other' && mayHaveCards(key)) return readAlong(request, reply, signal, route, key);
    const body = hasBody(request.rawHeaders) ? request.body : null;
    await exchange(request, reply, signal, {
      rawHeaders: forwarded(request.method, request.rawHeaders),
      body,
      copy: null,
    });
  };

  async function readAlong(
    request: HttpRequest,
    reply: HttpReply,
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
    const caller = clock.hash(key ?? '');
    const decided = decisionsIn(route, json, memory, caller);
    if (decided.length > 0) await sessions.drained();
    const claimed = await claimAll(intake, decided, applicationOf(key, clock)).catch((thrown: unknown) => {
      log.error({ err: coerceError(thrown), route }, 'an application’s decision could not be claimed');
      return null;
    });
    if (claimed === null) {
      const message = 'Countersign could not record this decision, so it was not forwarded. Try again.';
      return answer(reply, 503, { error: 'Service Unavailable', message });
    }
    if (claimed.type === 'lost') return answer(reply, 409, lostBody(claimed.approval));

    const settle = claimed.approvalIds.length === 0 ? null : settling(claimed.approvalIds, decided);
    const held = holds(request) ? newHeld(key) : null;
    // Callers without a key can't be told apart.
    const buffer = held === null || key === null ? null : new ReplayBuffer(key, reply);
    let streams = false;
    const onPause = (executionId: string, pause: string) => {
      if (!memory.mayBeOf(caller, executionId) || hub.takenBy(executionId, key)) return false;
      held?.join(executionId, pause);
      if (buffer !== null && streams) buffers.keep(executionId, buffer);
      return true;
    };
    const decides = deciding.has(route);
    const onTaken = () => {
      const named = decides && isRecord(json) ? json['executionId'] : null;
      // Whose run it is was for Runtype to say; whoever waits for that pause waits for nothing now.
      if (typeof named === 'string' && !memory.mayBeOf(caller, named)) hub.overElsewhere(named, key);
    };
    const hooks = { by: key, opener: decides ? null : caller, onPause, onTaken };
    const copy = (incoming: Incoming) => {
      streams = isEventStream(incoming.headers);
      return openTap(incoming, { ...options, about: aboutOf(json, memory, decides, caller), settle, hooks });
    };
    const rawHeaders = asPlain(forwarded(request.method, request.rawHeaders));
    try {
      await exchange(request, reply, signal, { rawHeaders, body: body.rest ?? body.bytes, copy, settle, held, buffer });
    } finally {
      held?.leave();
      if (buffer !== null) buffers.ended(buffer, held?.complete === true);
    }
  }

  function holds({ rawHeaders }: HttpRequest): boolean {
    return options.hold.on && headerOf(rawHeaders, HOLD_HEADER)?.trim().toLowerCase() !== 'off';
  }

  function newHeld(key: string | null): HeldResponse {
    const { hold, releasing: stopping } = options;
    return new HeldResponse({ key, hub, stopping, maxMs: hold.maxMs ?? HOLD_MAX_MS, clock, log });
  }

  function settling(
    approvalIds: readonly string[],
    decided: readonly { key: string }[],
  ): (result: SendResult) => Promise<void> {
    return async (result) => {
      if (['recorded', 'already', 'gone'].includes(result.type)) memory.answered(decided.map(({ key }) => key));
      for (const id of approvalIds) await intake.settleClaim(id, result);
    };
  }

  async function exchange(
    request: HttpRequest,
    reply: HttpReply,
    signal: AbortSignal,
    plan: {
      rawHeaders: readonly string[];
      body: Outgoing['body'];
      /** Reads along; null for what is none of our business, and then ends with its caller. */
      copy: ((incoming: Incoming) => Tap) | null;
      settle?: ((result: SendResult) => Promise<void>) | null;
      /** Stays open at a pause. */
      held?: HeldResponse | null;
      buffer?: ReplayBuffer | null;
    },
  ): Promise<void> {
    const { rawHeaders, body, settle = null } = plan;
    const patience = plan.copy === null ? null : outliving(signal, options.timeouts.idleMs, sessions.stopping);
    let incoming: Incoming;
    try {
      const { method, target: path } = request;
      incoming = await transport.send({
        method,
        path,
        rawHeaders,
        body,
        fresh: settle !== null,
        // A server that doesn't stream answers when the run is over or paused again; a claim waits no longer than a stream.
        headersMs: settle === null ? null : options.timeouts.idleMs,
        signal: patience?.signal ?? signal,
      });
    } catch (thrown) {
      const error = thrown instanceof TransportError ? thrown : new TransportError('ambiguous', 'it failed', thrown);
      const result = interpretFailure(error, transport.host);
      log.warn({ method: request.method, outcome: error.kind, reason: error.message }, 'Runtype did not answer a call');
      await settle?.(result).catch((err: unknown) => log.error({ err: coerceError(err) }, 'a claim is not settled'));
      const message = 'words' in result ? result.words : error.message;
      return answer(reply, 502, { error: 'Bad Gateway', message: `Countersign: ${message}` });
    } finally {
      patience?.done();
    }
    const { copy, held = null, buffer = null } = plan;
    const { stopping } = sessions;
    await relay(incoming, reply, signal, copy?.(incoming) ?? null, {
      ...options,
      stopping,
      held,
      buffer,
      claimed: settle !== null,
    });
  }
}
