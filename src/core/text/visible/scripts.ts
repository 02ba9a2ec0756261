/** The scripts of letters. Tested in test/core/text/visible/look-alikes.test.ts. */

/** Scripts that occur in names, the most frequent first. Those of East Asia are written together, also with Latin. */
const scripts = [
  'Latin',
  'Cyrillic',
  'Greek',
  'Arabic',
  'Hebrew',
  'Devanagari',
  'Thai',
  'Armenian',
  'Georgian',
  'Cherokee',
  'Coptic',
  'Bengali',
  'Gurmukhi',
  'Gujarati',
  'Oriya',
  'Tamil',
  'Telugu',
  'Kannada',
  'Malayalam',
  'Sinhala',
  'Lao',
  'Tibetan',
  'Myanmar',
  'Khmer',
  'Ethiopic',
  'Lisu',
  'Deseret',
  'Osage',
  'Canadian_Aboriginal',
  'Tifinagh',
  'Glagolitic',
  'Gothic',
] as const;
export type Script = (typeof scripts)[number] | 'East Asian' | 'other';

const eastAsian = /[\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Hangul}\p{scx=Bopomofo}]/u;
/** Written within a word of Latin letters by those who have no others for it, and not mistaken for one. */
export const mixesWithLatin: ReadonlySet<string> = new Set<Script>([
  'East Asian',
  'Arabic',
  'Hebrew',
  'Devanagari',
  'Thai',
  'Bengali',
  'Gurmukhi',
  'Gujarati',
  'Oriya',
  'Tamil',
  'Telugu',
  'Kannada',
  'Malayalam',
  'Sinhala',
  'Lao',
  'Tibetan',
  'Myanmar',
  'Khmer',
  'Ethiopic',
]);
const patterns = scripts.map((script) => [script, new RegExp(`\\p{Script=${script}}`, 'u')] as const);
const scriptsMet = new Map<string, Script | null>();

/** Null for what every script shares: digits, marks, signs. */
export function scriptOf(letter: string): Script | null {
  const known = scriptsMet.get(letter);
  if (known !== undefined) return known;
  const isShared = !/\p{L}/u.test(letter) || /\p{Script=Common}|\p{Script=Inherited}/u.test(letter);
  const found = patterns.find(([, pattern]) => pattern.test(letter))?.[0] ?? 'other';
  const script = isShared ? null : eastAsian.test(letter) ? 'East Asian' : found;
  scriptsMet.set(letter, script);
  return script;
}

export function scriptsOf(word: string): Set<Script> {
  const met = new Set<Script>();
  for (const letter of word) {
    const script = scriptOf(letter);
    if (script !== null) met.add(script);
  }
  return met;
}
