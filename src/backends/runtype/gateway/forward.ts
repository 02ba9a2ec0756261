/** Sends a call on to Runtype. Tested in test/backends/runtype/gateway/gateway.test.ts. */
import type { BufferBudget } from '../../../core/ports/buffer-budget.ts';
import { coerceError } from '../../../core/ports/errors.ts';
import type { CallGuard, Clock, HttpReply, HttpRequest, Log } from '../../../core/ports/ports.ts';
import { explainFailure } from '../../shared/api-errors.ts';
import type { Incoming, Outgoing, Timeouts, Transport } from '../../shared/transport.ts';
import type { StreamSessions } from '../stream/sessions.ts';
import { relay } from './answer/relay.ts';
import type { Decision, Tap } from './answer/tap.ts';
import { credentialOf } from './headers.ts';
import type { HeldResponse } from './hold/held-response.ts';
import type { ReplayBuffer } from './hold/replay-buffer.ts';
import { answer, outliving } from './request.ts';

export interface ForwardedCall {
  rawHeaders: readonly string[];
  body: Outgoing['body'];
  /** Null: the answer is not read, and ends with its caller. */
  openTap: ((incoming: Incoming) => Tap | null) | null;
  /** The call is known to start or continue a run: it outlives its caller. */
  isRun?: boolean;
  decision?: Decision | null;
  /** Stays open at a pause. */
  held?: HeldResponse | null;
  buffer?: ReplayBuffer | null;
  /** Of an answer of our own, in place of Runtype's. */
  ownHeaders?: readonly string[];
  /** Its credential is checked by Runtype alone. */
  isStrangers?: boolean;
}

/** With these Runtype says that it does not know the key, or that the key may not do this. */
const REFUSED_KEY: ReadonlySet<number> = new Set([401, 403]);
const WRONG_KEY = 'Runtype refused a key that is not one of GATEWAY_KEYS.';
const TOO_MANY_WRONG = {
  error: 'Too Many Requests',
  message: 'Too many calls with a refused key. Try again later.',
};

/** Refuses a call whose key is wrong, or missing, because others of its address wait for their refusal already. */
export function answerTooManyWrong(reply: HttpReply, retryAfterS: number, ownHeaders: readonly string[] = []): void {
  answer(reply, 429, TOO_MANY_WRONG, ['Retry-After', String(retryAfterS), 'Connection', 'close', ...ownHeaders]);
}

/** Sends a call to Runtype and relays the answer. */
export async function forward(
  options: {
    transport: Transport;
    sessions: StreamSessions;
    room: BufferBudget;
    timeouts: Timeouts;
    guard: CallGuard;
    clock: Clock;
    log: Log;
  },
  request: HttpRequest,
  reply: HttpReply,
  signal: AbortSignal,
  call: ForwardedCall,
): Promise<void> {
  const { transport, sessions, timeouts, log } = options;
  const { rawHeaders, body, isRun = false, decision = null, held = null, buffer = null } = call;
  const isFresh = decision !== null;
  const outlived = isRun || isFresh ? outliving(signal, timeouts.idleMs, sessions.stopping) : null;
  let incoming: Incoming;
  try {
    const { method, target: path } = request;
    // A server that doesn't stream answers when the run is over or paused again; a decision waits no longer than a stream.
    const headersMs = isFresh ? timeouts.idleMs : null;
    const sharedBy = credentialOf(request.rawHeaders);
    incoming = await transport.send({
      method,
      path,
      rawHeaders,
      body,
      fresh: isFresh || sharedBy === null,
      ...(sharedBy === null ? {} : { sharedBy: `caller ${sharedBy}` }),
      headersMs,
      signal: outlived?.signal ?? signal,
    });
  } catch (thrown) {
    const result = explainFailure(thrown, 'Runtype');
    log.warn({ method: request.method, outcome: result.type, reason: result.reason }, 'Runtype did not answer a call');
    await decision
      ?.settle(result, true)
      .catch((err: unknown) =>
        log.error({ err: coerceError(err) }, 'the result of an application’s decision could not be recorded'),
      );
    const body = { error: 'Bad Gateway', message: `Countersign: ${result.reason}` };
    return answer(reply, 502, body, call.ownHeaders);
  } finally {
    outlived?.done();
  }
  const tap = call.openTap?.(incoming) ?? null;
  const { stopping } = sessions;
  const isWrongKey = call.isStrangers === true && REFUSED_KEY.has(incoming.status);
  const retryAfterS = isWrongKey ? await options.guard.wrongSecret('gateway', request.remoteAddress, WRONG_KEY) : null;
  if (retryAfterS !== null) {
    // What it says about a decision is known: it was refused.
    tap?.finish('ended');
    incoming.body.destroy();
    return answerTooManyWrong(reply, retryAfterS, call.ownHeaders);
  }
  // Not awaited here: while the response is held, nothing of Runtype's answer is kept.
  return relay(incoming, reply, signal, tap, { ...options, stopping, held, buffer, isRun, carriesDecision: isFresh });
}
