/**
 * Dots that look like those of our masks, `••••••`. One is ordinary writing; in a row they are shown in brackets.
 * Tested in test/core/text/visible/reveal.test.ts.
 */
import { kindOf, kinds } from './kinds.ts';
import { ordinaryLength, sizeOf } from './ordinary.ts';

/** So few in a row are a name (`ジョン・スミス`), a rating or a sum. */
const ROW = 3;
const ELLIPSIS = '⋯';
/** Of • alone: `maskText` leaves no others than its own. */
const masks = /(•{3,})/;

/** A row of dots from here on, with our masks in it as they are, and the others in brackets. */
export function bracketDots(source: string, at: number): { mark: string; end: number } {
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
  if (count < ROW || hasBrackets || isNumber(source, at, row)) return { mark: row, end };
  const parts = row.split(masks).map((part, index) => (part === '' || index % 2 === 1 ? part : `⟨${part}⟩`));
  return { mark: parts.join(''), end };
}

/** The zeros of `٥٠٠٠` and `۱٬۰۰۰`. */
function isNumber(source: string, at: number, row: string): boolean {
  const before = /\p{Nd}[.,\u060c\u066b\u066c]?$/u.test(source.slice(Math.max(0, at - 2), at));
  return before && !/[^\u0660\u06f0]/.test(row);
}
