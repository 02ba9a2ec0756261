import type { SendResult } from '../../../core/approval/inputs.ts';
import { coerceError } from '../../../core/ports/errors.ts';
import type { Clock, HttpReply, HttpRequest, Intake, Log } from '../../../core/ports/ports.ts';
import { repeatedKeys } from '../../../core/text/exact/parse.ts';
import { isRecord } from '../../../core/text/json.ts';
import { explainFailure } from '../../shared/api-errors.ts';
import { isEventStream } from '../../shared/response.ts';
import type { Incoming, Outgoing, Timeouts, Transport } from '../../shared/transport.ts';
import type { RunFactsCache } from '../pause/run-facts.ts';
import type { ContinuationHub } from '../stream/continuation-hub.ts';
import type { StreamSessions } from '../stream/sessions.ts';
import { parseJson } from '../wire/json-body.ts';
import { relay } from './answer/relay.ts';
import { openTap, type Tap } from './answer/tap.ts';
import { type Caller, callerOf, createKeyRing } from './caller.ts';
import { decisionsIn, lostBody, recordDecisions } from './decisions/application-decisions.ts';
import { asPlain, bearerOf, forwarded, HOLD_HEADER, hasBody, headerOf } from './headers.ts';
import { HeldResponse, HOLD_MAX_MS } from './hold/held-response.ts';
import { ReplayBuffer, ReplayBuffers } from './hold/replay-buffer.ts';
import { answer, contextOf, drain, outliving, readBody } from './request.ts';
import { type Route, replayWanted, routeOf } from './routes.ts';

/** Of a request that is read before it is forwarded; a dispatch with a few pictures in it fits. */
export const REQUEST_MAX_BYTES = 8 * 1024 * 1024;

export interface GatewayOptions {
  transport: Transport;
  keys: readonly string[] | 'any';
  intake: Intake;
  sessions: StreamSessions;
  runFacts: RunFactsCache;
  hub: ContinuationHub;
  /** Whether responses stay open at a pause, and for how long at most (ms). */
  hold: { on: boolean; maxMs?: number };
  /** Aborted when no response is held any more. */
  releasing: AbortSignal;
  clock: Clock;
  log: Log;
  timeouts: Timeouts;
}

/** Calls that may contain a decision of the application: they are never forwarded unread. */
const deciding = new Set<Route>(['approve', 'resume', 'continue']);

/**
 * Passes every call on byte for byte, under the caller's own key. For callers whose pauses get cards, runs are read as
 * they pass, and decisions are recorded before they are forwarded.
 */
