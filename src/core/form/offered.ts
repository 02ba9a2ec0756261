/**
 * The list among the parameters of a call from which a person picks the output. Pure. Tested in
 * test/core/form/offered.test.ts.
 */
import { MASK } from '../mask/mask.ts';
import { maskParameters } from '../mask/value.ts';
import { isBlank } from '../text/blank.ts';
import { clipEnds } from '../text/clip.ts';
import { isRecord, isScalar, toJson } from '../text/json.ts';
import { quoted } from '../text/visible/quoted.ts';
import { revealLine } from '../text/visible/reveal.ts';
import { OPTION_LABEL_MAX, type Option, type Scalar, scalarText } from './form.ts';

/** A longer list is data, and not a choice. */
export const OFFERED_MAX = 1_000;
/** Of a text in a list that no name marks as a choice, characters: longer ones are contents. */
const PLAIN_TEXT_MAX = 200;

/** A list with such a name is the choice, whatever other lists there are. */
const CHOICE_NAMES: ReadonlySet<string> = new Set(['options', 'choices', 'enum']);
/** A list with such a word in its name says what can be picked. */
const CHOICE_WORDS: ReadonlySet<string> = new Set([
  ...['option', 'options', 'choice', 'choices', 'enum', 'alternatives', 'candidates', 'slots', 'free', 'available'],
  ...['offers', 'offered', 'suggestions', 'proposals', 'variants', 'values'],
]);
/** Lists that describe the request: who gets it, and how it is sorted. */
const CONTEXT_NAMES: ReadonlySet<string> = new Set([
  ...['tags', 'labels', 'to', 'cc', 'bcc', 'recipients', 'attendees', 'participants', 'attachments'],
]);

export interface Offered {
  /** The name of the parameter. */
  name: string;
  options: Option[];
  /** How many more it has whose text holds a secret: masked, two of them could look alike. */
  masked: number;
}

interface List {
  name: string;
  items: readonly unknown[];
  /** The same, masked. */
  shown: readonly unknown[];
}

/**
 * Null where no list fits, or several do and no name tells which is meant: a menu of the wrong list would mislead.
 * A list fits where each item is a text, a number, true or false, or has one of these as `id` or `value`, with a `label`,
 * `name` or `title`.
 */
export function offeredIn(request: {
  readonly parameters: Record<string, unknown>;
  readonly hidden: readonly string[];
}): Offered | null {
  const list = theOne(listsIn(request));
  if (list === null) return null;
  const entries = list.items.map((item, at) => ({ item, shown: list.shown[at] }));
  const readable = entries.filter(({ item, shown }) => isReadable(item, shown));
  const options = distinct(readable.map(({ item, shown }) => optionOf(item, shown)));
  return options.length === 0 ? null : { name: list.name, options, masked: entries.length - readable.length };
}

function listsIn(request: Parameters<typeof offeredIn>[0]): List[] {
  const { value } = maskParameters(request);
  const masked = isRecord(value) ? value : {};
  return Object.entries(request.parameters).flatMap(([name, items]) => {
    const shown = Object.hasOwn(masked, name) ? masked[name] : null;
    const fits = Array.isArray(items) && items.length > 0 && items.length <= OFFERED_MAX && items.every(fitsOption);
    return fits && Array.isArray(shown) && shown.length === items.length ? [{ name, items, shown }] : [];
  });
}

function theOne(lists: readonly List[]): List | null {
  for (const isMeant of [isChoiceName, hasChoiceWord, mayBeChoice]) {
    const meant = lists.filter(isMeant);
    if (meant.length > 0) return meant.length === 1 ? (meant[0] ?? null) : null;
  }
  return null;
}

function isChoiceName({ name }: List): boolean {
  return CHOICE_NAMES.has(name.toLowerCase());
}

function hasChoiceWord({ name }: List): boolean {
  return wordsOf(name).some((word) => CHOICE_WORDS.has(word));
}

