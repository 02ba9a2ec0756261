/**
 * Secrets behind a name: `password=…`, `"apiKey": "…"`, `--token …`, `?sig=…`, `Cookie: sid=…`. Of what follows only one
 * token is masked: what a shell or SQL would execute stays in sight. Tested in test/core/mask/labels.test.ts.
 */
import { endsInRest, type Span } from './mask.ts';
import { type Secrecy, secrecyOf } from './names.ts';
import { hasMoreWords, isReference, isToken, looksSecret, looksTyped, matchEnd, TokenReader } from './token.ts';

/** Part of every name that secrecyOf knows, and of the names of signatures. */
const hint =
  /pass|pwd|secret|jwt|credential|cvv|cvc|ssn|otp|code|key|token|auth|bearer|cookie|session|pin|string|phrase|sig/gi;
const nameEnd = /[^\w-]/g;
const NAME_MAX = 64;

type Add = (start: number, end: number, key: string) => void;

export function labelsIn(text: string): Span[] {
  const spans: Span[] = [];
  const add: Add = (start, end, key) => spans.push({ start, end, kind: 'name', key });
  const reader = new TokenReader(text);
  hint.lastIndex = 0;
  for (let found = hint.exec(text); found !== null; found = hint.exec(text)) {
    if (endsInRest(spans, text, found.index)) break;
    nameEnd.lastIndex = hint.lastIndex;
    const end = nameEnd.exec(text)?.index ?? text.length;
    // A name is looked at once, however many hints it has.
    hint.lastIndex = Math.max(end, addLabel(text, end, reader, add));
  }
  return spans;
}

/** Between a name and its value: `=`, `": "`, `=>`, `:=`; not a comparison. */
const assign = /(?:\\{0,8}["'`])?[ \t]{0,3}(?:=>|:=|[:=](?!=))[ \t]{0,3}/y;
const tag = />(?=[^<>]{1,200}<\/)/y;
/** `--password x`, `PASSWORD 'x'` in SQL. */
const option = /[ \t]{1,3}(?!-)/y;
const sql = /[ \t]{1,3}(?=')/y;

/** @param end of a name  @returns where to read on */
function addLabel(text: string, end: number, reader: TokenReader, add: Add): number {
  let start = end;
  while (start > end - NAME_MAX && start > 0 && isNameCode(text.charCodeAt(start - 1))) start -= 1;
  const whole = text.slice(start, end);
  const name = whole.replace(/^-+/, '');
  // A secret's name may be a part of another, as in *monkey*; signatures have theirs only here.
  const secrecy = secrecyOfLabel(text, start, name);
  if (secrecy === 'plain') return end;
  const other = /^--?[A-Za-z][\w-]{3}/.test(whole) ? option : sql;
  const value = matchEnd(text, end, assign) ?? matchEnd(text, end, other) ?? matchEnd(text, end, tag);
  if (value === null) return end;
  if (/^(?:set-?)?cookie$/i.test(name)) return cookiesIn(text, value, add);
  return addValue(text, value, secrecy, reader, (from, to) => add(from, to, name));
}

function isNameCode(code: number): boolean {
  return (
    (code >= 97 && code <= 122) ||
    (code >= 65 && code <= 90) ||
    (code >= 48 && code <= 57) ||
    code === 95 ||
    code === 45
  );
}

/** Signatures are secret in a URL: they open it. */
const signatures = /^(?:sig|signature|x-(?:amz|goog)-(?:signature|security-token))$/i;

function secrecyOfLabel(text: string, start: number, name: string): Secrecy {
  const secrecy = secrecyOf(name);
  if (secrecy !== 'plain' || !signatures.test(name)) return secrecy;
  return /[?&;]/.test(text.charAt(start - 1)) ? 'secret' : 'doubtful';
}

/** Not a backtick: a shell executes what is in it. */
const quote = /\\{0,8}["']/y;
const word = /^[\w.-]{1,64}$/;
const label = /^[\w.-]{1,64}[:=]$/;

/** @returns where to read on: behind what was masked, or where another name may begin */
function addValue(
  text: string,
  start: number,
  secrecy: Secrecy,
  reader: TokenReader,
  add: (start: number, end: number) => void,
): number {
  const from = matchEnd(text, start, quote) ?? start;
  const closing = text.slice(start, from);
  if (closing !== '') {
    const end = reader.quotedEnd(from);
    const isLabel = () => matchEnd(text, end + closing.length, assign) !== null;
    if (!text.startsWith(closing, end) || !isHeld(text.slice(from, end), secrecy) || isLabel()) return start;
    add(from, end);
    return end;
  }
  const end = reader.end(start);
  const found = text.slice(start, end);
  // What goes on with a bracket is executed, or is a call.
  if (!reader.isOne(start) || /[$({[]/.test(text.charAt(end))) return start;
  if (label.test(found) || (word.test(found) && matchEnd(text, end, assign) !== null)) return start;
  const value = withoutMarks(found);
  const isAlone = !hasMoreWords(text, end) || looksTyped(value);
  if (value === '' || !isAlone || !says(value, secrecy) || hidesComment(value)) return start;
  add(start, start + value.length);
  return end;
}

const MARKS_MAX = 8;

/** Without what ends a sentence, or begins a comment of SQL or of a shell. */
function withoutMarks(value: string): string {
  let end = value.length;
  while (end > value.length - MARKS_MAX && /[.:!?]/.test(value.charAt(end - 1))) end -= 1;
  if (value.endsWith('#', end)) return value.slice(0, end - 1);
  return value.endsWith('--', end) ? value.slice(0, end - 2) : value.slice(0, end);
}

/** What follows `--` is a comment in SQL, behind the mask too; in a random token it is two signs. */
function hidesComment(value: string): boolean {
  return value.includes('--') && !looksSecret(value);
}

/** Whether a value under a name of this kind is a secret. */
export function isHeld(value: string, secrecy: Secrecy): boolean {
  return secrecy !== 'plain' && isToken(value) && says(value, secrecy);
}

/** Of a token. */
function says(token: string, secrecy: Secrecy): boolean {
  return secrecy === 'secret' ? !isReference(token) : looksSecret(token);
}

const cookie = /[ \t]{0,3}(?:["'`][ \t]{0,3})?([\w.-]{1,64})=([^\s;,"'`]*);?/y;

/** The values that look like secrets, each under its own name. @returns where they end */
function cookiesIn(text: string, start: number, add: Add): number {
  let end = start;
  cookie.lastIndex = start;
  for (let found = cookie.exec(text); found !== null; found = cookie.exec(text)) {
    const [all, name = '', value = ''] = found;
    const from = found.index + all.lastIndexOf(value);
    if (isHeld(value, 'doubtful')) add(from, from + value.length, name);
    end = cookie.lastIndex;
  }
  return end;
}
