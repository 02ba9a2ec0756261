/**
 * What is read of an answer while it is relayed. Tested in test/backends/runtype/gateway/answer/relay.test.ts and
 * test/backends/runtype/gateway/decisions/application-decisions.test.ts.
 */
import type { SendResult } from '../../../../core/approval/inputs.ts';
import type { BufferBudget } from '../../../../core/ports/buffer-budget.ts';
import type { Clock, Log } from '../../../../core/ports/ports.ts';
import { isEventStream, isJson, isSuccess } from '../../../shared/response.ts';
import type { Incoming } from '../../../shared/transport.ts';
import type { SessionHooks } from '../../stream/checkpoint.ts';
import type { RunContext } from '../../stream/reader/reader.ts';
import { JSON_MAX_BYTES, type StreamSessions } from '../../stream/sessions.ts';
import { codingsOf } from '../../wire/content-coding.ts';
import { ERROR_MAX_BYTES } from '../../wire/interpret-answer.ts';
import { parseAnswer } from '../../wire/json-body.ts';
import { AnswerEvidence, BROKE_OFF, NO_DECISION, NOT_RUNTYPE, resultOf } from '../decisions/answer-evidence.ts';
import { type Decided, decidingCall } from '../decisions/decision-body.ts';
import { isOnlyNamed } from './asynchronous.ts';
import { StreamSniffer } from './stream-sniffer.ts';

/** Reads a copy of an answer while it is relayed. Never throws, never delays the relay. */
export interface Tap {
  /** Whether the answer is read to its end when its caller is gone. */
  readonly outlivesCaller: boolean;
  feed(bytes: Uint8Array): void;
  finish(how: 'ended' | 'cut'): void;
  drained(): Promise<void>;
  /** After `finish`: whether the run is paused and people will answer it. */
  pausedForPeople(): Promise<boolean>;
  /** The last `seq` that was relayed. */
  lastSeq(): number | null;
  /** Nothing of the answer could be decoded. */
  unread?(): void;
}

/** The decision in a call, which waits for what its answer says. */
export interface Decision {
  decided: readonly Decided[];
  /** It was recorded for at least one approval, which waits for the result. */
  isClaimed: boolean;
  /** Reports the result to the approvals that it decides. @param isStated the answer itself says so, not only its status */
  settle(result: SendResult, isStated: boolean): Promise<void>;
}

export interface TapOptions {
  sessions: StreamSessions;
  /** For an answer in one piece. */
  room: BufferBudget;
  clock: Clock;
  log: Log;
  /**
   * `run`: a call that starts or continues a run. `any`: another one; only an event stream of Runtype is read.
   * `decision`: of a caller whose runs get no cards; only what it says about its decision is read.
   */
  reads: 'run' | 'any' | 'decision';
  /** Whether the call is known to decide by its route; of any other, a status of success proves nothing. */
  isDecidingRoute: boolean;
  context: () => RunContext;
  /** Null where the call decides nothing. */
  decision: Decision | null;
  hooks: SessionHooks;
  /** Gets an answer in one piece, before anything of it is delivered. */
  onAnswer?: (status: number, json: unknown) => Promise<void>;
  /** A run was started without a stream; `json` is all that the answer says. */
  onStarted: (json: unknown) => Promise<void>;
  /** An answer that may contain a pause can't be read. */
  onUnreadable: () => void;
}

/** How long an answer that was accepted may stay silent about the decision in its call, ms. */
const SAID_WITHIN_MS = 5_000;

/** Reads a run's stream as it arrives, and any other answer once it is whole. Null: nothing of it is read. */
export function openTap(incoming: Incoming, options: TapOptions): Tap | null {
  const { status, headers } = incoming;
  const { reads, sessions, context, hooks } = options;
  const isStream = isSuccess(status) && isEventStream(headers);
  const isReadable = codingsOf(headers['content-encoding']) !== null;
  if (!isReadable) {
    options.log.warn({ status }, 'an answer is encoded in a way that is not known; it is not read');
    if (isStream) options.onUnreadable();
  }
  if (isStream && isReadable) {
    if (reads === 'run') return streamTap(options);
    const { alongside = false, beside, ...others } = hooks;
    if (reads === 'any')
      return new StreamSniffer(
        () => sessions.open(context(), { ...others, alongside }),
        !alongside,
        options.room,
        beside,
      );
    return decisionTap(options);
  }
  return reads === 'any' ? null : bodyTap(incoming, options, isReadable);
}

/** A run's stream. Its decision is settled before what the stream says of the run after it. */
function streamTap(options: TapOptions): Tap {
  const { sessions, context, hooks } = options;
  const session = sessions.open(context(), hooks);
  const evidence = evidenceOf(options, (work) => session.enqueue(work));
  return {
    outlivesCaller: true,
    feed(bytes) {
      evidence?.feed(bytes);
      session.feed(bytes);
    },
    finish(how) {
      evidence?.end(how);
      session.finish(how);
    },
    drained: () => session.drained(),
    pausedForPeople: () => session.pausedForPeople(),
    lastSeq: () => session.lastSeq(),
    unread: options.onUnreadable,
  };
}

