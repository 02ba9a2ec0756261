/** Tested in test/backends/runtype/gateway/answer/relay.test.ts and test/backends/runtype/gateway/decisions/application-decisions.test.ts. */
import type { SendResult } from '../../../../core/approval/inputs.ts';
import type { Log } from '../../../../core/ports/ports.ts';
import { isEventStream, isJson } from '../../../shared/response.ts';
import type { Incoming } from '../../../shared/transport.ts';
import type { SessionHooks } from '../../stream/checkpoint.ts';
import type { RunContext } from '../../stream/reader.ts';
import { JSON_MAX_BYTES, type StreamSessions } from '../../stream/sessions.ts';
import { ERROR_MAX_BYTES, interpret } from '../../wire/interpret-answer.ts';
import { parseAnswer } from '../../wire/json-body.ts';

/** Reads a copy of an answer while it is relayed. Never throws, never delays the relay. */
export interface Tap {
  feed(bytes: Uint8Array): void;
  finish(how: 'ended' | 'cut'): void;
  drained(): Promise<void>;
  /** After `finish`: whether the run is paused and people will answer it. */
  pausedForPeople(): Promise<boolean>;
  /** The last `seq` that was relayed. */
  lastSeq(): number | null;
}

export interface TapOptions {
  sessions: StreamSessions;
  log: Log;
  context: RunContext;
  /** Reports the result of this call to the approvals that it decides; null where it decides none. */
  settle: ((result: SendResult) => Promise<void>) | null;
  hooks: SessionHooks;
}

/** Reads a run's stream as it arrives, and any other answer once it is whole. */
export function openTap(incoming: Incoming, options: TapOptions): Tap {
  const { sessions, context, settle, hooks, log } = options;
  const { status, headers } = incoming;
  const isEncoded = headers['content-encoding'] !== undefined && headers['content-encoding'] !== 'identity';
  if (isEncoded) log.warn({ status }, 'an answer is compressed although identity was requested; it is not read');

  if (status === 200 && isEventStream(headers) && !isEncoded) {
    const session = sessions.open(context, hooks);
    if (settle !== null) session.enqueue(() => settle({ type: 'recorded', following: true }));
    return session;
  }
  return bodyTap(incoming, options, !isEncoded && (settle !== null || isJson(headers)));
}

function bodyTap(incoming: Incoming, options: TapOptions, isReadable: boolean): Tap {
  const { sessions, context, settle, hooks } = options;
  const limit = incoming.status === 200 ? JSON_MAX_BYTES : ERROR_MAX_BYTES;
  const chunks: Uint8Array[] = [];
  let size = 0;
  let done: Promise<void> = Promise.resolve();
  let pausedForPeople: Promise<boolean> = Promise.resolve(false);

  /** Resolves once what the answer says is recorded. */
  function conclude(how: 'ended' | 'cut', json: unknown): Promise<void> {
    const result = resultOf(incoming, how, json, size === 0);
    const isAccepted = result.type === 'recorded';
    if (isAccepted) hooks.onAccepted?.();
    const continues = incoming.status === 200 && json !== undefined && (settle === null || isAccepted);
    if (settle === null && !continues) return Promise.resolve();
    // A call that was refused says nothing about the run that it named.
    const session = sessions.open(continues ? context : {}, hooks);
    if (settle !== null) session.enqueue(() => settle(result));
    if (continues) {
      session.body(json);
      session.finish('ended');
      pausedForPeople = session.pausedForPeople();
    } else {
      session.leave();
    }
    return session.drained();
  }

  return {
    feed(bytes) {
      size += bytes.length;
      if (isReadable && size <= limit) chunks.push(bytes);
      else chunks.length = 0;
    },
    finish(how) {
      const isWhole = how === 'ended' && isReadable && size <= limit;
      done = parseAnswer(isWhole ? Buffer.concat(chunks) : null).then((json) => conclude(how, json));
    },
    drained: () => done,
    pausedForPeople: () => done.then(() => pausedForPeople),
    lastSeq: () => null,
  };
}

function resultOf(incoming: Incoming, how: 'ended' | 'cut', json: unknown, isEmpty: boolean): SendResult {
  const isSuccess = incoming.status >= 200 && incoming.status < 300;
  if (how === 'cut' && isSuccess) return { type: 'ambiguous', reason: 'Runtype’s answer broke off.' };
  const result = interpret(incoming, json, isEmpty);
  // An answer that can't be read can't be followed.
  return result.type === 'recorded' ? { type: 'recorded', following: json !== undefined } : result;
}
