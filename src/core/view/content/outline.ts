/**
 * Parameters where there is not room for all of them: the values that matter most come first, each on its own line, and
 * it is counted what is left out. Pure. Tested in test/core/view/content/outline.test.ts.
 */
import { wordsOf } from '../../mask/names.ts';
import { type Clipped, clip, clipEnds } from '../../text/clip.ts';
import { isBranch, isRecord } from '../../text/json.ts';
import { thousands } from '../../text/numbers.ts';
import { jsonText, parametersLine, parametersText, plainText } from '../../text/parameters.ts';
import { reveal, revealLine } from '../../text/visible/reveal.ts';
import type { Room } from './room.ts';

/** Of a name, characters. */
const NAME_MAX = 60;
/** Of one value among many, characters: head and tail of what is longer. Few values share the room. */
const VALUE_MAX = 240;
const FEW = 8;
/** Of a list, so many items from its head; its last one is shown, too. */
const HEAD_ITEMS = 2;
/** Room for the line that says what is left out. */
const REST_MAX = 60;
/** What `clipEnds` puts in place of what it cuts. */
const CUT = ' … ';
/** Ranks by which a list comes after single values. */
const LISTS_LATER = 4;
const CHANGED = ' ← changed';
const BETWEEN = ' · ';

/**
 * On several lines. Where all of it fits, it is shown as it came.
 * @param value masked
 * @param changed returns the paths, as JSON, whose values are not what they first were; called where not all of it fits
 */
export function fitParameters(value: unknown, room: Room, changed = (): ReadonlySet<string> => new Set()): Clipped {
  const { max, maxLines = Number.POSITIVE_INFINITY } = room;
  const whole = isFarLonger(value, max) ? null : reveal(parametersText(value));
  if (whole !== null && whole.length <= max && whole.split('\n').length <= maxLines) return { text: whole, hidden: 0 };
  return fitRows(rowsOf(value, changed(), max), { max, maxLines }, '\n');
}

/** On one line: nested values by their paths, which say more in less room than JSON. */
export function parametersBrief(value: unknown, max: number): Clipped {
  const rows = rowsOf(value, new Set(), max);
  const isNested = rows.every(({ cut }) => cut === 0) && isRecord(value) && Object.values(value).some(isBranch);
  if (isFarLonger(value, max)) return fitRows(rows, { max }, BETWEEN);
  const whole = isNested ? rows.map(lineOf).join(BETWEEN) : revealLine(parametersLine(value));
  return whole.length <= max ? { text: whole, hidden: 0 } : fitRows(rows, { max }, BETWEEN);
}

/** Whether its names and texts alone are more than twice as long: it is not written out to find that it does not fit. */
function isFarLonger(value: unknown, max: number): boolean {
  const rest = [value];
  for (let length = 0; rest.length > 0; ) {
    const item = rest.pop();
    if (typeof item === 'string') length += item.length;
    else if (Array.isArray(item)) length += item.length;
    else if (isBranch(item)) length += Object.keys(item).join('').length;
    if (length > 2 * max) return true;
    if (isBranch(item)) for (const part of Object.values(item)) rest.push(part);
  }
  return false;
}

interface Row {
  name: string;
  text: string;
  /** Characters of the value that `text` does not have. */
  cut: number;
  rank: number;
}

function lineOf({ name, text }: Row): string {
  return name === '' ? text : `${name}: ${text}`;
}

function fitRows(rows: readonly Row[], { max, maxLines = Number.POSITIVE_INFINITY }: Room, between: string): Clipped {
  const shown: string[] = [];
  let [free, left, hidden] = [max - REST_MAX, 0, 0];
  // `sort` is stable: values of one rank keep their order.
  for (const row of rows.toSorted((one, other) => one.rank - other.rank)) {
    const line = lineOf(row);
    hidden += row.cut;
    if (line.length + between.length > free || shown.length >= maxLines - 1) {
      left += 1;
      hidden += line.length;
    } else {
      shown.push(line);
      free -= line.length + between.length;
    }
  }
  const rest = `… ${thousands(left)} more ${left === 1 ? 'value' : 'values'}, ${thousands(hidden)} characters`;
  return { text: [...shown, ...(left === 0 ? [] : [rest])].join(between), hidden };
}

