/**
 * Where a character without a shape, an unusual blank or a mark is ordinary writing, and so stays as it is: emoji, names in
 * Japanese, Persian and the scripts of India, French punctuation. Each rule looks at a bounded number of neighbours, so
 * that a text costs time in proportion to its length.
 * Tested in test/core/text/visible/reveal.test.ts.
 */

import { isMark, kindOf, kinds } from './kinds.ts';
import { belongsTo } from './mark-scripts.ts';

const JOINER = 0x200d;
const NON_JOINER = 0x200c;
const EMOJI_STYLE = 0xfe0f;
const TEXT_STYLE = 0xfe0e;
const KEYCAP = 0x20e3;
const WIDE_BLANK = 0x3000;

/**
 * How many UTF-16 units from here on are ordinary writing; 0: the character has to be made visible.
 * @param text well-formed  @param at of a character that is not plain
 */
export function ordinaryLength(text: string, at: number): number {
  const code = text.codePointAt(at) ?? 0;
  switch (kindOf(code)) {
    case kinds.invisible:
      return ordinaryInvisible(text, at, code);
    case kinds.blank:
      return isOrdinaryBlank(text, at, code) ? 1 : 0;
    case kinds.sign:
      return isOrdinarySign(text, at) ? sizeOf(code) : 0;
    default:
      return isOrdinaryMark(text, at, code) ? sizeOf(code) : 0;
  }
}

const pictograph = /^\p{Extended_Pictographic}$/u;
const modifier = /^\p{Emoji_Modifier}$/u;
const han = /^\p{Script=Han}$/u;
const mongolian = /^(?![\p{Cf}\p{DI}])\p{Script_Extensions=Mongolian}$/u;
const arabic = /^(?!\p{Cf})[\p{Script_Extensions=Arabic}\p{Script=Syriac}\p{Script=Nko}\p{Script=Mandaic}]$/u;
const indic =
  /^[\p{Script=Devanagari}\p{Script=Bengali}\p{Script=Gurmukhi}\p{Script=Gujarati}\p{Script=Oriya}\p{Script=Tamil}\p{Script=Telugu}\p{Script=Kannada}\p{Script=Malayalam}\p{Script=Sinhala}]$/u;
/** The sign that takes a consonant its vowel; a joiner behind it chooses the form of the cluster. */
const virama = /^[\u094d\u09cd\u0a4d\u0acd\u0b4d\u0bcd\u0c4d\u0ccd\u0d4d\u0dca]$/u;
/** The flags of England, Scotland and Wales: any other run of tags is invisible text. */
const flags = ['gbeng', 'gbsct', 'gbwls'].map((region) =>
  [...region, '\u007f'].map((letter) => String.fromCodePoint(0xe0000 + letter.charCodeAt(0))).join(''),
);

function ordinaryInvisible(text: string, at: number, code: number): number {
  const before = characterBefore(text, at);
  const after = characterAt(text, at + sizeOf(code));
  if (code === EMOJI_STYLE || code === TEXT_STYLE) {
    const isKeycap = /^[\d#*]$/.test(before) && after === String.fromCodePoint(KEYCAP);
    return pictograph.test(before) || (isKeycap && code === EMOJI_STYLE) ? 1 : 0;
  }
  if (code === JOINER && joinsEmoji(text, at, after)) return 1;
  if (code === JOINER || code === NON_JOINER) return isOrdinaryJoiner(code, before, after) ? 1 : 0;
  // Variants of a Chinese character, as names are written in Japan.
  if (code >= 0xe0100 && code <= 0xe011f) return han.test(before) ? 2 : 0;
  if (code >= 0x180b && code <= 0x180f) return mongolian.test(before) ? 1 : 0;
  if (code > 0xe0000 && code <= 0xe007f && before === '\u{1f3f4}') {
    return flags.find((flag) => text.startsWith(flag, at))?.length ?? 0;
  }
  return 0;
}

/** Persian words have one between letters that would join; clusters in India have one at a virama. */
function isOrdinaryJoiner(code: number, before: string, after: string): boolean {
  if (virama.test(before)) return true;
  if (code === JOINER) return indic.test(before) && virama.test(after);
  return arabic.test(before) && arabic.test(after) && /^\p{L}$/u.test(after);
}

/** The emoji with a status light in them: a brown mushroom, a lime, a black cat, a black bird. */
const withSign: ReadonlySet<string> = new Set(['🍄🟫', '🍋🟩', '🐈⬛', '🐦⬛']);

function joinsEmoji(text: string, at: number, after: string): boolean {
  const before = emojiBefore(text, at);
  if (!pictograph.test(before) || !pictograph.test(after)) return false;
  const hasSign = [before, after].some((one) => {
    const kind = kindOf(one.codePointAt(0) ?? 0);
    return kind === kinds.sign || kind === kinds.dot;
  });
  return !hasSign || withSign.has(before + after);
}

/** It is a part of an emoji: the brown square of the brown mushroom. */
function isOrdinarySign(text: string, at: number): boolean {
  if (text.charCodeAt(at - 1) !== JOINER) return false;
  return withSign.has(characterBefore(text, at - 1) + characterAt(text, at));
}

/** The character before a joiner, without the selector or the skin tone that belongs to it. */
function emojiBefore(text: string, at: number): string {
  const before = characterBefore(text, at);
  const isPart = before === String.fromCodePoint(EMOJI_STYLE) || modifier.test(before);
  return isPart ? characterBefore(text, at - before.length) : before;
}

const eastAsian =
  /^(?!\p{DI})[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Bopomofo}\u3001-\u303f\uff01-\uff65\u30fb\u30fc]$/u;
