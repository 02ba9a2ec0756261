/**
 * Sends a decision to Runtype: approve, resume, or the start of a run. How a call failed (certainly not sent, or ambiguous:
 * a timeout) is judged in `shared/transport.ts` and `shared/api-errors.ts`; what follows (send again, or unconfirmed) in
 * `core/approval/steps/sent.ts`. Tested in test/backends/runtype/decide/decide.test.ts.
 */
import type { Approval } from '../../../core/approval/approval.ts';
import type { SendResult } from '../../../core/approval/inputs.ts';
import type { BufferBudget } from '../../../core/ports/buffer-budget.ts';
import { coerceError } from '../../../core/ports/errors.ts';
import type { Backend, Clock, DecideAnswer, Intake, Log } from '../../../core/ports/ports.ts';
import { explainFailure } from '../../shared/api-errors.ts';
import type { Incoming, Timeouts, Transport } from '../../shared/transport.ts';
import { doubtsOf } from '../pause/doubts.ts';
import { awaitKey, BACKEND, bareName, type Wire, wireOf } from '../pause/pause.ts';
import { isAwaited, type RunFacts, type RunFactsCache } from '../pause/run-facts.ts';
import type { ContinuationHub } from '../stream/continuation-hub.ts';
import type { StreamSessions } from '../stream/sessions.ts';
import { plainAnswer } from '../wire/content-coding.ts';
import { agentRunOf } from '../wire/execution-record.ts';
import { type Call, callOf, RESUME, startCall } from './call.ts';
import { createReadAnswer } from './read-answer.ts';

export interface DecideOptions {
  transport: Transport;
  apiKey: string | null;
  /** A note is sent as a user's message, too: not every agent reads the fields beside `approved`. */
  noteAsMessage: boolean;
  sessions: StreamSessions;
  hub: ContinuationHub;
  runFacts: RunFactsCache;
  intake: Pick<Intake, 'waiting'>;
  ingestedFacts: RunFactsCache;
  /** Counts what is kept of answers. */
  room: BufferBudget;
  clock: Clock;
  log: Log;
  timeouts: Timeouts;
}

/** Runtype refuses a second decision of an approval; a second resume of a run may answer its next pause. */
export function resendable(group: readonly Approval[]): boolean {
  return group.every(({ pause }) => pause.kind === 'approval');
}

function followed<R extends DecideAnswer['result']>(result: R): R {
  return result.type === 'ambiguous' ? { ...result, following: true } : result;
}

/**
 * An answer to an output that was lost carried the rest of the run: it is read on, and shows whether the call arrived. So it
 * is where the next call is refused. An approval is sent again, and its next answer says more.
 */
function readOn(
  sessions: StreamSessions,
  answer: DecideAnswer,
  call: Call,
  group: readonly Approval[],
): DecideAnswer | null {
  const { result, results = new Map<string, SendResult>() } = answer;
  const { type } = result;
  const isRefused = type === 'gone' || type === 'refused' || type === 'already';
  const isInDoubt = type === 'ambiguous' || (isRefused && group.some(({ mayHaveArrived }) => mayHaveArrived));
  if (call.path !== RESUME || !isInDoubt) return null;
  const context = { ...call.context, doubts: doubtsOf(group) };
  return {
    ...answer,
    result: followed(result),
    results: new Map([...results].map(([key, one]) => [key, followed(one)])),
    follow: () => sessions.readOn(context, call.pauseRow),
  };
}

const NOT_ASKED = 'Only signed ingest announced this, and Countersign reads the run itself. Nothing was sent';

/**
 * Only signed ingest has announced some of these, and our own stream has seen the run, or awaits something else under that
 * name: an answer may reach a call that this card did not show.
 */
function mayAnswerOther(group: readonly Approval[], own: RunFacts | undefined): boolean {
  const ingested = group.filter(({ via }) => via === 'ingest');
  if (own === undefined || ingested.length === 0) return false;
  return own.isSeen || ingested.some((one) => isNameOfOther(wireOf(one), own));
}

function isNameOfOther({ kind, executionId, toolCallId, toolName }: Wire, own: RunFacts): boolean {
  if (kind !== 'await') return false;
  const name = toolCallId ?? toolName;
  return isAwaited(own, name) || own.leftTools.has(bareName(name)) || own.left.has(awaitKey(executionId, name));
}

