/**
 * What the answer to an application's call says about the decisions in it. Its status line alone proves nothing.
 * Tested in test/backends/runtype/gateway/decisions/answer-evidence.test.ts.
 */
import type { SendResult } from '../../../../core/approval/inputs.ts';
import { AnswerWatch } from '../../stream/answer-watch.ts';
import type { Frame } from '../../wire/frame.ts';
import { FrameSplitter } from '../../wire/frame-splitter.ts';
import type { DecidingCall } from '../../wire/statement.ts';

/** Reads the first frames of an answer, until one of them says something about the call. */
export class AnswerEvidence {
  readonly #watch: AnswerWatch;
  readonly #conclude: (result: SendResult, isStated: boolean) => void;
  readonly #splitter = new FrameSplitter();
  #isConcluded = false;

  /** @param conclude called once, before the frame that says it is delivered; `isStated`: a frame says so */
  constructor(call: DecidingCall, conclude: (result: SendResult, isStated: boolean) => void) {
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
