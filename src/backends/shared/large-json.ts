/** Tested in test/backends/shared/large-json.test.ts. */
import type { Pause, Unshowable } from '../../core/approval/pause/pause.ts';
import { parseExact, repeatedKeys } from '../../core/text/exact/parse.ts';
import { endsOfJson, JsonOutline, type OutlineOptions } from './json-outline.ts';
import { Turns } from './turns.ts';

/** UTF-16 units of JSON that are parsed in one turn of the event loop: some 50 ms for the slowest shapes. */
export const PARSED_MAX = 320 * 1024;
/** Of a list that is too long to be parsed at once; one with more items is not read. */
const ITEMS_MAX = 10_000;
const MEMBERS_MAX = 1_000;
/** A list of items lies at most so deep. */
const LEVELS = 3;

/** Of what is outlined, a longer ID or name may be cut. */
const ADDRESS_MAX = 1_000;

const outlined = Symbol('outlined');

/** Marks a value that is only an outline of what was sent. A copy by spread keeps the mark. */
export function markOutlined(value: object, unshowable: Unshowable): object {
  return Object.assign(value, { [outlined]: unshowable });
}

/** Null for a value that was read whole. */
export function unshowableOf(value: unknown): Unshowable | null {
  return typeof value === 'object' && value !== null && outlined in value ? (value[outlined] as Unshowable) : null;
}

/** Whether a call with these IDs or names reaches what they were read from: nothing can be addressed with a cut one. */
export function isAddressable(unshowable: Unshowable | null | undefined, ids: readonly string[]): boolean {
  return !unshowable || ids.every(({ length }) => length <= ADDRESS_MAX);
}

/** How an item differs from what was sent: by keys that are given more than once, or because it is only an outline. */
export type Deviations = Pick<Pause, 'repeated' | 'unshowable'>;

export function deviationsOf(raw: unknown): Deviations {
  const repeated = repeatedKeys(raw);
  const unshowable = unshowableOf(raw);
  return { ...(repeated.length > 0 && { repeated }), ...(unshowable !== null && { unshowable }) };
}

/**
 * Parses an item, or a list of items, in several turns of the event loop where it is large. An item that is too large
 * itself is outlined and marked, and a long text beside the items is cut; everything else is exact.
 * @param what an `item`, or a `list` of them: an array, or an object that holds it
 * @param options what is read of an item that is outlined; of a member named in `either`, which holds an item or lists of
 * items, the names of those lists
 * @param max UTF-16 units for one turn
 * @throws SyntaxError
 */
export async function parseInTurns(
  text: string,
  what: 'item' | 'list',
  options: LargeOptions,
  max = PARSED_MAX,
): Promise<unknown> {
  if (text.length <= max) return parseExact(text);
  const start = skipBlank(text, 0);
  return new LargeReader(text, options, max).value(
    start,
    text.trimEnd().length,
    0,
    what === 'item' && text[start] === '{',
  );
}

export interface LargeOptions extends OutlineOptions {
  either?: ReadonlyMap<string, readonly string[]>;
}

class LargeReader {
  readonly #text: string;
  readonly #options: LargeOptions;
  readonly #max: number;
  readonly #turns: Turns;

  constructor(text: string, options: LargeOptions, max: number) {
    this.#text = text;
    this.#options = options;
    this.#max = max;
    this.#turns = new Turns(max);
  }

