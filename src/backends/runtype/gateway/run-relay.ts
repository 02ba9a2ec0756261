/** Passes on calls whose answers may be runs. Tested in test/backends/runtype/gateway/gateway.test.ts. */
import type { BufferBudget } from '../../../core/ports/buffer-budget.ts';
import type { CallGuard, Clock, HttpReply, HttpRequest, Intake, Log } from '../../../core/ports/ports.ts';
import { isEventStream } from '../../shared/response.ts';
import type { Incoming, Timeouts, Transport } from '../../shared/transport.ts';
import { BACKEND } from '../pause/pause.ts';
import type { RunFactsCache } from '../pause/run-facts.ts';
import type { SessionHooks } from '../stream/checkpoint.ts';
import type { ContinuationHub } from '../stream/continuation-hub.ts';
import type { StreamSessions } from '../stream/sessions.ts';
import { codingsOf } from '../wire/content-coding.ts';
import { createFollowStarted } from './answer/follow-started.ts';
import { type Decision, openTap, type TapOptions } from './answer/tap.ts';
import type { Call } from './call.ts';
import type { Caller } from './caller.ts';
import { contextOf } from './context.ts';
import { decidingCall } from './decisions/decision-body.ts';
import { forward } from './forward.ts';
import { asPlain, forwarded, HOLD_HEADER, headerOf } from './headers.ts';
import { HeldResponse, HOLD_MAX_MS } from './hold/held-response.ts';
import { ReplayBuffer } from './hold/replay-buffer.ts';
import type { ReplayBuffers } from './hold/replay-buffers.ts';
import { isDeciding } from './routes.ts';

export interface RunRelayOptions {
  transport: Transport;
  intake: Intake;
  sessions: StreamSessions;
  runFacts: RunFactsCache;
  hub: ContinuationHub;
  buffers: ReplayBuffers;
  /** For what is kept of answers, and what applications have not read. */
  room: BufferBudget;
  /** The part of it for what can be replayed. */
  replays: BufferBudget;
  /** Whether responses stay open at a pause, and for how long at most (ms). */
  hold: { on: boolean; maxMs?: number };
  /** Aborted when no response is held any more. */
  releasing: AbortSignal;
  /** Whether nothing of a run waits any more. Absent: news of it never come from elsewhere. */
  isOver?: ((executionId: string) => Promise<boolean>) | undefined;
  /** Whether a run that Runtype keeps can be read with a key of ours. */
  canReplay: boolean;
  /** Slows wrong secrets down, and limits calls. */
  guard: CallGuard;
  clock: Clock;
  log: Log;
  timeouts: Timeouts;
}

/** A request, where it is answered, and when its caller is gone. */
interface Exchange {
  request: HttpRequest;
  reply: HttpReply;
  signal: AbortSignal;
  /** Of an answer of our own, in place of Runtype's. */
  ownHeaders: readonly string[];
  /** Its credential is checked by Runtype alone. */
  isStrangers: boolean;
}

/** What a call decides, and the keys of all that it answers. */
interface Decides {
  decision: Decision | null;
  answers: readonly string[];
}

type RunRelay = (exchange: Exchange, caller: Caller, call: Call, decides: Decides) => Promise<void>;

