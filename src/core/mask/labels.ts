/**
 * Secrets behind a name: `password=…`, `"apiKey": "…"`, `--token …`, `?sig=…`, `Cookie: sid=…`. Of what follows only one
 * token is masked: what a shell or SQL would execute stays in sight. Tested in test/core/mask/labels.test.ts.
 */
import { asksFor } from './commands.ts';
import { isPlace, isPlain } from './context/facts.ts';
import { SqlReader } from './context/sql.ts';
import { isInAddress, valueEnd } from './context/urls.ts';
import { endsInRest, type Span } from './mask.ts';
import { type Secrecy, secrecyBehind, secrecyOf } from './names.ts';
import { hasMoreWords, isReference, isToken, looksSecret, looksTyped, matchEnd, TokenReader } from './token.ts';

/** Part of every name that secrecyOf knows, and of the names of signatures. */
const hint =
  /pass|pwd|secret|jwt|credential|cvv|cvc|ssn|otp|code|key|token|auth|bearer|cookie|session|pin|string|phrase|sig/gi;
const nameEnd = /[^\w-]/g;
const NAME_MAX = 64;

type Add = (start: number, end: number, key: string) => void;

/** A text with the name that is looked at. */
interface Reading {
  text: string;
  tokens: TokenReader;
  sql: SqlReader;
  add: Add;
}

export function labelsIn(text: string): Span[] {
  const spans: Span[] = [];
  const add: Add = (start, end, key) => spans.push({ start, end, kind: 'name', key });
  const reading = {
    text,
    tokens: new TokenReader(text),
    sql: new SqlReader(text),
    add,
  };
  hint.lastIndex = 0;
  for (let found = hint.exec(text); found !== null; found = hint.exec(text)) {
    if (endsInRest(spans, text, found.index)) break;
    nameEnd.lastIndex = hint.lastIndex;
    const end = nameEnd.exec(text)?.index ?? text.length;
    // A name is looked at once, however many hints it has.
    hint.lastIndex = Math.max(end, addLabel(reading, end));
  }
  return spans;
}

/** Between a name and its value: `=`, `": "`, `"] = "`, `=>`, `:=`; not a comparison. */
const assign = /(?:\\{0,8}["'`]\]?)?[ \t]{0,3}(?:=>|:=|[:=](?!=))[ \t]{0,3}/y;
const tag = />(?=[^<>]{1,200}<\/)/y;
/** `--password x`, `set DB_PASSWORD x`. */
const blank = /[ \t]{1,3}(?!-)/y;
const set = /(?:^|[\s"'`(;&|])(?:set|setx|setenv|config)[ \t]{1,3}(?:-[\w-]{1,20}[ \t]{1,3}){0,3}[\w./:@-]{0,80}$/i;
const BEFORE_MAX = 160;

/** @param end of a name  @returns where to read on */
function addLabel(reading: Reading, end: number): number {
  const { text, sql, add } = reading;
  let start = end;
  while (start > end - NAME_MAX && start > 0 && isNameCode(text.charCodeAt(start - 1))) start -= 1;
  const whole = text.slice(start, end);
  const name = whole.replace(/^-+/, '');
  // A secret's name may be a part of another, as in *monkey*; signatures have theirs only here.
  const secrecy = secrecyOfLabel(text, start, name);
  if (secrecy === 'plain') return end;
  const assigned = matchEnd(text, end, assign) ?? matchEnd(text, end, tag);
  const before = () => text.slice(Math.max(0, start - BEFORE_MAX), start);
  const takesNext = () => (isOption(whole) ? !asksFor(before(), name) : set.test(before()));
  const value = assigned ?? (takesNext() ? matchEnd(text, end, blank) : null);
  if (value === null) return end;
  if (/^(?:set-?)?cookie$/i.test(name)) return cookiesIn(text, value, add);
  return addValue(reading, value, {
    name,
    secrecy: assigned === null && !signatures.test(name) ? secrecyBehind(name) : secrecy,
    isPart: isInAddress(text, start),
    mayBeColumn: text.slice(end, value).includes('=') && sql.mayBeColumn(start),
  });
}

/** One that is written in a word; those of one letter are in commands.ts. */
export function isOption(text: string): boolean {
  return text.length <= NAME_MAX && /^(?:-[A-Za-z]|--)[A-Za-z][\w-]{2,}$/.test(text);
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
/** Of a text in SQL, Python or C#: `N'…'`. */
const prefix = /[NEULbruf@](?=(["'])[^"']{1,200}\1(?:[\s;,)]|$))/y;
const word = /^[\w.-]{1,64}$/;
const label = /^[\w.-]{1,64}[:=]$/;

interface Label {
  name: string;
  secrecy: Secrecy;
  /** Of an address. */
  isPart: boolean;
  mayBeColumn: boolean;
}

/** @returns where to read on: behind what was masked, or where another name may begin */
function addValue({ text, tokens, add }: Reading, at: number, { name, secrecy, isPart, mayBeColumn }: Label): number {
  const start = matchEnd(text, at, prefix) ?? at;
  const from = matchEnd(text, start, quote) ?? start;
  const closing = text.slice(start, from);
  const isFact = (value: string) =>
    isOwnName(name, value) || (mayBeColumn && closing !== "'" && /^[A-Za-z_.]+$/.test(value));
  if (closing !== '') {
    const end = tokens.quotedEnd(from);
    const value = text.slice(from, end);
    const isLabel = () => matchEnd(text, end + closing.length, assign) !== null;
    if (!text.startsWith(closing, end) || !isHeld(value, secrecy) || isFact(value) || isLabel()) return start;
    add(from, end, name);
    return end;
  }
  const run = tokens.end(start);
  const end = isPart ? valueEnd(text, start, run) : run;
  const found = text.slice(start, end);
  const isOne = end < run ? isToken(found) : tokens.isOne(start);
  // What goes on with a bracket is executed, or is a call.
  if (!isOne || /[$({[]/.test(text.charAt(end))) return start;
  if (label.test(found) || (word.test(found) && matchEnd(text, end, assign) !== null)) return start;
  const value = end < run ? found : withoutMarks(found);
  const isAlone = !hasMoreWords(text, end) || looksTyped(value);
  if (value === '' || !isAlone || !says(value, secrecy) || isFact(value) || hidesComment(value)) return start;
  // Passwords end so more often than sentences that hold one.
  const exclamations = /^!*/.exec(found.slice(value.length))?.[0].length ?? 0;
  add(start, start + value.length + exclamations, name);
  return end;
}

/** `password = password` is always true; a name in the place of a value says nothing that is secret. */
export function isOwnName(name: string, value: string): boolean {
  const plain = (text: string) => text.replace(/^-+|^.*\./g, '').toLowerCase();
  return value.length <= NAME_MAX && plain(value) === plain(name);
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
  return isToken(value) && says(value, secrecy);
}

/** Of a token. */
function says(token: string, secrecy: Secrecy): boolean {
  if (secrecy === 'plain' || secrecy === 'doubtful') return secrecy === 'doubtful' && looksSecret(token);
  return !isReference(token) && (secrecy === 'secret' || !(isPlain(token) || isPlace(token)));
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
