/** What a character is, as far as it matters to whether a reader sees it. Tested in test/core/text/visible/reveal.test.ts. */
import { isSign } from './signs.ts';

export const kinds = {
  unknown: 0,
  plain: 1,
  /** Without a shape: controls, joiners, marks of direction, selectors, tags, fillers, private use. */
  invisible: 2,
  /** A blank other than the space, the tab and the line break. */
  blank: 3,
  /** Drawn over its letter: a stroke through it, a circle around it. */
  overlay: 4,
  /** Above or below any letter, of any script. */
  accent: 5,
  /** A vowel sign, a tone or another mark of some scripts only. */
  scriptMark: 6,
  sign: 7,
  /** Like the dots of a mask. */
  dot: 8,
} as const;

/** Of every character met so far. */
let known: Uint8Array | null = null;

/** @param code a code point; not half of a pair */
export function kindOf(code: number): number {
  known ??= new Uint8Array(0x11_0000);
  const kind = known[code] ?? kinds.plain;
  if (kind !== kinds.unknown) return kind;
  const found = classify(code);
  known[code] = found;
  return found;
}

// The last three have no shape in most fonts: an object's placeholder, a note without a head, a filler.
const invisible = /[\p{Cc}\p{Cf}\p{Co}\p{Zl}\p{Zp}\p{DI}\p{Noncharacter_Code_Point}\ufffc\u{1d159}\u{16fe4}]/u;
/** Numbers' and verses' signs that enclose what follows: they are format characters, but have a shape. */
const enclosing = /[\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\u{110bd}\u{110cd}]/u;
/** The braille blank is a pattern without dots. */
const blank = /[\p{Zs}\u2800]/u;
/** Those of combining class 1, and what encloses a letter. */
const overlay =
  /[\u0334-\u0338\u1abe\u20d2\u20d3\u20d8-\u20da\u20e5\u20e6\u20ea\u20eb\u{10a39}\u{16af0}-\u{16af4}\u{1bc9e}\u{1d167}-\u{1d169}\u{1e8d0}-\u{1e8d6}\p{Me}]|\u1cd4|[\u1ce2-\u1ce8]/u;
const accent = /[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f\p{scx=Inherited}\p{scx=Common}]/u;
/**
 * Filled, or a small ring, and as high as `•`: middle dots, bullets, circles and small squares of all scripts, rows of two
 * in one, dots of braille in the middle, and the zeros of Arabic and Persian. A large ring (`○`), a star or a dot on the line is not taken for one.
 */
const dot =
  /[\u00b7\u0387\u0660\u06f0\u1427\u16eb\u2022\u2027\u2218\u2219\u2299\u229a\u22c5\u22ef\u25aa\u25c9\u25cf\u25e6\u25fc\u25fe\u2688\u2689\u26ac\u2802\u2810\u2812\u2981\u29be\u29bf\u2a00\u2b1d\u2b29\u2b2a\u2b2c\u2b2e\u2e30\u2e31\u2e33\u30fb\u318d\ua78f\uff65\u{10101}\u{1f784}\u{1f78a}]/u;

function classify(code: number): number {
  if (code === 0x20 || code === 0x0a || code === 0x09) return kinds.plain;
  const character = String.fromCodePoint(code);
  if (enclosing.test(character)) return kinds.plain;
  if (invisible.test(character)) return kinds.invisible;
  if (blank.test(character)) return kinds.blank;
  if (/\p{M}/u.test(character)) {
    if (overlay.test(character)) return kinds.overlay;
    return accent.test(character) ? kinds.accent : kinds.scriptMark;
  }
  if (dot.test(character)) return kinds.dot;
  return isSign(code) ? kinds.sign : kinds.plain;
}

export function isMark(kind: number): boolean {
  return kind === kinds.overlay || kind === kinds.accent || kind === kinds.scriptMark;
}
