/**
 * Checks what was filled in against its form. Returns the answer, or what is wrong with each field.
 * Tested in test/core/form/form.test.ts and test/fuzz/views/forms.test.ts.
 */

import { isBlank } from '../text/blank.ts';
import { compareNumbers, isWhole } from '../text/exact/decimal.ts';
import { numberOf, parseExact, repeatedKeys } from '../text/exact/parse.ts';
import { numberText } from '../text/json.ts';
import { quoted } from '../text/visible/quoted.ts';
import { isDate, momentOf } from './dates.ts';
import {
  type AnswerForm,
  CONFIRM_KEY,
  type Field,
  type FieldOf,
  type Filled,
  OWN_NAME,
  optionName,
  type Scalar,
  scalarText,
  TEXT_MAX,
} from './form.ts';
import { problemWith } from './json-schema.ts';
import { branchIn, type SentAs } from './output.ts';

export type Checked =
  /** `sentAs`: how the text of an output is sent. */
  | { ok: true; text: string | null; sentAs?: SentAs }
  /** By the key of the field. */
  | { ok: false; errors: Record<string, string> };

/** `isOption`: it is the value of an option. */
type Value = { value: unknown; isOption?: boolean } | { error: string } | 'empty';

const NEEDED = 'This is needed.';
/** Of an option's label in a message. */
const NAMED_MAX = 60;

/**
 * @param text the answer as it is kept: what was written, or JSON of all values; null for nothing
 * @param keys the fields that are looked at; all, where it is left out
 */
export function checkForm(form: AnswerForm, filled: Filled, keys?: ReadonlySet<string>): Checked {
  const errors: Record<string, string> = {};
  const values: [Field, unknown][] = [];
  let isOption = false;
  for (const field of form.fields) {
    if (keys !== undefined && !keys.has(field.key)) continue;
    const read = readField(field, filled);
    const wrong = (problem: string) => {
      errors[inputOf(field, filled)] = problem;
    };
    if (read === 'empty') {
      if (field.required) wrong(NEEDED);
      continue;
    }
    const problem = 'error' in read ? read.error : form.shape === 'output' ? problemWithOutput(read) : null;
    if (problem !== null) wrong(problem);
    else if ('value' in read && field.key !== CONFIRM_KEY) {
      isOption = read.isOption === true;
      values.push([field, read.value]);
    }
  }
  if (Object.keys(errors).length > 0) return { ok: false, errors };
  if (form.shape === 'object') return { ok: true, text: JSON.stringify(nested(values)) };
  const value = values[0]?.[1];
  if (value === undefined) return { ok: true, text: null };
  if (form.shape === 'output') return outputOf(value as Scalar, isOption);
  return { ok: true, text: form.shape === 'json' ? JSON.stringify(value) : scalarText(value as Scalar) };
}

/** Where the problem with a field is shown: a choice of too many options has only the input beside it. */
function inputOf(field: Field, filled: Filled): string {
  return field.kind === 'choice' && field.other !== null && !(field.key in filled) ? field.other.key : field.key;
}

/** An option is sent as the value that it is; of what is written, only an object or a list is JSON. */
function outputOf(value: Scalar, isOption: boolean): Checked {
  const text = scalarText(value);
  if (isOption) return { ok: true, text, sentAs: typeof value === 'string' ? 'text' : 'json' };
  return { ok: true, text, sentAs: branchIn(text) === null ? 'text' : 'json' };
}

function problemWithOutput({ value, isOption }: { value: unknown; isOption?: boolean }): string | null {
  const branch = isOption === true || typeof value !== 'string' ? null : branchIn(value);
  const [repeated] = branch === null ? [] : repeatedKeys(branch);
  return repeated === undefined ? null : `${quoted(repeated, NAMED_MAX)} is given twice.`;
}

