/** Texts made to fit, and never cut in the middle of a character. Tested in test/core/text/hostile.test.ts and test/fuzz/views/cards.test.ts. */
import { thousands } from './numbers.ts';

/** Cuts at the end, by code point. `max` counts UTF-16 units, as the platforms' limits do. */
export function clip(text: string, max: number): string {
  return text.length <= max ? text : `${head(text, max - 1)}…`;
}

export interface Clipped {
  text: string;
  /** How many characters are not shown. */
  hidden: number;
}

/** Of what is too long, how much of the room goes to its head; the rest shows the tail, where danger likes to hide. */
const HEAD_SHARE = 0.6;
/** Room for the line that says how much is hidden. */
const MARK_LENGTH = 48;

/**
 * Head and tail of what is too long, with a line between them that says how much is hidden.
 * @param max UTF-16 units  @param maxLines lines, without the one that says so
 */
export function clipMiddle(text: string, max: number, maxLines = Number.POSITIVE_INFINITY): Clipped {
  const lines = maxLines === Number.POSITIVE_INFINITY ? [] : text.split('\n');
  if (text.length <= max && lines.length <= maxLines) return { text, hidden: 0 };
  const isTall = lines.length > maxLines;
  const headLines = Math.ceil(maxLines * HEAD_SHARE);
  const above = isTall ? lines.slice(0, headLines).join('\n') : text;
  const below = isTall ? lines.slice(headLines - maxLines).join('\n') : text;
  const room = Math.max(0, max - MARK_LENGTH);
  const first = head(above, Math.floor(room * HEAD_SHARE));
  const last = tail(below, room - first.length);
  const hidden = text.length - first.length - last.length;
  return { text: `${first}\n… ${thousands(hidden)} characters hidden …\n${last}`, hidden };
}

/** Head and tail on one line of what is too long. */
export function clipEnds(text: string, max: number): string {
  if (text.length <= max) return text;
  const room = Math.max(0, max - 3);
  const [first, last] = [head(text, Math.ceil(room * HEAD_SHARE)), tail(text, Math.floor(room * (1 - HEAD_SHARE)))];
  return `${first.trimEnd()} … ${last.trimStart()}`;
}

/** Where an option is too long to be shown whole: its number, which the card has too, its head and its tail. */
export function clipOption(label: string, index: number, max: number): string {
  const text = label === '' ? '(empty)' : label;
  if (text.length <= max) return text;
  const number = `${index + 1}. `;
  return `${number}${clipEnds(text, max - number.length)}`;
}

function head(text: string, max: number): string {
  const cut = text.slice(0, Math.max(0, max));
  // Half a character, or what would have joined it to an emoji that is not shown.
  return cut.replace(/\u200d?[\ud800-\udbff]?$/, '');
}

/** Its end, not cut within a character. */
export function tail(text: string, max: number): string {
  const cut = max <= 0 ? '' : text.slice(-max);
  return cut.replace(/^[\udc00-\udfff]?\ufe0f?\u200d?/, '');
}

/**
 * A zod refinement for the length of foreign input. zod's own `min` and `max` read `length` before the type is checked, and
 * throw where it can't be compared; a refinement runs only once the type is right.
 */
export function sized(least: number, most = Number.POSITIVE_INFINITY): (value: { length: number }) => boolean {
  return ({ length }) => length >= least && length <= most;
}