/** The values at the ends of all branches, in the order in which they came. */
function rowsOf(value: unknown, changed: ReadonlySet<string>, room: number): Row[] {
  const count = isRecord(value) ? Object.keys(value).length : 1;
  const share = Math.floor((room - REST_MAX) / Math.min(count, FEW)) - NAME_MAX;
  const longest = Math.max(Math.min(VALUE_MAX, Math.floor(room / 2)), share);
  const rows: Row[] = [];
  const visit = (item: unknown, path: readonly string[], name: string, isNamed: boolean): void => {
    const important = isNamed || isImportant(path.at(-1) ?? '');
    if (isRecord(item) && Object.keys(item).length > 0) {
      for (const [key, inner] of Object.entries(item))
        visit(inner, [...path, key], name === '' ? nameOf(key) : `${name}.${nameOf(key)}`, false);
      return;
    }
    const isChanged = changed.has(JSON.stringify(path));
    const rank = isChanged ? 0 : (important ? 1 : 3) + (path.length > 1 ? 1 : 0);
    const mark = isChanged ? CHANGED : '';
    if (Array.isArray(item) && item.length > HEAD_ITEMS + 1) {
      const { text, cut } = listRow(item, mark, longest);
      rows.push({ ...titled(name, cut), text, rank: isChanged ? 0 : rank + LISTS_LATER });
      return;
    }
    const text = revealLine(plainText(item));
    const short = clipEnds(text, longest);
    const cut = text.length - short.length + (short === text ? 0 : CUT.length);
    const size = cut === 0 ? '' : ` (${thousands(text.length)} characters)`;
    rows.push({ ...titled(name, cut), text: `${short}${size}${mark}`, rank });
  };
  visit(value, [], '', false);
  return rows;
}

/** A name that is cut hides something, too. */
function titled(name: string, cut: number): Pick<Row, 'name' | 'cut'> {
  return { name: clip(name, NAME_MAX), cut: cut + Math.max(0, name.length - NAME_MAX) };
}

/** `90 items: first, second … last` */
function listRow(items: readonly unknown[], mark: string, longest: number): Pick<Row, 'text' | 'cut'> {
  const part = Math.floor(longest / (HEAD_ITEMS + 1));
  const texts = [...items.slice(0, HEAD_ITEMS), items.at(-1)].map((item) => revealLine(plainText(item)));
  const shown = texts.map((text) => clipEnds(text, part));
  const whole = jsonText(items).length;
  const length = shown.reduce((sum, text) => sum + text.length, 0);
  const [last] = shown.slice(-1);
  return {
    text: `${thousands(items.length)} items: ${shown.slice(0, -1).join(', ')} … ${last}${mark}`,
    cut: Math.max(1, whole - length),
  };
}

/** A name that could pass for two of them, or for a name and its value, keeps its quotes. */
function nameOf(key: string): string {
  return /^[\p{L}\p{N}_-]+$/u.test(key) ? revealLine(key) : revealLine(JSON.stringify(key));
}

/** What a person has to see first, in the singular: an amount, a recipient, an account, a target, an environment, or how many. */
const importantWords = new Set(
  `amount sum total subtotal price cost fee value currency balance budget limit discount percent rate
  to recipient payee beneficiary receiver destination dest cc bcc email mail phone address contact customer user
  account iban bic card wallet bank sender from owner role permission scope
  target host hostname domain url uri endpoint path file folder directory resource table database db schema bucket
  repo repository branch command cmd query sql script
  env environment stage region tenant project cluster namespace production prod live
  count quantity qty number
  force dry run dryrun confirm delete destroy overwrite recursive public`.split(/\s+/),
);

function isImportant(name: string): boolean {
  return wordsOf(name).some((word) => importantWords.has(word));
}