/** By their paths, one or two names deep. Built from entries, so that no name is more than a name. */
function nested(values: readonly [Field, unknown][]): Record<string, unknown> {
  const parts = new Map<string, [Field, unknown][]>();
  const entries: [string, unknown][] = [];
  for (const [field, value] of values) {
    const [first = '', ...rest] = field.path;
    if (rest.length === 0) entries.push([first, value]);
    else parts.set(first, [...(parts.get(first) ?? []), [{ ...field, path: rest }, value]]);
  }
  return Object.fromEntries([...entries, ...[...parts].map(([name, part]): [string, unknown] => [name, nested(part)])]);
}

function readField(field: Field, filled: Filled): Value {
  const raw = filled[field.key] ?? '';
  switch (field.kind) {
    case 'choice':
      return readChoice(field, raw, filled);
    case 'yes_no':
      return readYesNo(raw);
    default: {
      const written = typeof raw === 'string' ? raw : raw.join(', ');
      if (isBlank(written)) return 'empty';
      if (written.length > TEXT_MAX) return { error: `Too long: ${TEXT_MAX} characters at most.` };
      return readWritten(field, written);
    }
  }
}

function readWritten(field: Exclude<Field, { kind: 'choice' | 'yes_no' }>, written: string): Value {
  switch (field.kind) {
    case 'text':
      return readText(field, written);
    case 'number':
      return readNumber(field, written.trim());
    case 'date': {
      const day = written.trim();
      return isDate(day) ? { value: day } : { error: 'Write a date as year-month-day, like 2026-09-02.' };
    }
    case 'moment':
      return readMoment(written.trim());
    case 'json':
      return readJson(field, written);
  }
}

function readText({ format, min, max }: FieldOf<'text'>, written: string): Value {
  const text = format === null ? written : written.trim();
  if (format === 'email' && !/^[^\s@]{1,64}@[^\s@.]+(?:\.[^\s@.]+)+$/.test(text)) {
    return { error: 'Write an e-mail address, like name@example.com.' };
  }
  if (format === 'uri' && !(/^[a-z][a-z0-9+.-]*:/i.test(text) && URL.canParse(text))) {
    return { error: 'Write a whole address, like https://example.com/page.' };
  }
  const length = [...text].length;
  if (min !== null && length < min)
    return { error: `Too short: ${characters(min)} at least, and these are ${length}.` };
  if (max !== null && length > max) return { error: `Too long: ${characters(max)} at most, and these are ${length}.` };
  return { value: text };
}

function characters(count: number): string {
  return count === 1 ? '1 character' : `${count} characters`;
}

function readNumber({ integer, min, max, over, under }: FieldOf<'number'>, written: string): Value {
  const wanted = integer ? 'Write a whole number, like 12.' : 'Write a number, like 12.5.';
  if (!/^[+-]?(?:\d{1,40}(?:\.\d{1,40})?|\.\d{1,40})(?:[eE][+-]?\d{1,3})?$/.test(written)) return { error: wanted };
  if (!Number.isFinite(Number(written))) return { error: wanted };
  // As it was written, but in the grammar of JSON: no plus, no zeros in front, a digit before the point.
  const digits = written.replace(/^[+-]?0*(?=\d)|^[+-]/, '').replace(/^\./, '0.');
  const value = numberOf(written.startsWith('-') ? `-${digits}` : digits);
  if (integer && !isWhole(value)) return { error: wanted };
  if (min !== null && compareNumbers(value, min) < 0) return { error: `Too small: ${numberText(min)} or more.` };
  if (over !== null && compareNumbers(value, over) <= 0) return { error: `Too small: more than ${numberText(over)}.` };
  if (max !== null && compareNumbers(value, max) > 0) return { error: `Too large: ${numberText(max)} or less.` };
  if (under !== null && compareNumbers(value, under) >= 0)
    return { error: `Too large: less than ${numberText(under)}.` };
  return { value };
}

function readMoment(written: string): Value {
  const at = momentOf(written);
  if (at !== null) return { value: new Date(at).toISOString() };
  return { error: 'Write day and time, like 2026-09-02 14:30 (UTC) or 2026-09-02 14:30+02:00.' };
}

