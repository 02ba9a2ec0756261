/**
 * How much of a text fits on a card. The rooms are chosen so that no chat cuts once more what fits here, in its own markup:
 * what a person does not see is counted in one place. Held to that by test/platforms/whole.test.ts.
 */
import { type Clipped, clipMiddle } from '../../text/clip.ts';

export interface Room {
  /** As `lengthOf` counts. */
  max: number;
  maxLines?: number;
}

/** Of a quote, in a chat that escapes every mark and begins every line with one. */
export function quotedLength(text: string): number {
  const marks = text.match(/[!-/:-@[-`{-~]/g)?.length ?? 0;
  return text.length + marks + 2 * text.split('\n').length;
}

/** Head and tail of what is too long. @param lengthOf grows with the text */
export function fitText(
  text: string,
  { max, maxLines }: Room,
  lengthOf: (text: string) => number = (plain) => plain.length,
): Clipped {
  let [low, high] = [0, max];
  let best = clipMiddle(text, high, maxLines);
  if (lengthOf(best.text) <= max) return best;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const tried = clipMiddle(text, middle, maxLines);
    if (lengthOf(tried.text) <= max) [best, low] = [tried, middle + 1];
    else high = middle - 1;
  }
  return best;
}
