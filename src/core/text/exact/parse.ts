/**
 * Parses JSON without a loss that `JSON.parse` accepts silently: the spelling of a number, and a key that is given twice.
 * Tested in test/core/text/exact/parse.test.ts.
 */
import { DEEPEST, isBranch, type RawNumber } from '../json.ts';

/** The keys that an object was given more than once. */
const repeats = new WeakMap<object, Set<string>>();

/**
 * A number is a JS number only where `String` writes it as it is spelt in the text; else it is a `RawNumber`. Of a key
 * that is given twice the last value counts, as in `JSON.parse`; `repeatedKeys` names it. Takes linear time, at any depth.
 * @throws SyntaxError
 */
export function parseExact(text: string): unknown {
  const value: unknown = JSON.parse(text);
  const { keys, isExact } = scan(text);
  return isExact && keys === countKeys(value) ? value : read(text);
}

/** As many are reported; a text with more of them is a mistake or an attack, and one of them says so. */
const REPEATED_MAX = 20;

/** A branch, and where it lies. */
interface Part {
  item: object;
  key: string;
  holder: Part | null;
}

/**
 * The keys that were given more than once in a value from `parseExact`, at any depth that can be shown: `amount`,
 * `items.0.to`. At most 20, each once, the outermost first.
 */
export function repeatedKeys(value: unknown): string[] {
  const found = new Set<string>();
  let level: Part[] = isBranch(value) ? [{ item: value, key: '', holder: null }] : [];
  for (let depth = 0; depth <= DEEPEST && level.length > 0 && found.size < REPEATED_MAX; depth += 1) {
    const next: Part[] = [];
    for (const part of level) {
      const { item } = part;
      for (const key of repeats.get(item) ?? []) found.add(pathOf(part) + key);
      for (const key in item) {
        const inner = (item as Record<string, unknown>)[key];
        if (isBranch(inner)) next.push({ item: inner, key, holder: part });
      }
    }
    level = next;
  }
  return [...found].slice(0, REPEATED_MAX);
}

function pathOf({ key, holder }: Part): string {
  return holder === null ? '' : `${pathOf(holder)}${key}.`;
}

/** Keeps what `repeatedKeys` reports for an object that was copied. */
export function copyRepeats<T extends object>(from: object, to: T): T {
  const keys = repeats.get(from);
  if (keys !== undefined) repeats.set(to, keys);
  return to;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const MINUS = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;

/** What a value lost, from valid JSON: `keys` counts every key that is written. */
function scan(text: string): { keys: number; isExact: boolean } {
  let keys = 0;
  let isExact = true;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = stringEnd(text, at) - 1;
    else if (code === COLON) keys += 1;
    else if (isExact && startsNumber(code)) {
      const end = numberEnd(text, at);
      isExact = isExactNumber(text, at, end);
      at = end - 1;
    }
  }
  return { keys, isExact };
}

/** Fewer than were written, where one of them was given twice. */
function countKeys(value: unknown): number {
  let keys = 0;
  const open = [value];
  for (let item = open.pop(); item !== undefined; item = open.pop()) {
    if (Array.isArray(item)) {
      for (const inner of item) if (typeof inner === 'object' && inner !== null) open.push(inner);
    } else if (typeof item === 'object' && item !== null) {
      for (const key in item) {
        keys += 1;
        const inner = (item as Record<string, unknown>)[key];
        if (typeof inner === 'object' && inner !== null) open.push(inner);
      }
    }
  }
  return keys;
}

/** Reads valid JSON exactly. Without recursion: its depth is unlimited. */
function read(text: string): unknown {
  const root: unknown[] = [];
  const open: object[] = [];
  let holder: object = root;
  let key: string | null = null;
  const put = (value: unknown) => {
    if (Array.isArray(holder)) holder.push(value);
    else if (key !== null) set(holder, key, value);
    key = null;
  };
  const enter = (branch: object) => {
    put(branch);
    open.push(holder);
    holder = branch;
  };
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === OPEN_BRACE) enter({});
    else if (code === OPEN_BRACKET) enter([]);
    else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) holder = open.pop() ?? root;
    else if (code === QUOTE) {
      const end = stringEnd(text, at);
      const value: string = JSON.parse(text.slice(at, end));
      if (key === null && !Array.isArray(holder)) key = value;
      else put(value);
      at = end - 1;
    } else if (startsNumber(code)) {
      const end = numberEnd(text, at);
      put(numberOf(text.slice(at, end)));
      at = end - 1;
    } else if (code >= 0x61 && code <= 0x7a) {
      const [value, length] = code === 0x74 ? [true, 4] : code === 0x66 ? [false, 5] : [null, 4];
      put(value);
      at += length - 1;
    }
  }
  return root[0];
}

function set(object: object, key: string, value: unknown): void {
  if (Object.hasOwn(object, key)) repeats.set(object, (repeats.get(object) ?? new Set()).add(key));
  if (key !== '__proto__') (object as Record<string, unknown>)[key] = value;
  else Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
}

const numberPattern = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/** Whether this is a number by the grammar of JSON. */
export function isNumberText(text: string): boolean {
  return numberPattern.test(text);
}

/** @param spelling a number by the grammar of JSON */
export function numberOf(spelling: string): number | RawNumber {
  return isExactNumber(spelling, 0, spelling.length) ? Number(spelling) : JSON.rawJSON(spelling);
}

/** The index after the string that begins here. */
function stringEnd(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); ; end = text.indexOf('"', end + 1)) {
    let before = end;
    while (text.charCodeAt(before - 1) === BACKSLASH) before -= 1;
    if ((end - before) % 2 === 0) return end + 1;
  }
}

/** A digit or a minus. */
function startsNumber(code: number): boolean {
  return (code >= ZERO && code <= NINE) || code === MINUS;
}

/** The index after the number that begins here. */
function numberEnd(text: string, start: number): number {
  let at = start + 1;
  // Digits, `.`, `+`, `-`, `e`, `E`; what else follows a number is a blank, a comma or a bracket.
  for (let code = text.charCodeAt(at); (code >= 0x2b && code <= NINE && code !== 0x2c) || (code | 0x20) === 0x65; ) {
    at += 1;
    code = text.charCodeAt(at);
  }
  return at;
}

/** Every decimal of so many digits has a double of its own. */
const DIGITS_MAX = 15;

/** Whether a JS number is written with exactly these characters. */
function isExactNumber(text: string, start: number, end: number): boolean {
  if (isShort(text, start, end)) return true;
  const spelling = text.slice(start, end);
  return String(Number(spelling)) === spelling;
}

/** The common case, without a conversion: few digits, no exponent, and no zero that JavaScript would leave out. */
function isShort(text: string, start: number, end: number): boolean {
  const first = text.charCodeAt(start) === MINUS ? start + 1 : start;
  if (end - first > DIGITS_MAX) return false;
  let hasPoint = false;
  for (let at = first; at < end; at += 1) {
    const code = text.charCodeAt(at);
    if (code === POINT) hasPoint = true;
    else if (code < ZERO || code > NINE) return false;
  }
  if (!hasPoint) return first === start || text.charCodeAt(first) !== ZERO;
  // JavaScript writes 0.0000001 with an exponent.
  return text.charCodeAt(end - 1) !== ZERO && !text.startsWith('0.00000', first);
}
