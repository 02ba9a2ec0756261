/**
 * Text of others made fit to be shown: nothing in it is invisible, and none of its signs can be taken for ours.
 * Takes time in proportion to the text. Tested in test/core/text/visible/reveal.test.ts.
 */
import { codePointName } from '../code-point.ts';
import { kindOf, kinds } from './kinds.ts';
import { ordinaryLength, sizeOf } from './ordinary.ts';

const unusual = /[^\n\t -~]/;

/**
 * Shows what can't be seen, and marks that hide their letter, as `⟨U+202E⟩`, a run of one as `⟨U+0336 × 12⟩`, a sign
 * like ours as `⟨✅⟩`, and dots like those of a mask as `⟨●●●⟩`. Line breaks and tabs stay. Idempotent.
 */
export function reveal(text: string): string {
  if (!unusual.test(text)) return text;
  const source = text.replaceAll('\r\n', '\n').toWellFormed();
  let shown = '';
  let copied = 0;
  for (let at = 0; at < source.length; ) {
    const code = source.codePointAt(at) ?? 0;
    const kind = kindOf(code);
    if (kind === kinds.dot) {
      const { mark, end } = bracketDots(source, at);
      shown += source.slice(copied, at) + mark;
      at = end;
      copied = end;
      continue;
    }
    const kept = kind === kinds.plain ? sizeOf(code) : ordinaryLength(source, at);
    if (kept > 0) {
      at += kept;
      continue;
    }
    const { mark, end } = kind === kinds.sign ? bracketSigns(source, at) : nameRun(source, at);
    shown += source.slice(copied, at) + mark;
    at = end;
    copied = end;
  }
  return copied === 0 ? source : shown + source.slice(copied);
}

/** The same on one line. */
export function revealLine(text: string): string {
  // Other blanks are part of ordinary writing here, or are visible by now.
  return reveal(text)
    .replace(/[ \t\n]+/g, ' ')
    .trim();
}

/** The same of a line that people copy, such as one of YAML: its indentation stays. */
export function revealIndented(line: string): string {
  return `${/^ */.exec(line)?.[0] ?? ''}${revealLine(line)}`;
}

/** Signs in a row, each with its selector, in one pair of brackets; unchanged where they have one. */
function bracketSigns(source: string, at: number): { mark: string; end: number } {
  let end = at;
  for (let code = source.codePointAt(end); code !== undefined && kindOf(code) === kinds.sign; ) {
    end += sizeOf(code);
    if (source[end] === '\ufe0f' || source[end] === '\ufe0e') end += 1;
    code = source.codePointAt(end);
  }
  const signs = source.slice(at, end);
  const hasBrackets = source[at - 1] === '⟨' && source[end] === '⟩';
  return { mark: hasBrackets ? signs : `⟨${signs}⟩`, end };
}

/** So few dots in a row are a name (`ジョン・スミス`), a rating or a sum. */
const DOTS_ROW = 3;
const ELLIPSIS = '⋯';
/** Of • alone: `maskText` leaves no others than its own. */
const ourMasks = /(•{3,})/;

/**
 * A row of dots from here on, which look like those of our masks, `••••••`, with our masks in it as they
 * are, and the others in brackets.
 */
function bracketDots(source: string, at: number): { mark: string; end: number } {
  let end = at;
  let count = 0;
  for (let code = source.codePointAt(end); code !== undefined && kindOf(code) === kinds.dot; ) {
    end += sizeOf(code);
    count += String.fromCodePoint(code) === ELLIPSIS ? 2 : 1;
    const isStyle = source[end] === '\ufe0f' || source[end] === '\ufe0e';
    if (isStyle && ordinaryLength(source, end) > 0) end += 1;
    code = source.codePointAt(end);
  }
  const row = source.slice(at, end);
  const hasBrackets = source[at - 1] === '⟨' && source[end] === '⟩';
  if (count < DOTS_ROW || hasBrackets || isEasternNumber(source, at, row)) return { mark: row, end };
  const parts = row.split(ourMasks).map((part, index) => (part === '' || index % 2 === 1 ? part : `⟨${part}⟩`));
  return { mark: parts.join(''), end };
}

/** The zeros of `٥٠٠٠` and `۱٬۰۰۰`. */
function isEasternNumber(source: string, at: number, row: string): boolean {
  const before = /\p{Nd}[.,\u060c\u066b\u066c]?$/u.test(source.slice(Math.max(0, at - 2), at));
  return before && !/[^\u0660\u06f0]/.test(row);
}

/** Of different characters in a row, so many are named; the others are counted. */
const NAMED_MAX = 4;

/** The characters from here on that have to be made visible, by their code points. */
function nameRun(source: string, at: number): { mark: string; end: number } {
  const groups: { code: number; count: number }[] = [];
  let uncounted = 0;
  let previous = -1;
  let end = at;
  while (end < source.length) {
    const code = source.codePointAt(end) ?? 0;
    const kind = kindOf(code);
    const isRepeated = code === previous;
    if (kind === kinds.plain || kind === kinds.sign || kind === kinds.dot) break;
    // Only a blank can be ordinary behind a character that is not; all others belong to what is before them.
    const follows = isRepeated || (end > at && kind !== kinds.blank);
    if (!follows && ordinaryLength(source, end) > 0) break;
    previous = code;
    const last = groups.at(-1);
    if (isRepeated && uncounted === 0 && last !== undefined) last.count += 1;
    else if (groups.length < NAMED_MAX) groups.push({ code, count: 1 });
    else uncounted += 1;
    end += sizeOf(code);
  }
  const named = groups.map(({ code, count }) => {
    const point = codePointName(code);
    return count === 1 ? `⟨${point}⟩` : `⟨${point} × ${count}⟩`;
  });
  return { mark: `${named.join('')}${uncounted === 0 ? '' : `⟨and ${uncounted} more⟩`}`, end };
}
