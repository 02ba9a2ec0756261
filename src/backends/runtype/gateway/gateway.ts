import type { BufferLease } from '../../../core/ports/buffer-budget.ts';
import { coerceError, StoreDoubt } from '../../../core/ports/errors.ts';
import { RETRY_AFTER_S } from '../../../core/ports/http.ts';
import type { Metrics } from '../../../core/ports/metrics.ts';
import type { HttpReply, HttpRequest } from '../../../core/ports/ports.ts';
import { parseTraceparent } from '../../../core/ports/tracing/traces.ts';
import type { Incoming, Outgoing } from '../../shared/transport.ts';
import type { OpenerOf } from '../pause/opener.ts';
import { BACKEND } from '../pause/pause.ts';
import type { RunFactsCache } from '../pause/run-facts.ts';
import type { RunContext } from '../stream/reader/reader.ts';
import type { WebsiteChats } from '../website/chats.ts';
import { isChatPath, readableFrom } from '../website/wire.ts';
import { openTap } from './answer/tap.ts';
import { type Call, readCall, refusalOf } from './call.ts';
import { type Caller, callerOf, createKeyRing } from './caller.ts';
import { claimDecision } from './decisions/application-decisions.ts';
import { createRefusedDecisions, mayHoldDecision } from './decisions/refused-decisions.ts';
import { TOO_MANY_DECISIONS, takeDecision } from './decisions/run-rate.ts';
import { answerTooManyWrong, forward } from './forward.ts';
import { type Refusal, refusalOfHead } from './head.ts';
import { bearerOf, credentialOf, forwarded, headerOf } from './headers.ts';
import { ReplayBuffers } from './hold/replay-buffers.ts';
import { announcedBody, answer, drain } from './request.ts';
import { requesterIn } from './requester.ts';
import { isDeciding, mayDecide, plainPath, replayWanted, routeOf } from './routes.ts';
import { createRunRelay, type RunRelayOptions, tapOptions } from './run-relay.ts';

export interface GatewayOptions extends Omit<RunRelayOptions, 'buffers' | 'replays'> {
  /** The keys of the callers whose pauses get cards. */
  keys: readonly string[] | 'any';
  /** The names of those of the keys that have one. */
  keyNames?: ReadonlyMap<string, string>;
  /** Null: no website chat is read. */
  website: WebsiteChats | null;
  /** Off: the decisions of applications are refused. */
  applicationDecides: boolean;
  /** Reads what other replicas know of a run before it is decided. Null or absent: there are none. */
  remember?: ((runId: string) => Promise<void>) | null;
  /** Names callers by the hash of their credential. */
  openerOf: OpenerOf;
  metrics: Pick<Metrics, 'count'>;
  /** Spans are recorded: the trace of a call is kept with what pauses. */
  traced: boolean;
  /** What signed ingest has said of runs. */
  ingestedFacts: RunFactsCache;
}

/** Of the budget, for callers whose keys are not known here: anyone can be one, so they leave the rest to the others. */
const STRANGERS_BYTES = 32 * 1024 * 1024;
/** Of the budget, for what can be replayed: without a replay an application reads the run at Runtype. */
const REPLAYS_BYTES = 32 * 1024 * 1024;

type Proxy = (request: HttpRequest, reply: HttpReply, signal: AbortSignal) => Promise<void>;

interface CallOf {
  key: string | null;
  /** Whom it names as the one who asked; null: no one. */
  requester: string | null;
  /** Its key is one of those whose pauses get cards. A call to a website's chat is never known by its key. */
  isKnown: boolean;
  /** Its key is one that Runtype alone knows: with `*` in place of keys, every key is. */
  isStrangers: boolean;
  /** Takes what is kept of the call, and is closed when it has ended. */
  lease: BufferLease;
}

type Serve = (request: HttpRequest, reply: HttpReply, signal: AbortSignal, of: CallOf) => Promise<void>;

/**
 * Passes every call on byte for byte, under the caller's own key. For callers whose pauses get cards, runs are read as
 * they pass. Decisions are recognised by their bodies, and recorded before they are forwarded.
 */
