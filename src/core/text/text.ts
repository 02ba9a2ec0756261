/** Tested in test/core/text/hostile.test.ts. */

/** Untrusted text made fit to be shown: nothing invisible, nothing cut in the middle of a character. */

// Controls, zero-width, direction-changing and other characters without a shape: what can hide or reorder words.
// Kept: line breaks, tabs, and what holds an emoji or a keycap together.
const invisible =
  /(?!\n|\t|(?<=\p{Extended_Pictographic})\ufe0f|(?<=[\d#*])\ufe0f(?=\u20e3)|(?<=\p{Extended_Pictographic}(?:\ufe0f|\p{Emoji_Modifier})?)\u200d(?=\p{Extended_Pictographic}))[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{DI}]/u;
// A run at a time, as one call for each character costs most of a card's time; bounded, as the matcher keeps a stack.
const invisibleRuns = new RegExp(`(?:${invisible.source}){1,100}`, 'gu');
const loneSurrogate = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** Marks what can't be seen as `⟨U+202E⟩`, so that it can be; line breaks and tabs stay. */
export function reveal(text: string): string {
  return text
    .replace(/\r\n?/g, '\n')
    .replace(loneSurrogate, '\ufffd')
    .replace(invisibleRuns, (run) => {
      let marked = '';
      for (const character of run) marked += markOf(character);
      return marked;
    });
}

/** Of each invisible character met so far: Unicode has some four thousand. */
const marks = new Map<string, string>();

function markOf(character: string): string {
  const known = marks.get(character);
  if (known !== undefined) return known;
  const mark = `⟨U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}⟩`;
  marks.set(character, mark);
  return mark;
}

/** The same on one line. */
export function revealLine(text: string): string {
  return reveal(text).replace(/\s+/g, ' ').trim();
}

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

/** `12,345`, the same in every locale. */
export function thousands(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',');
}

const MINUTE_MS = 60_000;
const units = [
  ['day', 1_440 * MINUTE_MS],
  ['hour', 60 * MINUTE_MS],
  ['minute', MINUTE_MS],
  ['second', 1_000],
] as const;

/** `2 hours`, `1 minute`, `12 seconds`: in the largest unit that there is one of. */
export function duration(ms: number): string {
  for (const [unit, length] of units) {
    const count = Math.floor(ms / length);
    if (count >= 1) return `${thousands(count)} ${unit}${count === 1 ? '' : 's'}`;
  }
  return 'less than a second';
}

/** `refund_order`, `refundOrder` → `Refund order`. */
export function humanise(name: string): string {
  const words = revealLine(name)
    .replace(/^[a-z]+:(?=\S)/, '')
    .replace(/([a-z0-9])([A-Z])/g, (_, before: string, after: string) => `${before} ${after.toLowerCase()}`)
    .replace(/[_\-.\s]+/g, ' ')
    .trim();
  return words === '' ? 'Unnamed tool' : words.charAt(0).toUpperCase() + words.slice(1);
}

function head(text: string, max: number): string {
  const cut = text.slice(0, Math.max(0, max));
  // Half a character, or what would have joined it to an emoji that is not shown.
  return cut.replace(/\u200d?[\ud800-\udbff]?$/, '');
}

function tail(text: string, max: number): string {
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
