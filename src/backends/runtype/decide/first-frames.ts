/** Tested in test/faults/backend/answers.test.ts. */

import type { AnswerWatch, Read } from '../stream/answer-watch.ts';
import type { KeptBody } from '../stream/kept-body.ts';
import { FrameSplitter } from '../wire/frames/frame-splitter.ts';

/**
 * Reads the first frames of an answer until they say whether the decision was taken. They stay in the body.
 * @param ms the limit: a slow stream must not delay the card
 * @returns how much of the answer that was
 */
export async function readFirst(body: KeptBody, watch: AnswerWatch, ms: number, signal: AbortSignal): Promise<Read> {
  const splitter = new FrameSplitter();
  let isLate = signal.aborted;
  let stop = () => {};
  const late = new Promise<void>((resolve) => {
    stop = () => {
      isLate = true;
      resolve();
    };
  });
  const timer = setTimeout(stop, ms);
  signal.addEventListener('abort', stop);
  try {
    for (let at = 0; !watch.isClear; ) {
      const chunk = body.chunks[at];
      if (chunk !== undefined) {
        at += 1;
        for (const frame of splitter.push(chunk)) if (!watch.isClear) watch.frame(frame);
      } else if (body.end !== null) {
        for (const frame of splitter.end()) watch.frame(frame);
        return watch.isClear ? 'open' : body.end;
      } else if (isLate) {
        return 'open';
      } else {
        await Promise.race([body.changed(), late]);
      }
    }
    return 'open';
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
  }
}