export function createGateway(options: GatewayOptions): Proxy {
  const { website, guard, clock, log, metrics } = options;
  const keys = createKeyRing(options.keys, options.keyNames);
  const buffers = new ReplayBuffers(clock);
  const strangers = options.room.part(STRANGERS_BYTES);
  const replays = options.room.part(REPLAYS_BYTES);
  const relayRun = createRunRelay({ ...options, buffers, replays });
  const refusedDecision = options.applicationDecides ? null : createRefusedDecisions(options);

  return async function proxy(request, reply, signal) {
    const refused = refusalOfHead(request);
    if (refused !== null) {
      const { status, error, message, headers = [] } = refused;
      // What follows such a head may be meant as its body.
      return answer(reply, status, { error, message }, [...headers, 'Connection', 'close']);
    }
    const key = bearerOf(request.rawHeaders);
    const wanted = replayWanted(request.method, request.target);
    const buffer = wanted === null ? null : buffers.find(wanted.executionId);
    if (wanted !== null && buffer !== null) {
      // Only the caller that started the run may learn that it is here.
      if (buffer.key !== key) return answer(reply, 404, { error: 'Execution not found' });
      if (buffer.reaches(wanted.after)) return buffer.replay(wanted.after, reply, signal);
    }
    const isKnown = !isChatCall(request) && keys.has(key);
    const asked = requesterIn(request.rawHeaders, isKnown ? keys.nameOf(key) : null, options.intake);
    if ('refusal' in asked) return refuse(asked.refusal, request, reply);
    const { requester } = asked;
    const isStrangers = !isChatCall(request) && (options.keys === 'any' || !isKnown);
    // Runtype would refuse it, too; before anything of it is read, it costs nothing.
    if (!isKnown && isAnonymous(request)) {
      const seconds = await guard.wrongSecret('gateway', request.remoteAddress, 'A call that decides has no key.');
      if (seconds === null) return answer(reply, 401, UNAUTHORIZED);
      return answerTooManyWrong(reply, seconds);
    }
    const lease = (isKnown ? options.room : strangers).lease();
    const serve = request.method === 'POST' ? post : passOn;
    return serve(request, reply, signal, { key, requester, isKnown, isStrangers, lease }).finally(() => lease.close());
  };

  async function passOn(...[request, reply, signal, of]: Parameters<Serve>): Promise<void> {
    const { key, isStrangers, lease } = of;
    let body: Outgoing['body'] = announcedBody(request.rawHeaders, request.body);
    if (refusedDecision !== null && mayHoldDecision(request)) {
      const call = await readCall(request, true, lease);
      if (call === null) return reply.destroy();
      if (call === 'no room') return answer(reply, 503, NO_ROOM, RETRY_LATER);
      const refusal = await refusedDecision(call, null, callerOf(key, options.openerOf, clock).actor);
      if (refusal !== null) return refuse(refusal, request, reply, call);
      if (body !== null) body = call.body;
    }
    const rawHeaders = forwarded(request.rawHeaders);
    // What another call than a POST shows of a run is read alongside: it starts no run and continues none.
    const caller = callerIn(request, of, () => queryIn(request.target));
    const along = { by: caller?.key ?? null, alongside: true };
    const read = { ...tapOptions(options, 'any', along), context: () => siteOf(caller) };
    const tap = caller === null ? null : (incoming: Incoming) => openTap(incoming, read);
    await forward(options, request, reply, signal, { rawHeaders, body, openTap: tap, isStrangers });
  }

  async function post(...[request, reply, signal, of]: Parameters<Serve>): Promise<void> {
    const { key, isKnown, isStrangers, lease } = of;
    const ownHeaders = ownHeadersFor(request);
    const hasCards = isChatCall(request) ? website !== null : isKnown;
    const call = await readCall(request, hasCards || refusedDecision !== null, lease);
    if (call === null) return reply.destroy();
    // Forwarded unread, it might decide something.
    if (call === 'no room') return answer(reply, 503, NO_ROOM, [...RETRY_LATER, ...ownHeaders]);
    const caller = callerIn(request, of, () => call.json());
    const { actor } = caller ?? callerOf(key, options.openerOf, clock);
    const seconds = takeDecision(guard, call, actor);
    if (seconds !== null) {
      if (call.rest !== null) drain(call.rest);
      return answer(reply, 429, TOO_MANY_DECISIONS, ['Retry-After', String(seconds), ...ownHeaders]);
    }
    const refusal = refusalOf(call) ?? (await refusedDecision?.(call, caller, actor)) ?? null;
    if (refusal !== null) return refuse(refusal, request, reply, call);
    if (call.unread !== null && call.route === 'other') {
      metrics.count('calls_unread', { backend: BACKEND, reason: call.unread });
      log.debug({ reason: call.unread }, 'a call that can’t be read was forwarded');
    }
    const claim = await claimKnown(call, caller).catch((thrown: unknown) => {
      log.error({ err: coerceError(thrown), route: call.route }, 'an application’s decision could not be recorded');
      const what = thrown instanceof StoreDoubt ? 'can’t say whether it has recorded' : 'could not record';
      const message = `Countersign ${what} this decision, so it was not forwarded. Try again.`;
      return { type: 'refused', status: 503, body: { error: 'Service Unavailable', message } } as const;
    });
    if (claim.type === 'refused') return answer(reply, claim.status, claim.body, ownHeaders);
    const { decision, answers } = claim;
    if (caller !== null) {
      return relayRun({ request, reply, signal, ownHeaders, isStrangers }, caller, call, { decision, answers });
    }
    const read = { ...tapOptions(options, 'decision', {}), decision, isDecidingRoute: isDeciding(call.route) };
    const tap = decision === null ? null : (incoming: Incoming) => openTap(incoming, read);
    const rawHeaders = forwarded(request.rawHeaders);
    const sent = { rawHeaders, body: call.body, openTap: tap, decision, ownHeaders, isStrangers };
    await forward(options, request, reply, signal, sent);
  }

  /** What another replica has read of its run may make it the application's to decide, or another's. */
  async function claimKnown(call: Call, caller: Caller | null) {
    if (call.decides && call.executionId !== null) await options.remember?.(call.executionId);
    return claimDecision(call, caller, options);
  }

  /** Null: what it starts gets no cards. @param said what the call says beside its headers */
  function callerIn(request: HttpRequest, { key, isKnown, requester }: CallOf, said: () => unknown): Caller | null {
    if (!isChatCall(request)) {
      if (!isKnown) return null;
      const trace = options.traced ? headerOf(request.rawHeaders, 'traceparent') : null;
      const named = { ...(requester !== null && { requester }), ...traceOf(trace) };
      return { ...callerOf(key, options.openerOf, clock), ...named };
    }
    const origin = headerOf(request.rawHeaders, 'origin');
    return website?.visitorOf({ bearer: key, origin, json: said() }) ?? null;
  }
}