export function createDecide(options: DecideOptions): Backend['decide'] {
  const { transport, apiKey, sessions, hub, runFacts, ingestedFacts, intake, clock, log, timeouts } = options;

  const readAnswer = createReadAnswer(options);

  async function decide(group: readonly Approval[], signal: AbortSignal): Promise<DecideAnswer> {
    if (apiKey === null) {
      return { result: { type: 'refused', reason: 'No API key is configured. Set RUNTYPE_API_KEY.' } };
    }
    const keys = group.map(({ pause }) => pause.key);
    let call: Call;
    try {
      call = startCall(group, `countersign_${clock.id()}`) ?? callOf(group, options.noteAsMessage);
    } catch (thrown) {
      log.error({ err: coerceError(thrown) }, 'a decision could not be encoded');
      return { result: { type: 'refused', reason: 'Countersign could not encode this decision for Runtype.' } };
    }
    if (mayAnswerOther(group, runFacts.find(call.executionId))) return { result: { type: 'gone', reason: NOT_ASKED } };
    const decided = hub.deciding(call.executionId);
    let follows = false;
    try {
      const said = await readAnswer(await send(call, apiKey, signal), call, signal);
      const answer = restOf(await withRecord(said, call, group, signal), call, group);
      const reading = readOn(sessions, answer, call, group);
      if (reading !== null) return reading;
      // While the decision can still be sent again, its application keeps waiting.
      const { type } = answer.result;
      const hasNoContinuation =
        type === 'gone' || ((type === 'already' || type === 'recorded') && answer.follow === undefined);
      if (hasNoContinuation && !(await waitsBesides(call, keys))) hub.settled(call.executionId);
      if (type === 'recorded' || type === 'already' || type === 'gone') {
        runFacts.answered(keys);
        ingestedFacts.answered(keys);
      }
      const { follow } = answer;
      if (follow === undefined) return answer;
      follows = true;
      const begin = () => {
        const done = follow();
        decided();
        return done;
      };
      return { ...answer, follow: begin };
    } catch (thrown) {
      const answer = { result: explainFailure(thrown, 'Runtype') };
      return readOn(sessions, answer, call, group) ?? answer;
    } finally {
      if (!follows) decided();
    }
  }

  /** Whether the run waits for more than these: the answer to that brings its continuation. */
  async function waitsBesides({ executionId, context }: Call, keys: readonly string[]): Promise<boolean> {
    const waiting = await intake.waiting(BACKEND, executionId, context.ingested).catch(() => []);
    return waiting.some((key) => !keys.includes(key));
  }

  async function send({ path, body }: Call, key: string, signal: AbortSignal): Promise<Incoming> {
    const bytes = Buffer.from(JSON.stringify(body));
    const headers = {
      Authorization: `Bearer ${key}`,
      'Content-Type': 'application/json',
      Accept: 'text/event-stream, application/json',
      'Accept-Encoding': 'identity',
      'User-Agent': 'countersign',
    };
    const rawHeaders = Object.entries(headers).flat();
    const { headersMs } = timeouts;
    const call = { method: 'POST', path, rawHeaders, body: bytes, fresh: true, headersMs, signal };
    return plainAnswer(await transport.send(call));
  }

  /**
   * Runtype does not know an approval any more that our earlier call may have given: that its tool was called without an
   * error shows that it was given.
   */
  async function withRecord(
    answer: DecideAnswer,
    { context, body, executionId }: Call,
    group: readonly Approval[],
    signal: AbortSignal,
  ): Promise<DecideAnswer> {
    const { result } = answer;
    if (result.type !== 'gone' || group[0]?.mayHaveArrived !== true || body['decision'] !== 'approved') return answer;
    const run = context.run === undefined ? null : agentRunOf(executionId, context.run.facts);
    const toolCallId = context.decides?.pauses[0]?.toolCallId;
    if (run === null || toolCallId == null) return answer;
    const end = await sessions.records.callEndOf(run, toolCallId, signal);
    return end?.ok === true ? { result: { type: 'already', verdict: 'approve', reason: result.reason } } : answer;
  }

  /** Our own earlier call won, and its lost answer carried the rest of the run: read where Runtype keeps the run; else its record says how it ended. */
  function restOf(answer: DecideAnswer, { context, pauseRow, body }: Call, group: readonly Approval[]): DecideAnswer {
    const { result } = answer;
    if (result.type !== 'already' || group[0]?.mayHaveArrived !== true) return answer;
    const ours = result.verdict === (body['decision'] === 'approved' ? 'approve' : 'reject');
    if (!ours) return answer;
    return {
      ...answer,
      result: { ...result, following: true },
      follow: () => sessions.readOn(context, pauseRow),
    };
  }

  return async (group, signal) => {
    const answer = await decide(group, signal);
    log.info({ approvals: group.map(({ id }) => id), outcome: answer.result.type }, 'decision sent');
    return answer;
  };
}
