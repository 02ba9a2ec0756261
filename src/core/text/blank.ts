/** Whether a text says nothing that a reader could see. Tested in test/core/text/blank.test.ts. */
import { isMark, kindOf, kinds } from './visible/kinds.ts';

/**
 * Only blanks, characters without a shape (zero-width, marks of direction, fillers, controls), half pairs, and marks that
 * have no letter to stand on.
 */
export function isBlank(text: string): boolean {
  for (const character of text) {
    if (/^[\s\ud800-\udfff]/u.test(character)) continue;
    const kind = kindOf(character.codePointAt(0) ?? 0);
    if (kind !== kinds.invisible && kind !== kinds.blank && !isMark(kind)) return false;
  }
  return true;
}