/** Reads the run that a call starts or continues while it passes, and holds its response at a pause. */
export function createRunRelay(options: RunRelayOptions): RunRelay {
  const { runFacts, hub, buffers, replays, clock, log } = options;
  const onStarted = createFollowStarted(options);

  return async function relayRun(exchange, caller, call, { decision, answers }) {
    const { request, reply, signal, ownHeaders, isStrangers } = exchange;
    const { key, website = false, site = null, onAnswer } = caller;
    const isRun = call.route !== 'other' || call.decides || website;
    const held = mayBeHeld(request) ? newHeldResponse(key) : null;
    // Callers without a key can't be distinguished, and a website's page reads a run again elsewhere.
    const buffer = held === null || key === null || website ? null : new ReplayBuffer(key, reply, replays);
    let isKept = false;
    const onPause = (executionId: string, pause: string) => {
      if (!runFacts.mayBeOf(caller.hash, executionId) || hub.isHeldByAnother(executionId, key)) return false;
      held?.join(executionId, pause);
      if (buffer !== null && isKept) buffers.keep(executionId, buffer);
      return true;
    };
    const { executionId: named } = call;
    const onAccepted = () => {
      // Runtype accepted a call for a run that another caller started: whatever waits for that pause waits in vain.
      if (named === null || runFacts.mayBeOf(caller.hash, named)) return;
      hub.onRunEndedElsewhere(named, key);
      hub.tell({ runId: named, key: null }, key);
    };
    const isOwnRun = named === null || runFacts.mayBeOf(caller.hash, named);
    const context = () => ({
      ...contextOf(call, request.target, runFacts, caller.hash),
      ...(isOwnRun && caller.requester !== undefined && { requester: caller.requester }),
      ...(isOwnRun && caller.trace !== undefined && { trace: caller.trace }),
      ...(call.decides && { answers }),
      // A visitor does not choose what is read with our key.
      ...(website && { website, site, replay: null }),
      ...(decision !== null && { decides: decidingCall(decision.decided, named) }),
    });
    // A call that can't be read may name a run that another caller opened.
    const mayStart = !call.decides && named === null && (call.unread === null || call.route !== 'other');
    // Only the opener's decision is claimed.
    const opener = mayStart || decision?.isClaimed === true ? caller.hash : null;
    const read: TapOptions = {
      ...tapOptions(options, isRun ? 'run' : 'any', { by: key, opener, onPause, onAccepted }),
      context,
      isDecidingRoute: isDeciding(call.route),
      decision,
      ...(onAnswer && { onAnswer }),
      onStarted: (json) => onStarted(json, { call, request, caller, context }),
    };
    const tap = (incoming: Incoming) => {
      // What is encoded can't be kept frame by frame.
      isKept = isEventStream(incoming.headers) && codingsOf(incoming.headers['content-encoding'])?.length === 0;
      return openTap(incoming, isKept ? { ...read, hooks: { ...read.hooks, beside: buffer } } : read);
    };
    const headers = forwarded(request.rawHeaders);
    // What is written after a pause has to fit what was written before it.
    const rawHeaders = isRun ? asPlain(headers) : headers;
    try {
      const sent = {
        rawHeaders,
        body: call.body,
        openTap: tap,
        isRun,
        decision,
        held,
        buffer,
        ownHeaders,
        isStrangers,
      };
      await forward(options, request, reply, signal, sent);
    } finally {
      held?.leave();
      if (buffer !== null) buffers.ended(buffer, held?.isComplete === true);
    }
  };

  function mayBeHeld({ rawHeaders }: HttpRequest): boolean {
    return options.hold.on && headerOf(rawHeaders, HOLD_HEADER)?.trim().toLowerCase() !== 'off';
  }

  function newHeldResponse(key: string | null): HeldResponse {
    const { hold, room, releasing: stopping } = options;
    const { isOver } = options;
    return new HeldResponse({ key, hub, room, stopping, maxMs: hold.maxMs ?? HOLD_MAX_MS, isOver, clock, log });
  }
}

/** How the answer to a call without a decision is read. */
export function tapOptions(
  { sessions, intake, room, clock, log }: Pick<RunRelayOptions, 'sessions' | 'intake' | 'room' | 'clock' | 'log'>,
  reads: TapOptions['reads'],
  hooks: SessionHooks,
): TapOptions {
  const unread = { type: 'unfollowed', backend: BACKEND, runId: null, reason: 'unreadable', name: null } as const;
  return {
    sessions,
    room,
    clock,
    log,
    reads,
    context: () => ({}),
    hooks,
    isDecidingRoute: false,
    decision: null,
    onStarted: async () => {},
    onUnreadable: () => void intake.deliver(unread).catch((err: unknown) => log.error({ err }, 'a note failed')),
  };
}
