/** Untrusted text made fit to be shown: nothing in it is invisible. Tested in test/core/text/hostile.test.ts. */

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
