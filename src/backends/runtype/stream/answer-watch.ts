/**
 * What the answer to a call says about the pauses that the call decides, frame by frame. Its status line says less: 200 is
 * also sent for a decision that came too late. Tested in test/faults/backend/answers.test.ts.
 */
import type { SendResult } from '../../../core/approval/inputs.ts';
import { isSuccess } from '../../shared/response.ts';
import { type Doubts, isAfter } from '../pause/doubts.ts';
import { isAwaitKey } from '../pause/pause.ts';
import { leadingType, nameOf } from '../wire/event-types.ts';
import type { Frame } from '../wire/frames/frame.ts';
import { interpret } from '../wire/interpret-answer.ts';
import {
  type Decided,
  type DecidingCall,
  isKnownType,
  mayState,
  type Statement,
  statementIn,
  statementsIn,
} from '../wire/statement.ts';

/** How much of the answer there is: more may come, it is whole, or its connection broke. */
export type Read = 'open' | 'ended' | 'cut';

const LOST: SendResult = { type: 'ambiguous', reason: 'Runtype’s answer was lost.' };
const BY_ANOTHER: SendResult = {
  type: 'already',
  verdict: 'other',
  reason: 'Runtype still asks for what was sent together with it, so the call did not arrive.',
};
const ACCEPTED: SendResult = { type: 'recorded', following: true };

export class AnswerWatch {
  readonly #call: DecidingCall;
  readonly #said = new Map<string, SendResult>();
  readonly #asked = new Set<string>();
  /** The results that were given, which later statements may contradict. */
  readonly #given = new Map<string, SendResult['type']>();
  #hasFrames = false;
  #hasKnown = false;
  readonly #doubts: Doubts | null;
  #first: SendResult | null = null;
  #isRunning = false;
  #isRefused = false;

  /** @param doubts the answer was lost: only what is said about a pause shows that its call arrived */
  constructor(call: DecidingCall, doubts: Doubts | null = null) {
    this.#call = call;
    this.#doubts = doubts;
    if (doubts !== null) for (const key of this.keys) this.#given.set(key, 'ambiguous');
  }

  get keys(): string[] {
    return this.#call.pauses.map(({ key }) => key);
  }

