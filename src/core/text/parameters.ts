/** Parameters as a person reads them: a line a value where they are flat, JSON where they are not. */
import { joined } from './columns.ts';
import { isBranch, isRecord, isSentAsText } from './json.ts';

/** Names longer than this are not padded, so that one long name doesn't push every value aside. */
const LONGEST_PADDED_NAME = 24;
/** What is nested and no longer reads well on the line of its name. */
const LONGEST_NESTED = 44;

/** Two columns for a flat object, with text of several lines as it is; JSON for anything else, nothing for nothing. */
export function parametersText(value: unknown): string {
  if (!isRecord(value)) return jsonText(value);
  const entries = Object.entries(value);
  if (entries.length === 0) return '';
  if (!isFlat(value)) return jsonText(value);
  const lengths = entries.map(([key]) => key.length).filter((length) => length <= LONGEST_PADDED_NAME);
  const width = lengths.reduce((longest, length) => Math.max(longest, length), 0);
  return entries
    .map(([key, item]) =>
      hasLines(item) ? `${key}:\n${barred(item)}` : `${`${key}:`.padEnd(width + 1)} ${plainText(item)}`,
    )
    .join('\n');
}

/** The same on one line, for where they are only to be known again. */
export function parametersLine(value: unknown): string {
  if (!isFlat(value)) return JSON.stringify(value) ?? '';
  return Object.entries(value)
    .map(([key, item]) => `${key}: ${plainText(item)}`)
    .join(' · ');
}

/** Several of one shape, beside each other. */
export interface Columns {
  /** What all of them say, once; empty where they share nothing. */
  same: string;
  /** The names of the rest. */
  names: string[];
  /** Their values, for each in this order. */
  rows: string[][];
}

/** Null where they are not flat, or don't have the same names in the same order. */
export function parametersColumns(values: readonly unknown[]): Columns | null {
  const rows = values.map((value) => (isFlat(value) ? Object.entries(value) : []));
  const names = (rows[0] ?? []).map(([name]) => name);
  const alike = rows.every((row) => row.length === names.length && row.every(([name], at) => name === names[at]));
  if (names.length === 0 || !alike) return null;
  const column = (at: number) => rows.map((row) => plainText(row[at]?.[1]));
  const shared = names.map((_, at) => rows.length > 1 && new Set(column(at)).size === 1);
  const same = names.flatMap((name, at) => (shared[at] ? [`${name} ${plainText(rows[0]?.[at]?.[1])}`] : []));
  const kept = <T>(all: readonly T[]) => all.filter((_, at) => !shared[at]);
  // Twins differ in nothing that could be shown.
  if (same.length === names.length) return null;
  return {
    same: joined(same),
    names: kept(names),
    rows: rows.map((row) => kept(row.map(([, item]) => plainText(item)))),
  };
}

function isFlat(value: unknown): value is Record<string, unknown> {
  if (!isRecord(value)) return false;
  return Object.entries(value).every(([key, item]) => isPlain(item) && !/[\s:]/.test(key));
}

/** Letter by letter on one line; a text that could be mistaken for another type, or for two values, keeps its quotes. */
export function plainText(item: unknown): string {
  const isClear = typeof item === 'string' && !/[\r\n·←]|^$|^\s|\s$|^-?\d|^(?:true|false|null)$|^["[{]/.test(item);
  return isClear ? item : (jsonLine(item, LONGEST_NESTED) ?? JSON.stringify(item));
}

function hasLines(item: unknown): item is string {
  return typeof item === 'string' && item.includes('\n');
}

const BAR = '  │ ';

/** Each line behind a bar: none of them can pass for another parameter. A lone carriage return does not end a line. */
function barred(text: string): string {
  return `${BAR}${text.replace(/\r?\n/g, `\n${BAR}`)}`;
}

function isPlain(item: unknown): boolean {
  return (!isBranch(item) && item !== undefined) || jsonLine(item, LONGEST_NESTED) !== null;
}

/** So many characters of a code block Discord shows on a line before it breaks it; Slack shows a few more. */
const LINE = 56;
const INDENT = '  ';

/** Still JSON, letter by letter; empty for what JSON has no text for. */
export function jsonText(value: unknown): string {
  return value === undefined ? '' : written(value, '', '');
}

/** @param label the text before it on its line */
function written(value: unknown, indent: string, label: string): string {
  const line = jsonLine(value, LINE - indent.length - label.length);
  if (line !== null) return label + line;
  if (!isBranch(value)) return label + scalar(value);
  const inner = indent + INDENT;
  const [open, close, items] = Array.isArray(value)
    ? ['[', ']', value.map((item) => written(item, inner, ''))]
    : ['{', '}', entriesOf(value).map(([key, item]) => written(item, inner, `${JSON.stringify(key)}: `))];
  return `${label}${open}\n${items.map((item) => inner + item).join(',\n')}\n${indent}${close}${noteOf(value)}`;
}

/** Of what came as a text with its JSON: its tool receives a text. Within JSON no value can say the same of itself. */
function noteOf(value: object): string {
  return isSentAsText(value) ? ' (sent as text)' : '';
}

/**
 * The same on one line. Null as soon as it is longer than the room, so that no value is walked once for each that it lies in.
 * @param room characters
 */
function jsonLine(value: unknown, room: number): string | null {
  if (!isBranch(value)) {
    if (typeof value === 'string' && value.length > room) return null;
    const text = scalar(value);
    return text.length <= room ? text : null;
  }
  const isList = Array.isArray(value);
  const note = noteOf(value);
  // Each item has a character, and a key its quotes, too; a level has its brackets.
  if ((isList ? value.length : Object.keys(value).length) > room || room < 2) return null;
  const items: [string, unknown][] = isList ? value.map((item) => ['', item]) : entriesOf(value);
  if (items.length === 0) return (isList ? '[]' : '{}') + note;
  const [open, close] = isList ? ['[', `]${note}`] : ['{ ', ` }${note}`];
  let text = open;
  for (const [index, [key, item]] of items.entries()) {
    const before = `${index === 0 ? '' : ', '}${isList ? '' : `${JSON.stringify(key)}: `}`;
    const part = jsonLine(item, room - text.length - before.length - close.length);
    if (part === null) return null;
    text += before + part;
  }
  return text + close;
}

function scalar(value: unknown): string {
  return JSON.stringify(value) ?? 'null';
}

function entriesOf(value: object): [string, unknown][] {
  return Object.entries(value).filter(([, item]) => item !== undefined);
}
