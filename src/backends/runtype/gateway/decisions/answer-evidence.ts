/**
 * What the answer to a call that decides says about the decision. Its status line alone proves nothing.
 * Tested in test/backends/runtype/gateway/decisions/answer-evidence.test.ts.
 */
import type { SendResult } from '../../../../core/approval/inputs.ts';
import { isAwaitKey } from '../../pause/pause.ts';
import type { Frame } from '../../wire/frame.ts';
import { FrameSplitter } from '../../wire/frame-splitter.ts';
import { type DecidingCall, statementIn } from '../../wire/statement.ts';
import type { Decided } from './decision-body.ts';

/** Reads the first frames of an answer, until one of them says what became of the decision. */
export class AnswerEvidence {
  readonly #decided: readonly Decided[];
  readonly #conclude: (result: SendResult) => void;
  readonly #splitter = new FrameSplitter();
  #isConcluded = false;

  /** @param conclude called once, before the frame that says it is delivered */
  constructor(decided: readonly Decided[], conclude: (result: SendResult) => void) {
    this.#decided = decided;
    this.#conclude = conclude;
  }

  feed(bytes: Uint8Array): void {
    if (this.#isConcluded) return;
    for (const frame of this.#splitter.push(bytes)) this.#read(frame);
  }

  /** @param otherwise what holds where no frame said anything */
  end(otherwise: SendResult): void {
    if (!this.#isConcluded) for (const frame of this.#splitter.end()) this.#read(frame);
    this.#settle(otherwise);
  }

  #read(frame: Frame): void {
    const result = this.#isConcluded || !frame.hasData ? null : saidBy(frame.brief(), this.#decided);
    if (result !== null) this.#settle(result);
  }

  #settle(result: SendResult): void {
    if (this.#isConcluded) return;
    this.#isConcluded = true;
    this.#splitter.reset();
    this.#conclude(result);
  }
}

/** Null: this event says nothing about these decisions. */
export function saidBy(event: unknown, decided: readonly Decided[]): SendResult | null {
  const statement = statementIn(event, decidingCall(decided, null));
  switch (statement?.type) {
    case 'said':
    case 'refused':
      return statement.result;
    case 'asked':
      return statement.key.startsWith('approval:')
        ? { type: 'unsent', reason: 'Runtype asks for it again.' }
        : { type: 'recorded', following: true };
    case 'running':
      return { type: 'recorded', following: true };
    default:
      return null;
  }
}

/** The pauses that a call decides, as its answer is read. */
export function decidingCall(decided: readonly Decided[], executionId: string | null): DecidingCall {
  const pauses = decided.map(({ key, action }) => ({
    key,
    verdict: isAwaitKey(key) || action === 'take_over' ? null : action,
  }));
  return { executionId: executionId ?? '', pauses };
}
