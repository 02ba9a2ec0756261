/**
 * What a mask may hide: one token, without anything that separates words or that a shell, SQL or a template executes.
 * An agent chooses its texts, so what runs must stay in sight. Tested in test/core/mask/token.test.ts.
 */

/** What ends a token: blanks, quotes, backslashes, brackets, `,;|&<>`, `$(`, `${`, and letters that are not Latin. */
const ends = /[^!#$%*+\-./:=?@^~\wÀ-ɏ]|\$(?=[({'"`])/g;
/** Blanks in the spelling of URLs, and comments of SQL, which separate words as blanks do. */
const separators = /%(?:0[9a-d]|20)|\/\*|\*\//gi;

/**
 * Where the match that begins here ends; null where none does.
 * @param pattern sticky, and never matches an empty text
 */
export function matchEnd(text: string, at: number, pattern: RegExp): number | null {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : null;
}

/** @returns where the run of a token's characters ends that begins here */
function runEnd(text: string, start: number): number {
  ends.lastIndex = start;
  return ends.exec(text)?.index ?? text.length;
}

const more = /[ \t]+(?!--[a-z]|https?:\/\/|(?:ssh|scp|rsync) )[^\s;|&<>)\]}#]/y;

/** Whether other words follow on the line, and not the next option, an address or a command. */
export function hasMoreWords(text: string, end: number): boolean {
  return matchEnd(text, end, more) !== null;
}