export function createGateway(
  options: GatewayOptions,
): (request: HttpRequest, reply: HttpReply, signal: AbortSignal) => Promise<void> {
  const { intake, sessions, runFacts, hub, clock, log } = options;
  const mayHaveCards = createKeyRing(options.keys);
  const buffers = new ReplayBuffers(clock);

  return async function proxy(request, reply, signal) {
    if (!request.target.startsWith('/')) return answer(reply, 400, { error: 'Bad Request' });
    const route = routeOf(request.method, request.target);
    const key = bearerOf(request.rawHeaders);
    const wanted = replayWanted(request.method, request.target);
    const buffer = wanted === null ? null : buffers.find(wanted.executionId);
    if (wanted !== null && buffer !== null) {
      // Only the caller that started the run may learn that it is here.
      if (buffer.key !== key) return answer(reply, 404, { error: 'Execution not found' });
      if (buffer.reaches(wanted.after)) return buffer.replay(wanted.after, reply, signal);
    }
    if (route !== 'other' && mayHaveCards(key)) return proxyRun(request, reply, signal, route, callerOf(key, clock));
    const body = hasBody(request.rawHeaders) ? request.body : null;
    const rawHeaders = forwarded(request.method, request.rawHeaders);
    await forward(options, request, reply, signal, { rawHeaders, body, openTap: null });
  };

  async function proxyRun(
    request: HttpRequest,
    reply: HttpReply,
    signal: AbortSignal,
    route: Route,
    caller: Caller,
  ): Promise<void> {
    const { key } = caller;
    const body = await readBody(request, REQUEST_MAX_BYTES);
    if (body === null) return reply.destroy();
    const isEncoded = (headerOf(request.rawHeaders, 'content-encoding') ?? 'identity') !== 'identity';
    const decides = deciding.has(route);
    if (decides && (body.rest !== null || isEncoded)) {
      // A caller that is still sending would not read the answer.
      if (body.rest !== null) drain(body.rest);
      const status = isEncoded ? 415 : 413;
      const message = isEncoded
        ? 'Send this call uncompressed.'
        : `The body of this call must have at most ${REQUEST_MAX_BYTES} bytes.`;
      return answer(reply, status, { error: isEncoded ? 'Unsupported Media Type' : 'Payload Too Large', message });
    }
    const json = body.rest === null && !isEncoded ? parseJson(body.bytes) : undefined;
    const [repeated] = decides ? repeatedKeys(json) : [];
    if (repeated !== undefined) {
      // Runtype may take the other value, and would then do something else than what is recorded.
      const message = `The key ${JSON.stringify(repeated)} is given twice. Send it once.`;
      return answer(reply, 400, { error: 'Bad Request', message });
    }

    // A pause that the application has just received is committed before its answer is matched to it.
    const decided = decisionsIn(route, json, runFacts, caller.hash);
    if (decided.length > 0) await sessions.drained();
    const recorded = await recordDecisions(intake, decided, caller.actor).catch((thrown: unknown) => {
      log.error({ err: coerceError(thrown), route }, 'an application’s decision could not be recorded');
      return null;
    });
    if (recorded === null) {
      const message = 'Countersign could not record this decision, so it was not forwarded. Try again.';
      return answer(reply, 503, { error: 'Service Unavailable', message });
    }
    if (recorded.type === 'lost') return answer(reply, 409, lostBody(recorded.approval));

    const settle = recorded.approvalIds.length === 0 ? null : settling(recorded.approvalIds, decided);
    const held = mayBeHeld(request) ? newHeldResponse(key) : null;
    // Callers without a key can't be distinguished.
    const buffer = held === null || key === null ? null : new ReplayBuffer(key, reply);
    let isStream = false;
    const onPause = (executionId: string, pause: string) => {
      if (!runFacts.mayBeOf(caller.hash, executionId) || hub.isHeldByAnother(executionId, key)) return false;
      held?.join(executionId, pause);
      if (buffer !== null && isStream) buffers.keep(executionId, buffer);
      return true;
    };
    const onAccepted = () => {
      const named = decides && isRecord(json) ? json['executionId'] : null;
      // Runtype accepted a call for a run that another caller started: whatever waits for that pause waits in vain.
      if (typeof named === 'string' && !runFacts.mayBeOf(caller.hash, named)) hub.onRunEndedElsewhere(named, key);
    };
    const hooks = { by: key, opener: decides ? null : caller.hash, onPause, onAccepted };
    const tap = (incoming: Incoming) => {
      isStream = isEventStream(incoming.headers);
      const answers = decided.map((one) => one.key);
      const context = { ...contextOf(json, runFacts, decides, caller.hash), ...(decides && { answers }) };
      return openTap(incoming, { ...options, context, settle, hooks });
    };
    const rawHeaders = asPlain(forwarded(request.method, request.rawHeaders));
    try {
      const call = { rawHeaders, body: body.rest ?? body.bytes, openTap: tap, settle, held, buffer };
      await forward(options, request, reply, signal, call);
    } finally {
      held?.leave();
      if (buffer !== null) buffers.ended(buffer, held?.isComplete === true);
    }
  }

  function mayBeHeld({ rawHeaders }: HttpRequest): boolean {
    return options.hold.on && headerOf(rawHeaders, HOLD_HEADER)?.trim().toLowerCase() !== 'off';
  }

  function newHeldResponse(key: string | null): HeldResponse {
    const { hold, releasing: stopping } = options;
    return new HeldResponse({ key, hub, stopping, maxMs: hold.maxMs ?? HOLD_MAX_MS, clock, log });
  }

  function settling(
    approvalIds: readonly string[],
    decided: readonly { key: string }[],
  ): (result: SendResult) => Promise<void> {
    return async (result) => {
      if (['recorded', 'already', 'gone'].includes(result.type)) runFacts.answered(decided.map(({ key }) => key));
      for (const id of approvalIds) await intake.settleApplicationDecision(id, result);
    };
  }
}

interface ForwardedCall {
  rawHeaders: readonly string[];
  body: Outgoing['body'];
  /** Null: the answer is not read, and ends with its caller. */
  openTap: ((incoming: Incoming) => Tap) | null;
  settle?: ((result: SendResult) => Promise<void>) | null;
  /** Stays open at a pause. */
  held?: HeldResponse | null;
  buffer?: ReplayBuffer | null;
}

/** Sends a call to Runtype and relays the answer. */
async function forward(
  options: Pick<GatewayOptions, 'transport' | 'sessions' | 'timeouts' | 'clock' | 'log'>,
  request: HttpRequest,
  reply: HttpReply,
  signal: AbortSignal,
  call: ForwardedCall,
): Promise<void> {
  const { transport, sessions, timeouts, log } = options;
  const { rawHeaders, body, settle = null, held = null, buffer = null } = call;
  const outlived = call.openTap === null ? null : outliving(signal, timeouts.idleMs, sessions.stopping);
  let incoming: Incoming;
  try {
    const { method, target: path } = request;
    // A server that doesn't stream answers when the run is over or paused again; a decision waits no longer than a stream.
    const headersMs = settle === null ? null : timeouts.idleMs;
    const fresh = settle !== null;
    const outgoing = { method, path, rawHeaders, body, fresh, headersMs, signal: outlived?.signal ?? signal };
    incoming = await transport.send(outgoing);
  } catch (thrown) {
    const result = explainFailure(thrown, 'Runtype');
    log.warn({ method: request.method, outcome: result.type, reason: result.reason }, 'Runtype did not answer a call');
    await settle?.(result).catch((err: unknown) =>
      log.error({ err: coerceError(err) }, 'the result of an application’s decision could not be recorded'),
    );
    return answer(reply, 502, { error: 'Bad Gateway', message: `Countersign: ${result.reason}` });
  } finally {
    outlived?.done();
  }
  const tap = call.openTap?.(incoming) ?? null;
  const { stopping } = sessions;
  await relay(incoming, reply, signal, tap, { ...options, stopping, held, buffer, carriesDecision: settle !== null });
}
