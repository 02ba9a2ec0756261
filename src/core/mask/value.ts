/** A value with its secrets masked, at any depth. Tested in test/core/mask/value.test.ts. */
import { parseExact, repeatedKeys } from '../text/exact/parse.ts';
import { DEEPEST, isBranch, isDeeper, isNumber, isRecord, markSentAsText, numberText } from '../text/json.ts';
import { asksFor, secretsInWords } from './commands.ts';
import { isHeld, isOption, isOwnName } from './labels.ts';
import { type Mask, type Masked, type Revealed, SECRETS_MAX, type Span } from './mask.ts';
import {
  holdsNumber,
  type Secrecy,
  saysName,
  saysValue,
  secrecyBehind,
  secrecyOf,
  secrecyWithin,
  strongest,
} from './names.ts';
import { type Place, placeIn, top } from './place.ts';
import { maskSpans, spansIn } from './text.ts';

/** `omitted`: how many keys were left out. */
export type MaskedValue = Masked<unknown> & { omitted: number };

/**
 * The value with every secret masked, at any depth, and the keys of the top level that are in `hidden` left out. A text
 * that is the JSON of an object or a list is masked as what it is: `isSentAsText` tells it. What is masked depends on
 * a text, on its keys, on the name that an object or a pair gives it, and in a list of words on those before it.
 * @param value parsed, at most as deep as the stack allows
 */
export function maskValue(value: unknown, hidden: readonly string[] = [], { revealed }: Revealed = {}): MaskedValue {
  const masker = new Masker(revealed);
  if (!isRecord(value)) return { value: masker.visit(value, top), masks: masker.masks, omitted: 0 };
  const hiddenKeys = new Set(hidden);
  const shown = Object.entries(value).filter(([key]) => !hiddenKeys.has(key));
  const result = masker.visit(Object.fromEntries(shown), top);
  return { value: result, masks: masker.masks, omitted: Object.keys(value).length - shown.length };
}

const maskedBefore = new WeakMap<object, { hidden: string; masked: MaskedValue }>();

/** The same of the parameters of a request; kept as long as they are, for a card reads them several times. */
export function maskParameters(request: {
  readonly parameters: Record<string, unknown>;
  readonly hidden: readonly string[];
}): MaskedValue {
  const { parameters, hidden } = request;
  const names = JSON.stringify(hidden);
  const before = maskedBefore.get(parameters);
  if (before?.hidden === names) return before.masked;
  const masked = maskValue(parameters, hidden);
  maskedBefore.set(parameters, { hidden: names, masked });
  return masked;
}

class Masker {
  readonly masks: Mask[] = [];

  readonly #revealed: ReadonlySet<string> | undefined;
  /** Secrets so far, those that are left open, too: what is the rest does not depend on what is left open. */
  #count = 0;

  constructor(revealed: ReadonlySet<string> | undefined) {
    this.#revealed = revealed;
  }

  visit(item: unknown, at: Place): unknown {
    if (Array.isArray(item)) return this.list(item, at);
    if (isBranch(item)) return this.object(item, at);
    if (typeof item === 'string') return this.text(item, at);
    if (!isNumber(item)) return item;
    const text = numberText(item);
    const isSecret = at.secrecy === 'secret' && holdsNumber(at.key);
    const spans: Span[] = isSecret ? [{ start: 0, end: text.length, kind: 'name', key: '' }] : spansIn(text, at);
    const masked = this.mask(text, spans, at);
    return masked === text ? item : masked;
  }