const TYPED_MIN = 8;
const tokenStart = /^(?:[-?#@:/=]|A[KS]IA|[a-z]{2,5}[_-](?:live_)?)+/;

/** A plain word before other words is a part of a sentence, not the whole value of the name. */
export function looksTyped(value: string): boolean {
  // Of `DB_PASSWORD=wire` the last part.
  const last = value.slice(Math.max(value.lastIndexOf('=', value.length - 3), value.lastIndexOf(':')) + 1);
  if (last.includes('--')) return looksSecret(last);
  if (/\d/.test(last)) return /[A-Za-z]/.test(last);
  const words = last.replace(tokenStart, '').split(/[-._@#]/);
  return value.length >= TYPED_MIN && !words.every(isPlainWord);
}

function isPlainWord(word: string): boolean {
  return /^[A-Z]?[a-z]+$/.test(word) || (/^(?:[a-z]{2,})?[A-Z]+$/.test(word) && isReadable(word));
}

/** A comma is a part of it: it is not in a sentence. */
export function isToken(text: string): boolean {
  if (text === '') return false;
  return (
    runEnd(text.includes(',') ? text.replaceAll(',', '.') : text, 0) === text.length && text.search(separators) < 0
  );
}

/** Finds the ends of tokens in a text. It remembers the last one: many values may begin in the same. */
export class TokenReader {
  readonly #text: string;
  #start = 0;
  #end = 0;
  #separator = -1;

  constructor(text: string) {
    this.#text = text;
  }

  /** A comma ends it: it belongs to the sentence. @returns where it ends; the same place where none begins */
  end(start: number): number {
    if (start >= this.#start && start < this.#end) return this.#end;
    this.#start = start;
    this.#end = runEnd(this.#text, start);
    this.#separator = -1;
    for (const { index } of this.#text.slice(start, this.#end).matchAll(separators)) this.#separator = start + index;
    return this.#end;
  }

  /** The same in quotes, where a comma is a part of it. */
  quotedEnd(start: number): number {
    let end = runEnd(this.#text, start);
    while (this.#text[end] === ',') end = runEnd(this.#text, end + 1);
    return end;
  }

  /** Whether what begins here, and goes on to the end of the run, is one word. */
  isOne(start: number): boolean {
    return this.end(start) > start && this.#separator < start;
  }
}

/** Words in the place of a password that say that it is not one. */
const stops = new Set(
  `true false null nil none undefined yes no on off required optional missing invalid valid empty unset set reset changed
  expired incorrect wrong correct rotated hidden masked redacted unknown enabled disabled default string text varchar
  boolean number integer not is was are be must should shall can will may has have had the and or to of for from in
  it its your my our their this that please with by only here below above never always see use enter option
  flag argument parameter value field file stdin prompt`.split(/\s+/),
);

const STOP_MAX = 16;

/** A fact in the place of a secret: a word, the name of a secret, where it is kept. */
export function isReference(text: string): boolean {
  return (
    (text.length <= STOP_MAX && stops.has(text.toLowerCase())) ||
    /^(?:\$(?:[A-Z][A-Z\d_]*|[a-z][a-z_]*|\d{1,2})|%(?:[A-Z][A-Z\d_]*%|[sdv])|[*.?-]+|[xX]{3,}|[:@][a-z_]+)$/.test(
      text,
    ) ||
    /^(?:arn|urn|vault|env|file|secrets?|op|ssm|sops|ref|keyring|keychain):[^:]/i.test(text) ||
    /^[a-z][a-z\d+.-]{1,20}:\/\//i.test(text) ||
    isPath(text)
  );
}

/** `prod/db/password`, `/run/secrets/db`, `~/.ssh/id_rsa`: its parts read like names. */
function isPath(text: string): boolean {
  if (!text.includes('/') || !/^[\w./~@-]+$/.test(text)) return false;
  return text.split(/[/._~@-]+/).every((part) => isWordOrNumber(part) || /^(?:[a-z]{1,16}\d{1,4})?$/.test(part));
}

const UUID = /^[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}$/i;
/** Addresses of contracts and wallets (Ethereum, Solana, Tron, bech32), and ULIDs: identifiers that look random. */
const identifiers =
  /^(?:0x[\dA-Fa-f]{40}|[1-9A-HJ-NP-Za-km-z]{43,44}|T[1-9A-HJ-NP-Za-km-z]{33}|[a-z]{1,10}1[02-9ac-hj-np-z]{38,60}|[0-7][\dA-HJKMNP-TV-Z]{25})$/;
const fileName = /[^.]\.[a-z][a-z\d]{0,4}$/;

/** Random characters without a word before or behind them; with one, an identifier (`cus_NffrFeUfNV2Hib`) has fewer. */
const RANDOM_FROM = 8;
const RANDOM_WITH_WORD_FROM = 16;
/** Random letters of both cases, without a digit. */
const LETTERS_FROM = 20;

/** Whether it reads like a generated secret: not a word, a name, a path, an identifier with `/ : #`, or an address. */
export function looksSecret(bare: string): boolean {
  // Ends at the first other sign: a long text is not read for each name in it.
  if (bare.length < RANDOM_FROM || !/^[\w\-.~%+/]+={0,2}$/.test(bare)) return false;
  if (bare.includes('/') || bare.includes('+')) return isBase64(bare);
  if (UUID.test(bare) || identifiers.test(bare) || fileName.test(bare)) return false;
  const parts = bare.split(/[^A-Za-z\d]+/).filter((part) => part !== '');
  const first = parts.findIndex((part) => !isWordOrNumber(part));
  const last = parts.findLastIndex((part) => !isWordOrNumber(part));
  const random = parts.slice(first, last + 1).join('');
  if (first < 0 || random.length < (random.length === parts.join('').length ? RANDOM_FROM : RANDOM_WITH_WORD_FROM)) {
    return false;
  }
  return isMixed(random) && (/^[\da-f]{16,}$/i.test(random) || !isReadable(random));
}

/** Standard base64 that a path could not be: of a good length, with both cases, digits, and a sign of its own. */
function isBase64(text: string): boolean {
  if (!/^[A-Za-z\d+/]{20,}={0,2}$/.test(text) || !/[a-z]/.test(text) || !/[A-Z]/.test(text) || !/\d/.test(text)) {
    return false;
  }
  const isMarked = /[+=]/.test(text) || (text.length >= 32 && text.length % 4 === 0);
  return isMarked && !text.split(/[/+=]+/).some((part) => /[a-z]{4}/.test(part) && isReadable(part));
}

function isMixed(text: string): boolean {
  if (/\d/.test(text) && /[A-Za-z]/.test(text)) return true;
  return text.length >= LETTERS_FROM && /[a-z]/.test(text) && /[A-Z]/.test(text);
}

function isWordOrNumber(text: string): boolean {
  return (
    /^(?:\d{1,10}|[vV]?\d{1,4})$/.test(text) || (/^[A-Za-z]{1,16}$/.test(text) && (text.length < 4 || isReadable(text)))
  );
}

/** Letters that belong to words, of all letters. */
const WORDS_SHARE = 2 / 3;

/** Letters in a row without a digit or a new capital, on average. Random ones have fewer than two. */
const PIECE_MIN = 3;

/**
 * Words and numbers, in any case: `getUserById2`, `INV2024001`, `orders2024`.
 * @param least letters in a row, on average
 */
export function isReadable(text: string, least = PIECE_MIN): boolean {
  const pieces = text.match(/[A-Z]?[a-z]+|[A-Z]+(?![a-z])/g) ?? [];
  const letters = pieces.reduce((sum, { length }) => sum + length, 0);
  const inWords = pieces.filter(isWord).reduce((sum, { length }) => sum + length, 0);
  const numbers = text.match(/\d+/g)?.length ?? 0;
  return letters / pieces.length >= least && inWords / letters >= WORDS_SHARE && numbers <= pieces.length / 2 + 1;
}

function isWord(piece: string): boolean {
  return piece.length >= 2 && /[aeiouy]/i.test(piece) && !/[^aeiouy]{4}|(.)\1\1/i.test(piece);
}

/** Pairs of letters that are usual in the words and names of programs: two of three there, one of seven at random. */
const usualPairs = new Set(
  `ac ad al an ap ar as at bl ca ce ch ck co cr ct de di ea ec ed el em en er es et ex fi fo ge ha he ic id ie ig il im
  in io is it iv ke la le li ll lo ly ma me mi na nc nd ne ng ni ns nt ol om on or ou pa pe pl po pr pt ra re ri ro
  rs rt sc se si ss st su ta te th ti to tr ts un ur us ut ve vi`.split(/\s+/),
);
/** Of all pairs of letters. */
const USUAL_SHARE = 0.45;
/** Of all characters: a few letters between digits say nothing. */
const USUAL_IN_TEXT = 0.2;

/** Words, with or without anything between them: `delete-all-customers`, `productioncluster`. */
export function isWordy(text: string): boolean {
  const small = text.toLowerCase();
  let pairs = 0;
  let usual = 0;
  for (let at = 1; at < small.length; at += 1) {
    const pair = small.slice(at - 1, at + 1);
    if (!/^[a-z]{2}$/.test(pair)) continue;
    pairs += 1;
    if (usualPairs.has(pair)) usual += 1;
  }
  return usual > pairs * USUAL_SHARE && usual >= text.length * USUAL_IN_TEXT;
}

/** What a generator of tokens writes: not small letters alone, and not words. */
export function isRandom(text: string): boolean {
  return /[^a-z_-]/.test(text) && !isWordy(text);
}