  /** @returns whether the frame refuses the call: then it says nothing about the run */
  frame(frame: Frame): boolean {
    if (!frame.hasData) return false;
    this.#hasFrames = true;
    const type = nameOf(frame.event) ?? leadingType(frame.data ?? '');
    this.#hasKnown ||= type !== null && isKnownType(type);
    if (this.#said.size === this.#call.pauses.length) return false;
    if (this.#isRunning && type !== null && !mayState(type)) return false;
    return this.#take(statementIn(frame.brief(), this.#call), frame.id);
  }

  /** The same of an answer in one piece. */
  body(json: unknown): void {
    this.#hasFrames = true;
    for (const statement of statementsIn(json, this.#call)) this.#take(statement);
  }

  /** Whether what follows need not be waited for. */
  get isClear(): boolean {
    return this.#isRunning || this.#said.size === this.#call.pauses.length;
  }

  /** Whether an error refused the call for all of its pauses: then nothing of the run follows. */
  get isRefused(): boolean {
    return this.#isRefused;
  }

  /** Whether there were events, and none of them is one of Runtype's. */
  get isNonsense(): boolean {
    return this.#hasFrames && !this.#hasKnown;
  }

  /** What the first statement means for the call as a whole; null: there was none. */
  get first(): SendResult | null {
    return this.#first;
  }

  get hasStatement(): boolean {
    return this.#said.size > 0 || this.#asked.size > 0;
  }

  /** The awaits of a call whose answer was lost, of which nothing was said. */
  get doubtful(): Decided[] {
    const isOpen = ({ key, verdict }: Decided) => verdict === null && !this.#said.has(key) && !this.#asked.has(key);
    return this.#doubts !== null ? this.#call.pauses.filter(isOpen) : [];
  }

  /** The record of its call says that the call has ended. */
  completed(key: string): void {
    this.#said.set(key, ACCEPTED);
  }

  /** How the call ended for each of its pauses, as far as is known. */
  results(read: Read): ReadonlyMap<string, SendResult> {
    const results = new Map(this.keys.map((key) => [key, this.#resultOf(key, read)]));
    for (const [key, { type }] of results) this.#given.set(key, type);
    return results;
  }

  /** How the call ended in one word: what it was accepted for counts. */
  result(read: Read): SendResult {
    const all = [...this.results(read).values()];
    return all.find(({ type }) => type === 'recorded') ?? all[0] ?? ACCEPTED;
  }

  /** For the same answer, read from its beginning again. */
  again(): AnswerWatch {
    const next = new AnswerWatch(this.#call);
    for (const [key, type] of this.#given) next.#given.set(key, type);
    return next;
  }

  /** What is known now and contradicts the results that were given. */
  corrections(read: Read): [key: string, result: SendResult][] {
    if (this.#given.size === 0) return [];
    const changed = this.keys.flatMap((key): [string, SendResult][] => {
      const result = this.#resultOf(key, read);
      return result.type === this.#given.get(key) ? [] : [[key, result]];
    });
    for (const [key, { type }] of changed) this.#given.set(key, type);
    return changed;
  }

  #resultOf(key: string, read: Read): SendResult {
    const said = this.#said.get(key);
    if (said?.type === 'recorded' && this.#isRefuted(key)) return BY_ANOTHER;
    if (said !== undefined) return said;
    if (this.#doubts !== null) return LOST;
    if (read === 'ended' && this.#asked.has(key)) {
      return { type: 'refused', reason: 'Runtype asks for it again: it did not take the decision.' };
    }
    if (read === 'cut' && !this.#hasFrames) return { type: 'ambiguous', reason: 'Runtype’s answer broke off.' };
    return ACCEPTED;
  }

  /** A call takes all that it answers, or none: another output of the same call is asked for again. */
  #isRefuted(key: string): boolean {
    const groupId = this.#doubts?.get(key)?.groupId;
    return groupId !== undefined && [...this.#asked].some((other) => this.#doubts?.get(other)?.groupId === groupId);
  }

  /** The first statement about a pause counts. */
  #take(statement: Statement | null, row: string | null = null): boolean {
    this.#first ??= statement && meaningOf(statement);
    switch (statement?.type) {
      case 'said':
        if (!this.#said.has(statement.key)) this.#said.set(statement.key, statement.result);
        return false;
      case 'refused': {
        const open = this.keys.filter((key) => !this.#said.has(key));
        for (const key of open) this.#said.set(key, statement.result);
        this.#isRefused ||= open.length === this.keys.length;
        return open.length > 0;
      }
      case 'asked': {
        const doubt = this.#doubts?.get(statement.key);
        if (doubt === undefined || isAfter(row, doubt)) this.#asked.add(statement.key);
        return false;
      }
      case 'running':
        this.#isRunning = true;
        return false;
      default:
        return false;
    }
  }
}

/** What one statement means for the call as a whole. */
function meaningOf(statement: Statement): SendResult {
  if ('result' in statement) return statement.result;
  const isAskedAgain = statement.type === 'asked' && !isAwaitKey(statement.key);
  return isAskedAgain ? { type: 'unsent', reason: 'Runtype asks for it again.' } : ACCEPTED;
}

/**
 * What an answer in one piece means for the decisions in its call: its status, and what it says about each of them.
 * @param results by the keys of the pauses, where they differ
 */
export function interpretBody(
  answer: Parameters<typeof interpret>[0],
  json: unknown,
  isEmpty: boolean,
  call: DecidingCall | null,
  byStatus = interpret,
): { result: SendResult; results: ReadonlyMap<string, SendResult>; isRefused: boolean } {
  const { status } = answer;
  const base = byStatus(answer, json, isEmpty);
  const watch = new AnswerWatch(call ?? { executionId: '', pauses: [] });
  if (isSuccess(status) && json !== undefined) watch.body(json);
  if (!watch.hasStatement) return { result: base, results: new Map(), isRefused: false };
  const continues = base.type === 'recorded' && base.following;
  const own = (result: SendResult): SendResult =>
    result.type === 'recorded'
      ? base.type === 'recorded'
        ? base
        : result
      : result.type === 'already'
        ? { ...result, following: continues }
        : result;
  const results = new Map([...watch.results('ended')].map(([key, result]) => [key, own(result)]));
  return { result: own(watch.result('ended')), results, isRefused: watch.isRefused };
}