  /** @param level how many lists and objects it lies in */
  async value(start: number, end: number, level: number, isItem: boolean): Promise<unknown> {
    const first = this.#text[start];
    if (end - start <= this.#max) {
      await this.#turns.take(end - start);
      return parseExact(this.#text.slice(start, end));
    }
    if (first === '{' && isItem) return this.#outline(start, end);
    if (level >= LEVELS || (first !== '{' && first !== '[')) return endsOfJson(this.#text.slice(start, end));
    return first === '{' ? this.#object(start, end, level + 1) : this.#list(start, end, level + 1);
  }

  async #list(start: number, end: number, level: number): Promise<unknown[]> {
    const items: unknown[] = [];
    for (let at = skipBlank(this.#text, start + 1); at < end - 1; ) {
      if (items.length === ITEMS_MAX) throw new SyntaxError(`more than ${ITEMS_MAX} items`);
      const after = await this.#valueEnd(at);
      items.push(await this.value(at, after, level, true));
      at = this.#next(after, end);
    }
    return items;
  }

  async #object(start: number, end: number, level: number): Promise<Record<string, unknown>> {
    const entries: [string, unknown][] = [];
    for (const { name, from, to } of await this.#members(start, end)) {
      const lists = this.#options.either?.get(name);
      const isItem = lists !== undefined && this.#text[from] === '{' && !(await this.#hasMember(from, to, lists));
      entries.push([name, await this.value(from, to, level, isItem)]);
    }
    return Object.fromEntries(entries);
  }

  async #hasMember(start: number, end: number, names: readonly string[]): Promise<boolean> {
    return (await this.#members(start, end)).some(({ name }) => names.includes(name));
  }

  /** Of an object, and where their values are. */
  async #members(start: number, end: number): Promise<Member[]> {
    const text = this.#text;
    const members: Member[] = [];
    for (let at = skipBlank(text, start + 1); at < end - 1 && members.length < MEMBERS_MAX; ) {
      const nameEnd = await this.#valueEnd(at);
      const colon = skipBlank(text, nameEnd);
      if (text[at] !== '"' || text[colon] !== ':') throw new SyntaxError(`no name at ${at}`);
      const from = skipBlank(text, colon + 1);
      const to = await this.#valueEnd(from);
      members.push({ name: String(JSON.parse(text.slice(at, nameEnd))), from, to });
      at = this.#next(to, end);
    }
    return members;
  }

  /** Where the next member begins. */
  #next(after: number, end: number): number {
    const at = skipBlank(this.#text, after);
    if (at === end - 1) return at;
    if (this.#text[at] !== ',') throw new SyntaxError(`no comma at ${at}`);
    return skipBlank(this.#text, at + 1);
  }

  async #outline(start: number, end: number): Promise<object> {
    const outline = new JsonOutline(this.#options);
    for (let at = start; at < end; at += this.#max) {
      await this.#turns.take(this.#max);
      outline.push(this.#text.slice(at, Math.min(end, at + this.#max)));
    }
    const value = outline.value();
    if (value === null) throw new SyntaxError('not an object');
    const bytes = Buffer.byteLength(this.#text.slice(start, end));
    return markOutlined(value, { why: 'size', bytes, hash: outline.hash() });
  }

  /** The index after the value that begins here. */
  async #valueEnd(start: number): Promise<number> {
    const scan: Scan = { at: start, depth: 0, inString: false };
    for (;;) {
      const from = scan.at;
      if (scanValue(this.#text, scan, this.#max)) return scan.at;
      if (scan.at >= this.#text.length) throw new SyntaxError('the text ends within a value');
      await this.#turns.take(scan.at - from);
    }
  }
}

interface Member {
  name: string;
  from: number;
  to: number;
}

const [QUOTE, BACKSLASH] = [34, 92];
const [OPEN_LIST, CLOSE_LIST, OPEN, CLOSE, COMMA, COLON, BLANK] = [91, 93, 123, 125, 44, 58, 32];

interface Scan {
  at: number;
  depth: number;
  inString: boolean;
}

/** Reads on to the end of a value, but not further than one turn may. @returns whether it has ended, before `at` */
function scanValue(text: string, scan: Scan, max: number): boolean {
  let { at, depth, inString } = scan;
  let hasEnded = false;
  const limit = Math.min(text.length, at + max);
  for (; at < limit && !hasEnded; at += 1) {
    const code = text.charCodeAt(at);
    if (inString) {
      if (code === BACKSLASH) at += 1;
      else if (code === QUOTE) {
        inString = false;
        hasEnded = depth === 0;
      }
    } else if (code === QUOTE) inString = true;
    else if (code === OPEN || code === OPEN_LIST) depth += 1;
    else if (code === CLOSE || code === CLOSE_LIST) {
      if (depth === 0) break;
      depth -= 1;
      hasEnded = depth === 0;
    } else if (depth === 0 && (code === COMMA || code === COLON || code <= BLANK)) break;
  }
  hasEnded ||= at < limit;
  Object.assign(scan, { at, depth, inString });
  return hasEnded;
}

function skipBlank(text: string, start: number): number {
  let at = start;
  while (at < text.length && text.charCodeAt(at) <= BLANK) at += 1;
  return at;
}
