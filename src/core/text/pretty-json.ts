/** JSON as a person reads it: what fits on a line stands on one. */

/** So many characters of a code block Discord shows on a line before it breaks it; Slack shows a few more. */
const LINE = 56;
const INDENT = '  ';

/** Still JSON, letter by letter; empty for what JSON has no text for. */
export function jsonText(value: unknown): string {
  return value === undefined ? '' : written(value, '', '');
}

/** @param label what stands before it on its line */
function written(value: unknown, indent: string, label: string): string {
  const line = jsonLine(value, LINE - indent.length - label.length);
  if (line !== null) return label + line;
  if (typeof value !== 'object' || value === null) return label + scalar(value);
  const inner = indent + INDENT;
  const [open, close, items] = Array.isArray(value)
    ? ['[', ']', value.map((item) => written(item, inner, ''))]
    : ['{', '}', entriesOf(value).map(([key, item]) => written(item, inner, `${JSON.stringify(key)}: `))];
  return `${label}${open}\n${items.map((item) => inner + item).join(',\n')}\n${indent}${close}`;
}

/**
 * The same on one line. Null as soon as it is longer than the room, so that no value is walked once for each that it lies in.
 * @param room characters
 */
export function jsonLine(value: unknown, room: number): string | null {
  if (typeof value !== 'object' || value === null) {
    if (typeof value === 'string' && value.length > room) return null;
    const text = scalar(value);
    return text.length <= room ? text : null;
  }
  const isList = Array.isArray(value);
  if (isList && value.length > room) return null;
  const items: [string, unknown][] = isList ? value.map((item) => ['', item]) : entriesOf(value);
  if (items.length === 0) return isList ? '[]' : '{}';
  const [open, close] = isList ? ['[', ']'] : ['{ ', ' }'];
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
