/**
 * The base64 lines of private keys in PEM, and nothing else: any other line, and the lines BEGIN and END, stay in sight.
 * Tested in test/core/mask/pem.test.ts.
 */
import type { Span } from './mask.ts';
import { isReadable, matchEnd } from './token.ts';

const begin = /-----BEGIN [A-Z\d ]{0,40}PRIVATE KEY(?: BLOCK)?-----/g;
/** What separates two lines: a line break, real or escaped (more than once in JSON within JSON). */
const lineBreak = /[ \t]*(?:\r\n?|\n|(?:\\{1,8}r)?\\{1,8}n)[ \t]*/y;
/** The same where all lines were joined to one. */
const blank = / /y;
const base64 = /[A-Za-z\d+/]+={0,2}/y;
const checksum = /=[A-Za-z\d+/]{4}/y;
const quote = /\\{0,8}["'`]/y;
const header = /[A-Za-z][\w-]{0,40}: [^\r\n\\]{1,200}/y;

/** @returns where the pattern ends that begins here; the same place where it does not */
function skip(text: string, pattern: RegExp, at: number): number {
  return matchEnd(text, at, pattern) ?? at;
}

export function keysIn(text: string): Span[] {
  const spans: Span[] = [];
  begin.lastIndex = Math.max(0, text.indexOf('-----BEGIN '));
  if (!text.startsWith('-----BEGIN ', begin.lastIndex)) return spans;
  for (let found = begin.exec(text); found !== null; found = begin.exec(text)) {
    begin.lastIndex = readLines(text, begin.lastIndex, (start, end) =>
      spans.push({ start, end, kind: 'shape', key: 'private key' }),
    );
  }
  return spans;
}

/** @param add takes the lines that follow each other  @returns where the key ends */
function readLines(text: string, from: number, add: (start: number, end: number) => void): number {
  const separator = skip(text, lineBreak, from) > from ? lineBreak : blank;
  let at = from;
  let isBody = false;
  let start = -1;
  const close = (end: number) => {
    if (start >= 0) add(start, end);
    start = -1;
  };
  for (let next = skip(text, separator, at); next > at; next = skip(text, separator, at)) {
    const end = skip(text, base64, next);
    const isLine = end > next && endsLine(text, end, separator);
    if (!isLine) {
      // Headers, and the empty line behind them.
      const behind = isBody || separator === blank ? next : skip(text, header, next);
      if (behind === next && skip(text, separator, next) === next) break;
      close(at);
      at = behind;
    } else {
      const isSecret = isKeyLine(text.slice(next, end)) || (start >= 0 && isRest(text, next, end, separator));
      if (!isSecret) close(at);
      else if (start < 0) start = next;
      if (!isSecret && separator === blank) break;
      isBody = true;
      at = end;
    }
  }
  close(at);
  return at;
}

/** Shorter ones may be words, unless they are the rest of a key. */
const LINE_MIN = 8;
const CAPITALS_MIN = 12;
const SMALL_LETTERS_MIN = 16;
/** Letters in a row, on average: random ones have fewer. */
const WORDY = 4;

/** Whether the line is of a key: base64 that is not a word. */
function isKeyLine(line: string): boolean {
  if (line.length < LINE_MIN || (line.length < SMALL_LETTERS_MIN && /^[a-z]+$/.test(line))) return false;
  const isCapitals = line.length >= CAPITALS_MIN && !/[a-z]/.test(line);
  return isCapitals || !isReadable(line.replace(/[^A-Za-z\d]/g, ''), WORDY);
}

function endsLine(text: string, at: number, separator: RegExp): boolean {
  return at === text.length || skip(text, separator, at) > at || skip(text, quote, at) > at;
}

/** Whether it is the last line: only END follows, and in OpenPGP a checksum. Between blanks it has to look like one. */
function isRest(text: string, start: number, from: number, separator: RegExp): boolean {
  if (separator === blank && !/[\d+/=]/.test(text.slice(start, from))) return false;
  const end = skip(text, separator, from);
  const behind = skip(text, checksum, end);
  return text.startsWith('-----END ', behind === end ? end : skip(text, separator, behind));
}