const WIDE_BLANKS_MAX = 2;

function isOrdinaryBlank(text: string, at: number, code: number): boolean {
  const [before, after] = [characterBefore(text, at), characterAt(text, at + 1)];
  switch (code) {
    case WIDE_BLANK:
      return isOrdinaryWideBlank(text, at);
    case 0x2800:
      return [before, after].every((one) => /^[\u2801-\u28ff]$/.test(one));
    case 0x1680:
      return [before, after].every((one) => /^[\u1681-\u169c]$/.test(one));
    case 0xa0:
    case 0x202f: {
      if (code === 0x202f && mongolian.test(before) && mongolian.test(after)) return true;
      if (before === '«' || (/^[\p{L}\p{N}\p{M}»)\]€%⟩]$/u.test(before) && /^[:;!?»%€]$/.test(after))) return true;
      // `1 234 567`: groups of three digits.
      return /^\d$/.test(before) && /^\d{3}(?!\d)/.test(text.slice(at + 1, at + 5));
    }
    default:
      return false;
  }
}

/** Between words and before a paragraph in Chinese and Japanese: one or two, beside such a character. */
function isOrdinaryWideBlank(text: string, at: number): boolean {
  const isBlank = (index: number) => text.charCodeAt(index) === WIDE_BLANK;
  let [first, end] = [at, at + 1];
  while (isBlank(first - 1) && at - first <= WIDE_BLANKS_MAX) first -= 1;
  while (isBlank(end) && end - at <= WIDE_BLANKS_MAX) end += 1;
  if (end - first > WIDE_BLANKS_MAX) return false;
  return eastAsian.test(characterBefore(text, first)) || eastAsian.test(characterAt(text, end));
}

/** Polytonic Greek and Vietnamese have at most three on a letter. */
const ACCENTS_MAX = 3;
/** As many marks of its own script as a letter has in its most complex words. */
const marksMax: readonly (readonly [script: RegExp, max: number])[] = [
  [/^[\p{Script=Thai}\p{Script=Lao}]$/u, 3],
  [/^\p{Script_Extensions=Arabic}$/u, 4],
  [
    /^[\p{Script=Tibetan}\p{Script=Myanmar}\p{Script=Khmer}\p{Script=Tai_Tham}\p{Script=Javanese}\p{Script=Balinese}]$/u,
    8,
  ],
];
const OTHER_MARKS_MAX = 5;
const MARKS_MAX = 8;

function isOrdinaryMark(text: string, at: number, code: number): boolean {
  const kind = kindOf(code);
  const mark = String.fromCodePoint(code);
  const earlier: string[] = [];
  let base = '';
  for (let end = at; earlier.length <= MARKS_MAX; ) {
    base = characterBefore(text, end);
    // Bengali: a joiner between a letter and its virama.
    if (base.charCodeAt(0) === JOINER && virama.test(mark)) base = characterBefore(text, end - 1);
    if (base === '' || !isMark(kindOf(base.codePointAt(0) ?? 0))) break;
    earlier.push(base);
    end -= base.length;
  }
  if (code === KEYCAP) return /[\d#*]\ufe0f?$/.test(text.slice(Math.max(0, at - 2), at));
  if (kind === kinds.overlay) return composes(base, mark) && earlier.length === 0;
  if (earlier[0] === mark) return false;
  if (kind === kinds.accent) {
    const accents = earlier.filter((one) => kindOf(one.codePointAt(0) ?? 0) === kinds.accent).length;
    return accents < ACCENTS_MAX && (/^[\p{L}◌]$/u.test(base) || composes(base, mark));
  }
  const max = marksMax.find(([script]) => script.test(mark))?.[1] ?? OTHER_MARKS_MAX;
  if (earlier.length >= max) return false;
  // Malayalam writes `5ാം` for `5th`.
  if (/^\d$/.test(base)) return mark === '\u0d3e' || (mark === '\u0d02' && earlier[0] === '\u0d3e');
  return base === '◌' || (/^[\p{L}\p{N}]$/u.test(base) && belongsTo(mark, base));
}

/** `=` and a stroke are `≠`: one character, which Unicode writes in two ways. */
function composes(base: string, mark: string): boolean {
  return base !== '' && [...`${base}${mark}`.normalize('NFC')].length === 1;
}

export function sizeOf(code: number): number {
  return code > 0xffff ? 2 : 1;
}

function characterAt(text: string, at: number): string {
  const code = text.codePointAt(at);
  return code === undefined ? '' : String.fromCodePoint(code);
}

function characterBefore(text: string, at: number): string {
  if (at <= 0) return '';
  const isLow = (text.charCodeAt(at - 1) & 0xfc00) === 0xdc00;
  return text.slice(isLow ? Math.max(0, at - 2) : at - 1, at);
}
