import type { SendResult } from '../../../core/approval/inputs.ts';
import type { Log } from '../../../core/ports/ports.ts';
import { isEventStream, isJson } from '../../shared/response.ts';
import type { Incoming } from '../../shared/transport.ts';
import type { RunContext } from '../stream/reader.ts';
import type { SessionHooks } from '../stream/session.ts';
import { JSON_MAX_BYTES, parseJson, type StreamSessions } from '../stream/sessions.ts';
import { ERROR_MAX_BYTES, interpret } from '../wire/interpret-answer.ts';

/** What reads an answer along while it passes. Never throws, never waits. */
export interface Tap {
  feed(bytes: Uint8Array): void;
  finish(how: 'ended' | 'cut'): void;
  drained(): Promise<void>;
  /** After `finish`: whether it stands at a pause that people will answer. */
  held(): Promise<boolean>;
  /** The last `seq` that passed. */
  lastSeq(): number | null;
}

/**
 * Reads along what a call came to: a run's stream as it comes, anything else once it is whole.
 * @param settle tells the claims of this call how it ended; null where it claimed nothing
 */
export function openTap(
  incoming: Incoming,
  options: {
    sessions: StreamSessions;
    log: Log;
    about: RunContext;
    settle: ((result: SendResult) => Promise<void>) | null;
    hooks: SessionHooks;
  },
): Tap {
  const { sessions, about, settle, hooks, log } = options;
  const { status, headers } = incoming;
  const coded = headers['content-encoding'] !== undefined && headers['content-encoding'] !== 'identity';
  if (coded) log.warn({ status }, 'an answer came compressed although it was asked not to, and is not read along');

  if (status === 200 && isEventStream(headers) && !coded) {
    const reading = sessions.open(about, hooks);
    if (settle !== null) reading.first(() => settle({ type: 'recorded', following: true }));
    return reading;
  }
  return wholeCopy(incoming, {
    sessions,
    about,
    settle,
    hooks,
    legible: !coded && (settle !== null || isJson(headers)),
  });
}

function wholeCopy(
  incoming: Incoming,
  options: {
    sessions: StreamSessions;
    about: RunContext;
    settle: ((result: SendResult) => Promise<void>) | null;
    hooks: SessionHooks;
    legible: boolean;
  },
): Tap {
  const { sessions, about, settle, hooks, legible } = options;
  const limit = incoming.status === 200 ? JSON_MAX_BYTES : ERROR_MAX_BYTES;
  const chunks: Uint8Array[] = [];
  let size = 0;
  let done: Promise<void> = Promise.resolve();
  let held: Promise<boolean> = Promise.resolve(false);
  return {
    feed(bytes) {
      size += bytes.length;
      if (legible && size <= limit) chunks.push(bytes);
      else chunks.length = 0;
    },
    finish(how) {
      const whole = how === 'ended' && legible && size <= limit;
      const json = whole ? parseJson(Buffer.concat(chunks)) : undefined;
      const outcome = resultOf(incoming, how, json, size === 0);
      if (outcome.type === 'recorded') hooks.onTaken?.();
      const result = settle === null ? null : outcome;
      const goesOn = incoming.status === 200 && json !== undefined && (result === null || result.type === 'recorded');
      if (settle === null && !goesOn) return;
      // A call that was refused says nothing about the run it named.
      const reading = sessions.open(goesOn ? about : {}, hooks);
      if (settle !== null && result !== null) reading.first(() => settle(result));
      if (goesOn) {
        reading.body(json);
        reading.finish('ended');
        held = reading.held();
      } else {
        reading.leave();
      }
      done = reading.drained();
    },
    drained: () => done,
    held: () => held,
    lastSeq: () => null,
  };
}

function resultOf(incoming: Incoming, how: 'ended' | 'cut', json: unknown, empty: boolean): SendResult {
  const accepted = incoming.status >= 200 && incoming.status < 300;
  if (how === 'cut' && accepted) return { type: 'ambiguous', words: 'Runtype’s answer broke off.' };
  const result = interpret(incoming, json, empty);
  // What can't be read can't be followed.
  return result.type === 'recorded' ? { type: 'recorded', following: json !== undefined } : result;
}
