/** The name of a tool or a field as words. Tested in test/core/text/humanise.test.ts. */
import { revealLine } from './visible/reveal.ts';

const word = /[\p{L}\p{N}][\p{L}\p{M}\p{N}]*/u.source;
const plainName = new RegExp(`^_{0,2}${word}(?:[-_.:/]{1,2}${word})*_{0,2}$`, 'u');

/** Words of letters and digits with one or two of `-_.:/` between them, and no blank: an identifier, not a sentence. */
export function isPlainName(name: string): boolean {
  return plainName.test(name) && revealLine(name) === name;
}

/** Between digits a mark belongs to the number: `v1.2`, `2026-09-02`. */
const separators = /(?<![-_.:/])[-_.:/]{1,2}(?![-_.:/])/g;
/** `refund|Order`, `s3|Bucket` */
const hump = /(?<=[\p{Ll}\p{N}])(?=\p{Lu})/gu;
/** `URL|By`; not the plural of an abbreviation, as in `userIDs`. */
const afterAbbreviation = /(?<=\p{Lu})(?=\p{Lu}\p{Ll})(?!\p{Lu}s(?!\p{Ll}))/gu;
const capitalised = /^\p{Lu}\p{Ll}+$/u;

/**
 * `refund_order`, `refundOrder` → `Refund order`; `delete:customers` → `Delete customers`. Keeps every letter and digit in
 * its order, abbreviations in capitals, and what is not a plain name as it is.
 */
export function humanise(name: string): string {
  const shown = revealLine(name);
  if (shown === '') return 'Unnamed tool';
  if (!isPlainName(name)) return shown;
  const words = shown
    .replace(separators, (found, at: number) => {
      const isInNumber = found !== '_' && /\d/.test(shown.charAt(at - 1)) && /\d/.test(shown.charAt(at + found.length));
      return isInNumber ? found : ' ';
    })
    .replace(hump, ' ')
    .replace(afterAbbreviation, ' ')
    .trim()
    .split(' ');
  return words.map((one, index) => (index === 0 ? capitalise(one) : lower(one))).join(' ');
}

/** With a capital at its start; where that would be longer, as it is. */
export function capitalise(text: string): string {
  const [first = ''] = text;
  const upper = first.toUpperCase();
  return upper.length === first.length ? upper + text.slice(first.length) : text;
}

function lower(text: string): string {
  return capitalised.test(text) && text.toLowerCase().length === text.length ? text.toLowerCase() : text;
}
