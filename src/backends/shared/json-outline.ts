/** Tested in test/backends/shared/json-outline.test.ts. */
import { createHash } from 'node:crypto';
import { parseExact } from '../../core/text/exact/parse.ts';
import { counted, thousands } from '../../core/text/numbers.ts';

/** Characters kept of a member of the object, from its beginning and its end; a shorter member is kept whole. */
const HEAD = 9_000;
const TAIL = 6_000;
/** Of the members of such a member: how many are kept, and how many characters of each. */
const INNER_MAX = 60;
const INNER_HEAD = 300;
/** Of so many it is looked whether one is given twice; the last one counts. */
const INNER_READ = 1_000;
const NAME_MAX = 200;
/** The depth of the members' members: what is deeper is only counted. */
const INNER = 2;

const [QUOTE, COMMA, COLON, BACKSLASH] = [34, 44, 58, 92];
const [OPEN_LIST, CLOSE_LIST, OPEN, CLOSE] = [91, 93, 123, 125];

interface Member {
  /** Characters of its JSON, with the blanks around it. */
  size: number;
  head: string;
  tail: string;
  /** Directly in it, where it is a list or an object. */
  commas: number;
  members: Map<string, Member>;
}

export interface OutlineOptions {
  /** The members of the object that are read. */
  names: ReadonlySet<string>;
  /** Those of them of which the beginning and the end are kept, as text; of any other object, the first members are. */
  texts?: ReadonlySet<string>;
  /** Those of them that the hash covers; default: all. */
  hashed?: ReadonlySet<string>;
}

/**
 * Reads the JSON of an object that is too large to be parsed: piece by piece, in time proportional to its length and in
 * bounded memory. What is short is parsed, what is long is described. It does not check that the text is valid JSON.
 */
export class JsonOutline {
  readonly #names: ReadonlySet<string>;
  readonly #texts: ReadonlySet<string>;
  readonly #hashed: ReadonlySet<string>;
  readonly #hash = createHash('sha256');
  readonly #members = new Map<string, Member>();
  #depth = 0;
  #inString = false;
  #isEscaped = false;
  /** By depth: commas so far in the container that is open there. */
  readonly #commas = [0, 0, 0, 0];
  /** By depth: whether members are read there, and whether the next string is a value. */
  readonly #isRead = [false, false, false, false];
  readonly #isAfterColon = [false, false, false, false];
  readonly #open: (Member | null)[] = [null, null, null, null];
  /** Where an open member begins in this piece; of a name, -1 where none is read. */
  readonly #from = [0, 0, 0, 0];
  #nameFrom = -1;
  #name = '';
  #isObject = false;
  #isHashed = false;
  #hasEnded = false;

  constructor({ names, texts = new Set(), hashed = names }: OutlineOptions) {
    this.#names = names;
    this.#texts = texts;
    this.#hashed = hashed;
  }

