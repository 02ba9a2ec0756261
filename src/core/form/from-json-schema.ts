/**
 * A form from a flat JSON Schema, as MCP's elicitation asks with: texts (also e-mail, URI, date, date-time), numbers, yes
 * or no, one of several, several of several. What a form can't carry becomes one field for JSON. Nothing in here throws:
 * schemas come from agents and from unknown servers.
 * Tested in test/core/form/form.test.ts and test/fuzz/views/forms.test.ts.
 */

import { maskText } from '../mask/text.ts';
import { clip } from '../text/clip.ts';
import { compareNumbers } from '../text/exact/decimal.ts';
import { numberIn } from '../text/exact/fields.ts';
import { humanise } from '../text/humanise.ts';
import { isNumber, isRecord, isScalar } from '../text/json.ts';
import { reveal, revealLine } from '../text/visible/reveal.ts';
import { isDate, momentOf } from './dates.ts';
import {
  type AnswerForm,
  FIELDS_MAX,
  type Field,
  FORM_JSON_MAX,
  HINT_MAX,
  LABEL_MAX,
  OPTION_LABEL_MAX,
  OPTIONS_MAX,
  type Option,
  type Scalar,
  scalarText,
  TEXT_MAX,
} from './form.ts';
import { safeSchema } from './json-schema.ts';

/** Longer texts get an input of several lines. */
const ONE_LINE_MAX = 200;
const NAME_MAX = 200;
const VALUE_MAX = 500;

type Schema = Record<string, unknown>;

/** @returns no fields where the schema asks for none: then there is nothing but yes and no */
export function formFromSchema(schema: unknown): AnswerForm {
  try {
    const fields = fieldsOf(schema);
    const form: AnswerForm | null = fields === null ? null : { shape: 'object', fields };
    return form !== null && JSON.stringify(form).length <= FORM_JSON_MAX ? form : jsonForm(schema);
  } catch {
    return jsonForm(null);
  }
}

/** One field for an answer as JSON. */
export function jsonForm(schema: unknown): AnswerForm {
  const field = { kind: 'json', key: 'json', path: [], label: 'Your answer, as JSON', required: true } as const;
  const hint = 'A JSON object, like {"name": "value"}.';
  return { shape: 'json', fields: [{ ...field, path: [], hint, schema: safeSchema(schema) ?? { type: 'object' } }] };
}

/** Null where it is not a flat object. */
export function fieldsOf(schema: unknown): Field[] | null {
  if (!isRecord(schema) || (schema['type'] !== undefined && schema['type'] !== 'object')) return null;
  if (['$ref', 'allOf', 'anyOf', 'oneOf', 'not', 'if', 'patternProperties'].some((key) => key in schema)) return null;
  const { properties = {}, required } = schema;
  if (!isRecord(properties)) return null;
  const entries = Object.entries(properties);
  const needed = new Set(Array.isArray(required) ? required : []);
  const unknown = [...needed].some((name) => typeof name !== 'string' || !Object.hasOwn(properties, name));
  if (entries.length > FIELDS_MAX || unknown) return null;
  const fields = entries.map(([name, property], index) => fieldOf(name, property, index, needed.has(name)));
  return fields.every((field) => field !== null) ? fields : null;
}

function fieldOf(name: string, property: unknown, index: number, required: boolean): Field | null {
  if (!isRecord(property) || name.length > NAME_MAX) return null;
  if (['$ref', 'allOf', 'not', 'if', 'properties', 'prefixItems'].some((key) => key in property)) return null;
  const title = typeof property['title'] === 'string' ? fit(property['title'], LABEL_MAX) : '';
  const about = {
    key: `f${index}`,
    path: [name],
    label:
      title || (/[\p{L}\p{N}]/u.test(name) ? clip(humanise(maskText(name).value), LABEL_MAX) : `Field ${index + 1}`),
    hint: typeof property['description'] === 'string' ? fit(property['description'], HINT_MAX) : '',
    required,
  };
  const options = optionsOf(property);
  if (options === 'unfit') return null;
  if (options !== null) return choice(about, options, property, false);
  switch (typeOf(property)) {
    case 'string':
      return text(about, property);
    case 'number':
    case 'integer':
      return number(about, property);
    case 'boolean':
      return {
        kind: 'yes_no',
        ...about,
        initial: typeof property['default'] === 'boolean' ? property['default'] : null,
      };
    case 'array': {
      const { items } = property;
      const several = isRecord(items) ? optionsOf(items) : null;
      return several === null || several === 'unfit' ? null : choice(about, several, property, true);
    }
    default:
      return null;
  }
}

type About = Pick<Field, 'key' | 'path' | 'label' | 'hint' | 'required'>;

