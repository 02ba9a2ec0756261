/** How a character is named that can't be shown as it is. Tested in test/core/text/visible/reveal.test.ts. */

/** `U+200B` @param code its code point */
export function codePointName(code: number): string {
  return `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
}