/** No name says so, but it can be: a single item is not a choice, and long texts are contents. */
function mayBeChoice({ name, items }: List): boolean {
  const isShort = (item: unknown) =>
    typeof item !== 'string' || (item.length <= PLAIN_TEXT_MAX && !item.includes('\n'));
  return items.length > 1 && !CONTEXT_NAMES.has(name.toLowerCase()) && items.every(isShort);
}

/** `freeSlots` and `free_slots` are *free* and *slots*. */
function wordsOf(name: string): string[] {
  return name
    .replace(/(?<=\p{Ll})(?=\p{Lu})/gu, ' ')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u);
}

function fitsOption(item: unknown): boolean {
  return isScalar(item) || (isRecord(item) && valueKeyOf(item) !== null);
}

const VALUE_KEYS = ['id', 'value'] as const;
const LABEL_KEYS = ['label', 'name', 'title'] as const;

/** What has no `id` or `value` is known by its label. */
function valueKeyOf(item: Record<string, unknown>): string | null {
  const has = (key: string) => Object.hasOwn(item, key) && isScalar(item[key]);
  return [...VALUE_KEYS, ...LABEL_KEYS].find(has) ?? null;
}

function labelKeyOf(item: Record<string, unknown>): string | null {
  const has = (key: string) => {
    const label = Object.hasOwn(item, key) ? item[key] : undefined;
    return isScalar(label) && !isBlank(scalarText(label));
  };
  return LABEL_KEYS.find(has) ?? null;
}

/** Whether people see by its text which one it is. What the operator's settings removed is gone: it could not be sent. */
function isReadable(item: unknown, shown: unknown): boolean {
  if (!isRecord(item)) return isUnmasked(item, shown);
  const masked = isRecord(shown) ? shown : {};
  const value = valueKeyOf(item);
  const label = labelKeyOf(item) ?? value;
  const isKept = value !== null && !String(textOf(item[value])).includes(MASK);
  return isKept && label !== null && isUnmasked(item[label], masked[label]);
}

function isUnmasked(item: unknown, shown: unknown): boolean {
  const text = textOf(item);
  // A text that is JSON was masked as what it is.
  const same = typeof item === 'string' && typeof shown === 'object' ? true : textOf(shown) === text;
  return same && !text.includes(MASK);
}

function textOf(value: unknown): string {
  return isScalar(value) ? scalarText(value) : toJson(value);
}

/** Its value beside a label that differs from it, so that a person reads what is sent. */
function optionOf(item: unknown, shown: unknown): Option {
  if (!isRecord(item)) return { value: item as Scalar, label: lineOf(item), note: '' };
  const key = valueKeyOf(item) ?? '';
  const label = labelKeyOf(item) ?? key;
  const masked = isRecord(shown) ? shown[key] : item[key];
  const [said, raw] = [lineOf(item[label]), lineOf(masked)];
  return { value: item[key] as Scalar, label: said, note: said === raw ? '' : raw };
}

/** Begins like an option of our own, which no text of others may pass for. */
const LIKE_OURS = /^\W*(?:something else|your own|other\b)/i;

function lineOf(value: unknown): string {
  const text = textOf(value);
  const line = clipEnds(revealLine(text), OPTION_LABEL_MAX);
  if (isBlank(line)) return JSON.stringify(text);
  return LIKE_OURS.test(line.normalize('NFKC')) ? quoted(line, OPTION_LABEL_MAX) : line;
}

/** Each once. Of those that would read the same, each has its value as JSON: `"1"` is a text, and `1` a number. */
function distinct(options: readonly Option[]): Option[] {
  const unique = [...new Map(options.map((one) => [JSON.stringify([one.value, one.label]), one])).values()];
  const counts = new Map<string, number>();
  const read = ({ label, note }: Option) => JSON.stringify([label, note]);
  for (const one of unique) counts.set(read(one), (counts.get(read(one)) ?? 0) + 1);
  return unique.map((one) => {
    if (counts.get(read(one)) === 1) return one;
    return { ...one, note: clipEnds(revealLine(JSON.stringify(one.value)), OPTION_LABEL_MAX) };
  });
}