function readJson({ schema }: FieldOf<'json'>, written: string): Value {
  let value: unknown;
  try {
    value = parseExact(written);
  } catch {
    return { error: 'This is no JSON. Look for missing quotes, commas or brackets.' };
  }
  const [repeated] = repeatedKeys(value);
  if (repeated !== undefined) return { error: `${quoted(repeated, NAMED_MAX)} is given twice.` };
  const problem = problemWith(value, schema);
  return problem === null ? { value } : { error: problem };
}

function readYesNo(raw: string | readonly string[]): Value {
  const word = (typeof raw === 'string' ? raw : (raw[0] ?? '')).trim().toLowerCase();
  if (isBlank(word)) return 'empty';
  if (word === 'yes' || word === 'true') return { value: true };
  return word === 'no' || word === 'false' ? { value: false } : { error: 'Write yes or no.' };
}

function readChoice(field: FieldOf<'choice'>, raw: string | readonly string[], filled: Filled): Value {
  const { options, many, other, required } = field;
  const ownRaw = other === null ? '' : (filled[other.key] ?? '');
  const own = typeof ownRaw === 'string' ? ownRaw : ownRaw.join(', ');
  const names = typeof raw === 'string' ? raw : raw.filter((name) => name !== OWN_NAME);
  const chosen = typeof names === 'string' ? written(field, names) : chosenBy(field, names);
  if ('error' in chosen) return chosen;
  const picked = chosen.values;
  if (own.length > TEXT_MAX) return { error: `Too long: ${TEXT_MAX} characters at most.` };
  if (isBlank(own)) {
    if (picked.length === 0 && required && other !== null) return { error: 'Choose one, or write your own words.' };
    if (picked.length === 0 && !many) return 'empty';
    return many ? amount(field, picked) : { value: picked[0], isOption: true };
  }
  if (many) return amount(field, [...picked, own]);
  if (picked.length === 0) {
    // The words of an option are that option, also where there are too many for a menu.
    const named = other?.join === true ? undefined : find(options, own.trim(), String);
    return named === undefined ? { value: own } : { value: named.value, isOption: true };
  }
  if (other?.join !== true) return { error: 'Choose one, or write your own words: not both.' };
  const label = options.find(({ value }) => value === picked[0])?.label ?? '';
  return { value: `${label}: ${own}` };
}

function amount({ min, max, required }: FieldOf<'choice'>, values: readonly unknown[]): Value {
  if (values.length === 0) return required || (min ?? 0) > 0 ? 'empty' : { value: [] };
  if (min !== null && values.length < min) return { error: `Too few: ${min} at least.` };
  if (max !== null && values.length > max) return { error: `Too many: ${max} at most.` };
  return { value: values };
}

type Chosen = { values: Scalar[] } | { error: string };

function chosenBy({ options, many }: FieldOf<'choice'>, names: readonly string[]): Chosen {
  const values = options.filter((_, index) => names.includes(optionName(index))).map(({ value }) => value);
  const known = names.every((name) => /^\d{1,4}$/.test(name) && Number(name) < options.length);
  if (!known || (!many && values.length > 1)) return { error: 'Choose one of the options.' };
  return { values };
}

/** Where there are too many for a menu, the words of an option are written; several on lines of their own. */
function written({ options, many }: FieldOf<'choice'>, raw: string): Chosen {
  const words = (many ? raw.split('\n') : [raw]).map((line) => line.trim()).filter((line) => !isBlank(line));
  const values: Scalar[] = [];
  for (const word of words) {
    const found = find(options, word, String) ?? find(options, word.toLowerCase(), (text) => text.toLowerCase());
    if (found === undefined)
      return { error: `${quoted(word, NAMED_MAX)} is none of the options. Write one as it is listed.` };
    if (!values.includes(found.value)) values.push(found.value);
  }
  return { values };
}

function find(options: FieldOf<'choice'>['options'], word: string, as: (text: string) => string) {
  const found = options.filter(({ label, value }) => as(scalarText(value)) === word || as(label) === word);
  return found.length === 1 ? found[0] : found.find(({ value }) => as(scalarText(value)) === word);
}