function text(about: About, property: Schema): Field | null {
  const { format, pattern, default: given } = property;
  const initial = typeof given === 'string' && isPlain(given, TEXT_MAX) ? given : null;
  if (format === 'date')
    return { kind: 'date', ...about, initial: initial !== null && isDate(initial) ? initial : null };
  if (format === 'date-time')
    return { kind: 'moment', ...about, initial: initial !== null && momentOf(initial) !== null ? initial : null };
  const max = count(property['maxLength']);
  const min = count(property['minLength']);
  const long = format === undefined && (max === null ? (initial?.length ?? 0) > ONE_LINE_MAX : max > ONE_LINE_MAX);
  const known = format === 'email' || format === 'uri' ? format : null;
  // Only displayed, and checked by the party that asked: a foreign pattern could run forever.
  const shape = typeof pattern === 'string' ? ` Must match the pattern ${fit(pattern, 100)}` : '';
  // A length that can't be shown here is checked by the party that asked, too.
  const least = min !== null && min <= TEXT_MAX ? min : null;
  const hint = `${about.hint}${shape}`.trim();
  return { kind: 'text', ...about, hint: clip(hint, HINT_MAX), long, format: known, min: least, max, initial };
}

function number(about: About, property: Schema): Field {
  const bound = (key: string) => (isNumber(property[key]) ? property[key] : null);
  const { default: given } = property;
  return {
    kind: 'number',
    ...about,
    integer: typeOf(property) === 'integer',
    min: bound('minimum'),
    max: bound('maximum'),
    over: bound('exclusiveMinimum'),
    under: bound('exclusiveMaximum'),
    initial: isNumber(given) ? given : null,
  };
}

function choice(about: About, options: Option[], property: Schema, many: boolean): Field {
  const { default: given } = property;
  const wanted = many ? (Array.isArray(given) ? given : []) : [given];
  const initial = options.flatMap(({ value }, index) => (wanted.some((one) => isSame(one, value)) ? [index] : []));
  const [min, max] = many ? [count(property['minItems']), count(property['maxItems'])] : [null, null];
  // None of several is an answer, too, where no least number is asked for.
  const required = about.required && (!many || (min ?? 0) > 0);
  return { kind: 'choice', ...about, required, many, options, min, max, other: null, initial };
}

/** Null where the schema offers no choice; `unfit` where it offers one that no form can show. */
function optionsOf(schema: Schema): Option[] | null | 'unfit' {
  const { enum: values, enumNames } = schema;
  const branches = schema['oneOf'] ?? schema['anyOf'];
  const pairs = Array.isArray(values)
    ? values.map((value, index) => [value, Array.isArray(enumNames) ? enumNames[index] : undefined])
    : Array.isArray(branches)
      ? branches.map((branch) => (isRecord(branch) ? [branch['const'], branch['title']] : [undefined]))
      : 'const' in schema
        ? [[schema['const'], schema['title']]]
        : null;
  if (pairs === null) return null;
  const fitting = pairs.every(([value]) => isValue(value) && scalarText(value).length <= VALUE_MAX);
  const distinct = new Set(pairs.map(([value]) => JSON.stringify(value))).size === pairs.length;
  if (!fitting || !distinct || pairs.length === 0 || pairs.length > OPTIONS_MAX) return 'unfit';
  return pairs.map(([value, title]) => optionOf(value as Scalar, title));
}

/** With the value beside a title that differs from it, so that a person reads what is sent. */
export function optionOf(value: Scalar, title: unknown): Option {
  const raw = fit(scalarText(value), OPTION_LABEL_MAX) || JSON.stringify(value);
  const label = typeof title === 'string' ? fit(title, OPTION_LABEL_MAX) : '';
  return { value, label: label || raw, note: label === '' || label === raw ? '' : raw };
}

/** Fit to be shown: masked, visible, on one line. */
export function fit(words: string, max: number): string {
  return clip(revealLine(maskText(words).value), max);
}

/** `['string', 'null']` is a text that may be left out. */
function typeOf({ type }: Schema): unknown {
  if (!Array.isArray(type)) return type;
  const others = type.filter((one) => one !== 'null');
  return others.length === 1 ? others[0] : undefined;
}

function isValue(value: unknown): value is Scalar {
  return value === null || isScalar(value);
}

/** As a default is one of the options: `1.0` is `1`. */
function isSame(one: unknown, other: Scalar): boolean {
  return one === other || (isNumber(one) && isNumber(other) && compareNumbers(one, other) === 0);
}

function count(value: unknown): number | null {
  const number = numberIn(value);
  return number !== null && Number.isInteger(number) && number >= 0 ? number : null;
}

/** The content of an input is sent unchanged, so it must not hide anything. */
function isPlain(value: string, max: number): boolean {
  return value.length <= max && value !== '' && reveal(value) === value && maskText(value).masks.length === 0;
}