/** Only what a stream says about the decision in its call. */
function decisionTap(options: TapOptions): Tap {
  let work: Promise<void> = Promise.resolve();
  const evidence = evidenceOf(options, (settle) => {
    work = settle().catch((err: unknown) => options.log.error({ err }, 'a decision could not be settled'));
  });
  return {
    outlivesCaller: true,
    feed: (bytes) => evidence?.feed(bytes),
    finish: (how) => evidence?.end(how),
    drained: () => work,
    pausedForPeople: async () => false,
    lastSeq: () => null,
  };
}

/** @param enqueue does the work in order with what else is read of the answer */
function evidenceOf(
  { decision, isDecidingRoute, room, clock }: TapOptions,
  enqueue: (work: () => Promise<void>) => void,
): { feed(bytes: Uint8Array): void; end(how: 'ended' | 'cut'): void } | null {
  if (decision === null) return null;
  const said = new AbortController();
  const conclude = (result: SendResult, isStated: boolean) => {
    said.abort();
    enqueue(() => decision.settle(result, isStated));
  };
  const evidence = new AnswerEvidence(decidingCall(decision.decided, null), conclude, room);
  const accepted: SendResult = { type: 'recorded', following: true };
  // Where no approval waits for the result, silence settles nothing.
  if (isDecidingRoute && decision.isClaimed)
    clock.sleep(SAID_WITHIN_MS, said.signal).then(
      () => evidence.end(accepted),
      () => {},
    );
  return {
    feed: (bytes) => evidence.feed(bytes),
    end(how) {
      if (!isDecidingRoute) evidence.end(NO_DECISION);
      else if (how === 'cut') evidence.end(BROKE_OFF);
      else evidence.end(evidence.isNonsense ? NOT_RUNTYPE : accepted);
    },
  };
}

function bodyTap(incoming: Incoming, options: TapOptions, isReadable: boolean): Tap {
  const { sessions, context, decision, hooks } = options;
  const limit = isSuccess(incoming.status) ? JSON_MAX_BYTES : ERROR_MAX_BYTES;
  const isWanted = isReadable && (decision !== null || isJson(incoming.headers));
  const chunks: Uint8Array[] = [];
  const lease = options.room.lease();
  let isKept = isWanted;
  let size = 0;
  let done: Promise<void> = Promise.resolve();
  let pausedForPeople: Promise<boolean> = Promise.resolve(false);

  /** Resolves once what the answer says is recorded. */
  function conclude(how: 'ended' | 'cut', json: unknown): Promise<void> {
    const { result, isStated } = resultOf(incoming, how, json, isReadable && size === 0, options);
    const isAccepted = result.type === 'recorded';
    if (isAccepted) hooks.onAccepted?.();
    if (options.reads === 'decision') return decision?.settle(result, isStated) ?? Promise.resolve();
    const continues = isSuccess(incoming.status) && how === 'ended' && (decision === null || isAccepted);
    if (continues && decision === null && isOnlyNamed(json, incoming.status)) return options.onStarted(json);
    const isOfRun = continues && json !== undefined;
    if (decision === null && !isOfRun) return Promise.resolve();
    // A call that was refused says nothing about the run that it named.
    const session = sessions.open(isOfRun ? context() : {}, hooks);
    if (decision !== null) session.enqueue(() => decision.settle(result, isStated));
    if (isOfRun) {
      session.body(json);
      session.finish('ended');
      pausedForPeople = session.pausedForPeople();
    } else {
      session.leave();
    }
    return session.drained();
  }

  return {
    outlivesCaller: true,
    feed(bytes) {
      size += bytes.length;
      if (isKept && size <= limit && lease.take(bytes.length)) {
        chunks.push(bytes);
        return;
      }
      isKept = false;
      chunks.length = 0;
      lease.close();
    },
    finish(how) {
      const isWhole = how === 'ended' && isKept;
      // It may contain a pause, for which there is no card then.
      if (isWanted && !isKept && size <= limit && options.reads === 'run') options.onUnreadable();
      done = parseAnswer(isWhole ? Buffer.concat(chunks) : null)
        .then(async (json) => {
          if (json !== undefined) await options.onAnswer?.(incoming.status, json);
          await conclude(how, json);
        })
        .finally(() => lease.close());
    },
    drained: () => done,
    pausedForPeople: () => done.then(() => pausedForPeople),
    lastSeq: () => null,
    unread: () => {
      if (options.reads === 'run' && isSuccess(incoming.status)) options.onUnreadable();
    },
  };
}