/** Only one that is valid is kept. */
function traceOf(traceparent: string | null): { trace?: string } {
  return traceparent === null || parseTraceparent(traceparent) === null ? {} : { trace: traceparent };
}

function siteOf(caller: Caller | null): RunContext {
  return { website: caller?.website === true, site: caller?.site ?? null };
}

/** With these, a website's page can read an answer of our own. */
function ownHeadersFor(request: HttpRequest): string[] {
  return isChatCall(request) ? readableFrom(headerOf(request.rawHeaders, 'origin')) : [];
}

function refuse(refusal: Refusal, request: HttpRequest, reply: HttpReply, call: Call | null = null): void {
  // A caller that is still sending would not read the answer.
  if (call === null) drain(request.body);
  else if (call.rest !== null) drain(call.rest);
  const { status, error, message, headers = [] } = refusal;
  const isProblem = status === 403 || status === 422;
  const problem = isProblem ? { title: error, status, detail: message } : {};
  const type = isProblem ? 'application/problem+json' : undefined;
  answer(reply, status, { ...problem, error, message }, [...headers, ...ownHeadersFor(request)], type);
}

const RETRY_LATER = ['Retry-After', String(RETRY_AFTER_S)];
const UNAUTHORIZED = { error: 'Unauthorized', message: 'Send your Runtype key: Authorization: Bearer …' };
const NO_ROOM = {
  error: 'Service Unavailable',
  message: 'Countersign has no memory left for this call, so it was not forwarded. Try again.',
};

/** Whether a call that decides by its route shows no credential. A website's visitor shows one in the body. */
function isAnonymous(request: HttpRequest): boolean {
  const { method, target, rawHeaders } = request;
  if (method !== 'POST' || isChatCall(request) || credentialOf(rawHeaders) !== null) return false;
  return isDeciding(routeOf(method, target)) || mayDecide(target);
}

function isChatCall({ target }: HttpRequest): boolean {
  return isChatPath(plainPath(target));
}

function queryIn(target: string): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(target.split('?')[1]));
}
