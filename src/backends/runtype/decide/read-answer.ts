/** Tested in test/faults/backend/answers.test.ts and test/backends/runtype/stream/sessions.test.ts. */
import type { BufferBudget } from '../../../core/ports/buffer-budget.ts';
import type { Clock, DecideAnswer } from '../../../core/ports/ports.ts';
import { isEventStream, isSuccess, readShort } from '../../shared/response.ts';
import type { Incoming, Timeouts } from '../../shared/transport.ts';
import { AnswerWatch, interpretBody } from '../stream/answer-watch.ts';
import { KeptBody } from '../stream/kept-body.ts';
import type { RunContext } from '../stream/reader/reader.ts';
import { JSON_MAX_BYTES, type StreamSessions } from '../stream/sessions.ts';
import { ERROR_MAX_BYTES, retryWaitMs } from '../wire/interpret-answer.ts';
import { parseAnswer, parseJson } from '../wire/json-body.ts';
import type { Call } from './call.ts';
import { readFirst } from './first-frames.ts';

/** Reads what an answer says about the decisions in its call; what it says of the run is read by `follow`. */
export function createReadAnswer({
  sessions,
  timeouts,
  room,
  clock,
}: {
  sessions: StreamSessions;
  timeouts: Timeouts;
  /** Counts what is kept of answers. */
  room: BufferBudget;
  clock: Clock;
}): (answer: Incoming, call: Call, signal: AbortSignal) => Promise<DecideAnswer> {
  async function read(answer: Incoming, call: Call, signal: AbortSignal): Promise<DecideAnswer> {
    const { context } = call;
    const { status, headers, body } = answer;
    if (status === 200 && isEventStream(headers)) {
      return readStream(new KeptBody(body, timeouts.idleMs, room.lease()), context, signal);
    }
    // A short answer. A server that doesn't stream answers when the run is over or paused again.
    const limit = status === 200 ? JSON_MAX_BYTES : ERROR_MAX_BYTES;
    const hangUp = () => body.destroy();
    signal.addEventListener('abort', hangUp);
    const lease = room.lease();
    const bytes = await readShort(body, limit, timeouts.bodyMs, lease);
    signal.removeEventListener('abort', hangUp);
    hangUp();
    const json = await parseAnswer(bytes).finally(() => lease.close());
    const isBroken = bytes === null && isSuccess(status);
    const { result, results, isRefused } = isBroken
      ? { result: { type: 'ambiguous', reason: 'Runtype’s answer broke off.' } as const }
      : interpretBody(answer, json, bytes?.length === 0, context.decides ?? null, call.interpret);
    const continues = 'following' in result && result.following === true && isRefused !== true;
    const wait = retryWaitMs(answer, json, clock.now());
    return {
      result,
      ...(results !== undefined && results.size > 0 && { results }),
      ...(wait !== null && { retryAfterMs: wait }),
      ...(continues && { follow: () => followBody(json, () => parseJson(bytes), context) }),
    };
  }

  /** The first frames say whether the decision was taken; its continuation is read from the first byte afterwards. */
  async function readStream(body: KeptBody, context: RunContext, signal: AbortSignal): Promise<DecideAnswer> {
    const watch = new AnswerWatch(context.decides ?? { executionId: '', pauses: [] });
    const read = await readFirst(body, watch, timeouts.verdictMs, signal);
    const results = watch.results(read);
    const result = watch.result(read);
    if (watch.isRefused || result.type === 'ambiguous') {
      body.destroy();
      return { result, results };
    }
    return { result, results, follow: () => sessions.follow(body, context, watch.again()) };
  }

  async function followBody(json: unknown, whole: () => unknown, context: RunContext): Promise<void> {
    const session = sessions.open(context);
    session.body(json, whole);
    session.finish('ended');
    await session.drained();
  }

  return read;
}
