/**
 * Answers written as JSON, held against a schema from outside.
 * Tested in test/core/form/form.test.ts and test/fuzz/views/forms.test.ts.
 */

import { z } from 'zod';
import { clip } from '../text/clip.ts';
import { compareNumbers } from '../text/exact/decimal.ts';
import { isRawNumber, isRecord, numberText } from '../text/json.ts';
import { quoted } from '../text/visible/quoted.ts';
import { revealLine } from '../text/visible/reveal.ts';

/** Longer or deeper values are not checked here: the party that asked checks them. */
const SCHEMA_JSON_MAX = 12_000;
const SCHEMA_DEEPEST = 12;
/** Of what is wrong, in one message. */
const PROBLEMS_MAX = 3;
const NAME_MAX = 80;
const VALUES_MAX = 120;

const numeric = ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'];
const sizes = ['minLength', 'maxLength', 'minItems', 'maxItems', 'minProperties', 'maxProperties'];
const branches = ['anyOf', 'oneOf', 'allOf'] as const;
const formats = new Set(['email', 'uri', 'date', 'date-time', 'time', 'uuid', 'ipv4', 'ipv6']);

/**
 * The part of a schema that is safe to run, or null. Patterns are left out: a regular expression from outside can take
 * for ever. So are references, for by them a few lines can ask for more work than there is time.
 */
export function safeSchema(schema: unknown): Record<string, unknown> | null {
  try {
    const safe = reduce(schema, SCHEMA_DEEPEST);
    return isRecord(safe) && Object.keys(safe).length > 0 && JSON.stringify(safe).length <= SCHEMA_JSON_MAX
      ? safe
      : null;
  } catch {
    return null;
  }
}

function reduce(schema: unknown, depth: number): unknown {
  if (typeof schema === 'boolean') return schema;
  if (!isRecord(schema) || depth === 0) return {};
  const kept: Record<string, unknown> = {};
  const { type, properties, required, items, additionalProperties, format } = schema;
  if (typeof type === 'string' || Array.isArray(type)) kept['type'] = type;
  for (const key of [...numeric, ...sizes]) {
    const number = doubleOf(schema[key]);
    if (typeof number === 'number' && !(key === 'multipleOf' && number <= 0)) kept[key] = number;
  }
  // Objects and lists as allowed values are not compared here: the party that asked checks them.
  const { enum: allowed } = schema;
  const values = Array.isArray(allowed) ? allowed.map(doubleOf) : [];
  if (values.length > 0 && values.every(isScalar)) kept['enum'] = values;
  const only = doubleOf(schema['const']);
  if ('const' in schema && isScalar(only)) kept['const'] = only;
  if (typeof format === 'string' && formats.has(format)) kept['format'] = format;
  if (isRecord(properties)) {
    kept['properties'] = Object.fromEntries(
      Object.entries(properties).map(([name, inner]) => [name, reduce(inner, depth - 1)]),
    );
  }
  if (Array.isArray(required)) kept['required'] = required.filter((name) => typeof name === 'string');
  // Names that a pattern would have allowed are not refused for want of it.
  if (additionalProperties !== undefined && !('patternProperties' in schema)) {
    kept['additionalProperties'] = reduce(additionalProperties, depth - 1);
  }
  if (isRecord(items) || typeof items === 'boolean') kept['items'] = reduce(items, depth - 1);
  for (const key of branches) {
    const inner = schema[key];
    // A branch that was made laxer could match beside the one that was meant.
    if (Array.isArray(inner) && inner.length > 0)
      kept[key === 'oneOf' ? 'anyOf' : key] = inner.map((one) => reduce(one, depth - 1));
  }
  return kept;
}

/** @returns what is wrong with an answer, in words; null for nothing */
export function problemWith(answer: unknown, schema: Record<string, unknown> | null): string | null {
  if (schema === null) return null;
  try {
    const { value, unchecked } = toCheck(answer);
    // A registry of its own: what a schema says of itself must not outlive it.
    const result = z.fromJSONSchema(schema, { registry: z.registry() }).safeParse(value, { reportInput: true });
    const issues = (result.error?.issues ?? []).filter(
      (issue) => !isNumeric(issue) || !unchecked.has(JSON.stringify(issue.path)),
    );
    return issues.length === 0 ? null : issues.slice(0, PROBLEMS_MAX).map(wordsOf).join(' ');
  } catch {
    // A schema that makes no sense asks for nothing.
    return null;
  }
}

/** A number as a double where it is one exactly; any other value as it is. */
function doubleOf(value: unknown): unknown {
  if (!isRawNumber(value)) return value;
  const double = Number(numberText(value));
  return Number.isFinite(double) && compareNumbers(value, double) === 0 ? double : value;
}

/** The answer with doubles for its numbers. Those that no double holds are left to the party that asked. */
function toCheck(answer: unknown): { value: unknown; unchecked: ReadonlySet<string> } {
  const unchecked = new Set<string>();
  const visit = (value: unknown, path: readonly (string | number)[]): unknown => {
    if (isRawNumber(value)) {
      const double = doubleOf(value);
      if (typeof double !== 'number') unchecked.add(JSON.stringify(path));
      return Number(numberText(value));
    }
    if (Array.isArray(value)) return value.map((item, index) => visit(item, [...path, index]));
    if (!isRecord(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, visit(item, [...path, key])]));
  };
  return { value: visit(answer, []), unchecked };
}

/** Whether it is about the value of a number, not about its type. */
function isNumeric(issue: z.core.$ZodIssue): boolean {
  return issue.code === 'invalid_type'
    ? issue.expected === 'number' || issue.expected === 'int'
    : ['too_big', 'too_small', 'not_multiple_of'].includes(issue.code);
}

const typeWords: Record<string, string> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'an object',
  array: 'a list',
  null: 'null',
};

function wordsOf(issue: z.core.$ZodIssue): string {
  const where = issue.path.length === 0 ? 'The answer' : quoted(issue.path.map(String).join('.'), NAME_MAX);
  const missing = issue.input === undefined && issue.code === 'invalid_type' && issue.path.length > 0;
  if (issue.code === 'invalid_type') {
    const wanted = typeWords[issue.expected] ?? issue.expected;
    return missing ? `${where} is missing, ${wanted}.` : `${where} must be ${wanted}.`;
  }
  if (issue.code === 'invalid_value') {
    return `${where} must be one of: ${clip(revealLine(issue.values.map((value) => String(value)).join(', ')), VALUES_MAX)}.`;
  }
  if (issue.code === 'unrecognized_keys') {
    return `${where} has what nobody asked for: ${clip(revealLine(issue.keys.join(', ')), VALUES_MAX)}.`;
  }
  if (issue.code === 'invalid_union') return `${where} is none of what is asked for.`;
  const words = clip(revealLine(issue.message), VALUES_MAX).replace(/^Invalid input: /, '');
  return `${where}: ${words}.`;
}

/** What can be compared here: a number only where a double holds it. */
function isScalar(value: unknown): boolean {
  return value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}