  push(text: string): void {
    let [depth, inString, isEscaped] = [this.#depth, this.#inString, this.#isEscaped];
    const commas = this.#commas;
    for (let at = 0; at < text.length; at += 1) {
      const code = text.charCodeAt(at);
      if (inString) {
        if (isEscaped) isEscaped = false;
        else if (code === BACKSLASH) isEscaped = true;
        else if (code === QUOTE) {
          inString = false;
          if (this.#nameFrom !== -1) this.#endName(text, at);
        }
      } else if (code === QUOTE) {
        inString = true;
        if (depth <= INNER) this.#beginName(depth, at + 1);
      } else if (code === OPEN || code === OPEN_LIST) {
        depth += 1;
        if (depth <= INNER + 1) this.#enter(depth, code === OPEN);
      } else if (code === CLOSE || code === CLOSE_LIST) {
        if (depth <= INNER + 1) this.#leave(depth, text, at);
        depth -= 1;
      } else if (depth <= INNER + 1) {
        if (code === COMMA) {
          commas[depth] = (commas[depth] ?? 0) + 1;
          if (this.#isRead[depth]) this.#separate(depth, text, at);
        } else if (code === COLON && this.#isRead[depth]) this.#beginMember(depth, at + 1);
      }
    }
    [this.#depth, this.#inString, this.#isEscaped] = [depth, inString, isEscaped];
    this.#suspend(text);
  }

  /** The members that were read; null where the text was not one whole object. */
  value(): Record<string, unknown> | null {
    if (!this.#isObject || this.#depth !== 0 || this.#inString) return null;
    return objectOf(this.#members, (member, name) => describe(member, HEAD, this.#texts.has(name)));
  }

  /** Of the JSON of members: 22 characters, the same however the text was cut into pieces. */
  hash(): string {
    return this.#hash.copy().digest('base64url').slice(0, 22);
  }

  #enter(depth: number, isObject: boolean): void {
    this.#commas[depth] = 0;
    this.#isAfterColon[depth] = false;
    this.#isRead[depth] = isObject && (depth === 1 ? !this.#hasEnded : depth === INNER && this.#open[1] !== null);
    if (depth === 1) this.#isObject = isObject && !this.#hasEnded;
  }

  #leave(depth: number, text: string, at: number): void {
    const container = this.#open[depth - 1];
    if (container) container.commas = this.#commas[depth] ?? 0;
    this.#endMember(depth, text, at);
    this.#hasEnded ||= depth === 1;
  }

  /** Nothing for a string that is a value. */
  #beginName(depth: number, at: number): void {
    if (!this.#isRead[depth] || this.#isAfterColon[depth]) return;
    this.#name = '';
    this.#nameFrom = at;
  }

  #endName(text: string, at: number): void {
    const room = NAME_MAX + 1 - this.#name.length;
    this.#name += text.slice(this.#nameFrom, Math.min(at, this.#nameFrom + room));
    this.#nameFrom = -1;
  }

  #beginMember(depth: number, at: number): void {
    if (this.#isAfterColon[depth]) return;
    this.#isAfterColon[depth] = true;
    const name = unescaped(this.#name);
    const members = depth === 1 ? this.#members : this.#open[1]?.members;
    const isWanted = depth === 1 ? this.#names.has(name) : members?.has(name) || (members?.size ?? 0) < INNER_MAX;
    if (members === undefined || !isWanted) return;
    if (depth === 1) {
      this.#isHashed = this.#hashed.has(name);
      if (this.#isHashed) this.#hash.update(`\n${name}\n`);
    }
    const member = { size: 0, head: '', tail: '', commas: 0, members: new Map() };
    members.set(name, member);
    this.#open[depth] = member;
    this.#from[depth] = at;
  }

  #separate(depth: number, text: string, at: number): void {
    this.#endMember(depth, text, at);
    this.#isAfterColon[depth] = false;
    if (depth === INNER && (this.#commas[depth] ?? 0) >= INNER_READ) this.#isRead[depth] = false;
  }

  #endMember(depth: number, text: string, at: number): void {
    this.#take(depth, text, at);
    this.#open[depth] = null;
  }

  #take(depth: number, text: string, end: number): void {
    const member = this.#open[depth];
    if (!member) return;
    const piece = text.slice(this.#from[depth], end);
    const most = depth === 1 ? HEAD : INNER_HEAD;
    member.size += piece.length;
    member.head += kept(piece.slice(0, most - member.head.length));
    if (depth > 1) return;
    member.tail = kept((member.tail + piece.slice(-TAIL)).slice(-TAIL));
    if (this.#isHashed) this.#hash.update(piece);
  }

  /** What is open continues with the next piece. */
  #suspend(text: string): void {
    if (this.#nameFrom !== -1) {
      this.#endName(text, text.length);
      this.#nameFrom = 0;
    }
    for (const depth of [1, INNER]) {
      this.#take(depth, text, text.length);
      this.#from[depth] = 0;
    }
  }
}

/** A copy, so that a short text does not keep the long one in memory that it was cut from. */
function kept(text: string): string {
  return Buffer.from(text, 'utf16le').toString('utf16le');
}

function objectOf(
  members: ReadonlyMap<string, Member>,
  valueIn: (member: Member, name: string) => unknown,
): Record<string, unknown> {
  return Object.fromEntries([...members].map(([name, member]) => [name, valueIn(member, name)]));
}

/** The beginning and the end of a long JSON text; of a string, of what it says. */
export function endsOfJson(json: string): string {
  const member = {
    size: json.length,
    head: json.slice(0, HEAD),
    tail: json.slice(-TAIL),
    commas: 0,
    members: new Map(),
  };
  return endsOf(member, json.startsWith('"'));
}

function describe(member: Member, whole: number, isText: boolean): unknown {
  const { size, head, commas, members } = member;
  if (size <= whole) return parsed(head);
  const first = head.trimStart().charAt(0);
  if (first === '"' || isText || !'[{'.includes(first)) return endsOf(member, first === '"');
  if (members.size === 0) return counted(commas + 1, first === '[' ? 'item' : 'field');
  const more = commas + 1 - members.size;
  const shown = objectOf(members, (inner) => describe(inner, INNER_HEAD, false));
  return more > 0 ? { ...shown, '…': `${thousands(more)} more` } : shown;
}

function parsed(json: string): unknown {
  try {
    return parseExact(json);
  } catch {
    return json.trim();
  }
}

/** The beginning and the end, where it is kept, of a long text. */
function endsOf({ size, head, tail }: Member, isString: boolean): string {
  const hidden = `… ${thousands(Math.max(0, size - head.length - tail.length))} characters hidden …`;
  if (!isString) return tail === '' ? `${head} ${hidden}` : `${head}\n${hidden}\n${tail}`;
  const first = unescaped(
    head
      .trimStart()
      .slice(1)
      .replace(/(?<!\\)((?:\\\\)*)\\(?:u[\da-f]{0,3})?$/i, '$1'),
  );
  // The cut may lie behind a backslash, so what may be the rest of its escape is left out.
  const last = unescaped(tail.replace(/^[^\\]{0,4}\\*.{0,5}/s, '').replace(/"\s*$/, ''));
  return last === '' ? `${first} ${hidden}` : `${first}\n${hidden}\n${last}`;
}

const escapes: Record<string, string> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };

/** The text of a part of a JSON string. */
function unescaped(json: string): string {
  return json.replace(/\\(?:u([\da-fA-F]{4})|(.))/gs, (_, code?: string, letter = '') =>
    code === undefined ? (escapes[letter] ?? letter) : String.fromCharCode(Number.parseInt(code, 16)),
  );
}
