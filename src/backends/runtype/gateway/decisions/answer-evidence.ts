/**
 * What the answer to an application's call says about the decisions in it. Its status line alone proves nothing.
 * Tested in test/backends/runtype/gateway/decisions/answer-evidence.test.ts and application-decisions.test.ts.
 */
import type { SendResult } from '../../../../core/approval/inputs.ts';
import type { BufferBudget } from '../../../../core/ports/buffer-budget.ts';
import { isRecord } from '../../../../core/text/json.ts';
import { isSuccess } from '../../../shared/response.ts';
import type { Incoming } from '../../../shared/transport.ts';
import { AnswerWatch, interpretBody } from '../../stream/answer-watch.ts';
import type { RunContext } from '../../stream/reader/reader.ts';
import type { Frame } from '../../wire/frames/frame.ts';
import { FrameSplitter } from '../../wire/frames/frame-splitter.ts';
import { eventsOf, executionIn } from '../../wire/json-body.ts';
import { type DecidingCall, statementsIn } from '../../wire/statement.ts';
import { type Decided, decidingCall } from './decision-body.ts';

export const NO_DECISION: SendResult = { type: 'unsent', reason: 'The answer does not say that a decision was made.' };
export const NOT_RUNTYPE: SendResult = {
  type: 'ambiguous',
  reason: 'Nothing in the answer is known from Runtype. Check RUNTYPE_API_URL.',
};
export const BROKE_OFF: SendResult = { type: 'ambiguous', reason: 'Runtype’s answer broke off.' };

/** Reads the first frames of an answer, until one of them says something about the call. */
export class AnswerEvidence {
  readonly #watch: AnswerWatch;
  readonly #conclude: (result: SendResult, isStated: boolean) => void;
  readonly #splitter: FrameSplitter;
  #isConcluded = false;

  /** @param conclude called once, before the frame that says it is delivered; `isStated`: a frame says so */
  constructor(call: DecidingCall, conclude: (result: SendResult, isStated: boolean) => void, room?: BufferBudget) {
    this.#splitter = new FrameSplitter({ room });
    this.#watch = new AnswerWatch(call);
    this.#conclude = conclude;
  }

  feed(bytes: Uint8Array): void {
    if (!this.#isConcluded) this.#read(this.#splitter.push(bytes));
  }

  /** @param otherwise what holds where no frame said anything */
  end(otherwise: SendResult): void {
    if (!this.#isConcluded) this.#read(this.#splitter.end(), otherwise);
  }

  /** Whether there were events, and none of them is one of Runtype's. */
  get isNonsense(): boolean {
    return this.#watch.isNonsense;
  }

  #read(frames: readonly Frame[], otherwise: SendResult | null = null): void {
    for (const frame of frames) if (this.#watch.first === null) this.#watch.frame(frame);
    const { first } = this.#watch;
    const result = first ?? otherwise;
    if (result === null) return;
    this.#isConcluded = true;
    this.#splitter.reset();
    this.#conclude(result, first !== null);
  }
}

/** The call that an answer in one piece is read for. */
interface AnsweredCall {
  isDecidingRoute: boolean;
  /** Null where it decides nothing. */
  decision: { decided: readonly Decided[] } | null;
  context: () => RunContext;
}

/** The same of an answer in one piece: how the call ended for its decision, and whether the answer itself says so. */
export function resultOf(
  incoming: Incoming,
  how: 'ended' | 'cut',
  json: unknown,
  isEmpty: boolean,
  { isDecidingRoute, decision, context }: AnsweredCall,
): { result: SendResult; isStated: boolean } {
  const isAccepted = isSuccess(incoming.status);
  if (how === 'cut' && isAccepted) return { result: BROKE_OFF, isStated: false };
  const call = decidingCall(decision?.decided ?? [], null);
  const { result } = interpretBody(incoming, json, isEmpty, decision && call);
  if (!isDecidingRoute && isAccepted && result.type !== 'already' && eventsOf(json).length === 0)
    return { result: NO_DECISION, isStated: false };
  const isStated = statementsIn(json, call).length > 0 || namesRun(json, context().run?.id) || isAlready(result);
  if (result.type !== 'recorded') return { result, isStated };
  if (decision !== null && !isStated && isNonsense(json)) return { result: NOT_RUNTYPE, isStated };
  // An answer that can't be read can't be followed.
  return { result: { type: 'recorded', following: json !== undefined }, isStated };
}

/** The run of the call, which an answer to anything else would not name. */
function namesRun(json: unknown, executionId: string | undefined): boolean {
  return executionId !== undefined && executionIn(json) === executionId;
}

/** It says which decision is in force. */
function isAlready(result: SendResult): boolean {
  return result.type === 'already' && result.verdict !== null;
}

/** What an answer of Runtype's has at least one of. */
const known = ['success', 'executionId', 'events', 'result', 'pausedReason', 'status'];

function isNonsense(json: unknown): boolean {
  return isRecord(json) && !known.some((key) => Object.hasOwn(json, key));
}