  private text(text: string, at: Place): unknown {
    if (this.#isFull) return this.mask(text, restOf(text), at);
    const parsed = parsedBranch(text, DEEPEST - at.depth);
    return parsed === null ? this.mask(text, spansOf(text, at), at) : markSentAsText(this.visit(parsed, at) as object);
  }

  private list(list: readonly unknown[], at: Place): unknown[] {
    const isCommand = list.every((item) => typeof item === 'string');
    const secrets = Map.groupBy(isCommand ? secretsInWords(list) : [], (secret) => secret.index);
    return list.map((item, index) => {
      const before = list[index - 1];
      const name = typeof before === 'string' && (isOption(before) || list.length === 2) ? before : '';
      // What looks like an option may itself be a secret: it takes nothing from what their key says.
      const asks = isCommand && isOption(name) && asksFor(list.slice(Math.max(0, index - 10), index).join(' '), name);
      const own = asks ? 'plain' : behind(name);
      const secrecy = strongest(own, at.secrecy);
      const inside = placeIn(at, { index: String(index), secrecy, key: own === 'plain' ? at.key : name });
      const found = secrets.get(index);
      if (found === undefined || typeof item !== 'string') return this.visit(item, inside);
      const spans = found.map(({ start, end }): Span => ({ start, end, kind: 'name', key: '' }));
      return this.mask(item, spans, inside);
    });
  }

  private object(object: object, at: Place): object {
    const entries = Object.entries(object);
    const named = nameIn(entries);
    return withNames(
      entries.map(([key, inner], index) => {
        const spans = this.#isFull ? restOf(key) : spansIn(key);
        const name = this.mask(key, spans, placeIn(at, { index: `${index}k` }));
        const isNamed = named !== '' && saysValue(key);
        const secrecy = strongest(secrecyWithin(at.secrecy, key), isNamed ? secrecyOf(named) : 'plain');
        return [
          name,
          this.visit(inner, placeIn(at, { index: String(index), name, key: isNamed ? named : key, secrecy })),
        ];
      }),
    );
  }

  get #isFull(): boolean {
    return this.#count >= SECRETS_MAX;
  }

  private mask(text: string, spans: readonly Span[], at: Place): string {
    this.#count += spans.length;
    const { value, masks } = maskSpans(text, spans, at, this.#revealed);
    for (const mask of masks) this.masks.push(mask);
    return value;
  }
}

const nameShape = /^[\w. -]{1,64}$/;

/** Of the second of a pair, `['Authorization', 'x']`, and of the word behind an option. */
function behind(name: string): Secrecy {
  return nameShape.test(name) ? secrecyBehind(name) : 'plain';
}

/** What an object says that its value is called: `{ name: 'DB_PASSWORD', value: 'x' }`. */
function nameIn(entries: readonly [string, unknown][]): string {
  const [, name] = entries.find(([key, inner]) => saysName(key) && typeof inner === 'string') ?? [];
  return typeof name === 'string' && nameShape.test(name) ? name : '';
}

function restOf(text: string): Span[] {
  return text === '' ? [] : [{ start: 0, end: text.length, kind: 'rest', key: '' }];
}

/** Of a text under a key: all of it, where the key says so and it is one token; else what is secret in it. */
function spansOf(text: string, at: Place): Span[] {
  const bare = text.trim();
  const quoted = /^(["']).*\1$/.test(bare) && bare.length > 2 ? 1 : 0;
  const token = bare.slice(quoted, bare.length - quoted);
  if (!isHeld(token, at.secrecy) || isOwnName(at.key, token)) return spansIn(text, at);
  const start = text.indexOf(token);
  // In a list of words, its name is the option before it.
  return [{ start, end: start + token.length, kind: 'name', key: at.key.startsWith('-') ? at.key : '' }];
}

/** The object or list that a text is the JSON of; null where it is none, says something twice, or is too deep. */
function parsedBranch(text: string, levels: number): object | null {
  if (!/^\s{0,20}[{[]/.test(text) || !/[}\]]\s{0,20}$/.test(text.slice(-21))) return null;
  try {
    const value = parseExact(text);
    return isBranch(value) && repeatedKeys(value).length === 0 && !isDeeper(value, levels) ? value : null;
  } catch {
    return null;
  }
}

/**
 * An object of these. Keys that are the same when masked stay apart: `•••••• (2)`. A number is counted on from the last
 * one of its name, so that many of them take linear time.
 */
export function withNames(entries: readonly (readonly [name: string, value: unknown])[]): object {
  const named = new Map<string, unknown>();
  const numbers = new Map<string, number>();
  for (const [name, value] of entries) {
    let unique = name;
    for (let number = numbers.get(name) ?? 2; named.has(unique); number += 1) {
      unique = `${name} (${number})`;
      numbers.set(name, number + 1);
    }
    named.set(unique, value);
  }
  return Object.fromEntries(named);
}
