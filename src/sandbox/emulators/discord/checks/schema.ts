import type { SpecIssue, SpecSchema } from 'discord-api-spec/zod';
import type { FormError } from '../rest/refusal.ts';
import { isJson } from '../wire/json.ts';

/**
 * Checks a body against Discord's published schema and reports errors as Discord does. A property that the schema
 * does not know is an error, too: Discord ignores it silently, so a typo would go unnoticed.
 */
export function checkSchema(schema: SpecSchema, body: unknown): FormError[] {
  const result = schema.safeParse(body);
  if (result.success) return unknownProperties(body, result.data, []);
  return result.error.issues.flatMap((issue) => toFormErrors(issue, body, []));
}

/** The parsed result omits properties that the schema does not know. */
function unknownProperties(given: unknown, known: unknown, path: PropertyKey[]): FormError[] {
  if (Array.isArray(given) && Array.isArray(known)) {
    return given.flatMap((item, index) => unknownProperties(item, known[index], [...path, index]));
  }
  if (!isJson(given) || !isJson(known)) return [];
  return Object.entries(given).flatMap(([key, value]) =>
    key in known
      ? unknownProperties(value, known[key], [...path, key])
      : [{ path: [...path, key], code: 'UNKNOWN_PROPERTY', message: 'Discord does not know this field' }],
  );
}

function toFormErrors(issue: SpecIssue, body: unknown, base: readonly PropertyKey[]): FormError[] {
  const path = [...base, ...issue.path];
  const value = path.reduce<unknown>((at, step) => (at as Record<PropertyKey, unknown> | null)?.[step], body);
  if (issue.code === 'invalid_union') return unionErrors(issue, value, body, path);
  if (issue.code === 'invalid_value' && path.at(-1) === 'type' && path.includes('components')) {
    return [wrongComponent(path.slice(0, -1), issue.values ?? [])];
  }
  return [{ path, ...nameIssue(issue, value) }];
}

function wrongComponent(path: readonly PropertyKey[], types: readonly unknown[]): FormError {
  const message = `Value of field "type" must be one of (${types.join(', ')}).`;
  return { path, code: 'UNION_TYPE_CHOICES', message };
}

/** A union of components is discriminated by `type`; only the errors of the matching member are reported. */
function unionErrors(issue: SpecIssue, value: unknown, body: unknown, path: PropertyKey[]): FormError[] {
  const members = issue.errors ?? [];
  const meant = members.find((issues) => !issues.some((inner) => inner.path.length === 0 || inner.path[0] === 'type'));
  if (meant) return meant.flatMap((inner) => toFormErrors(inner, body, path));
  const types = members.flatMap((issues) => issues.find((inner) => inner.path[0] === 'type')?.values ?? []);
  if (isJson(value) && types.length > 0) return [wrongComponent(path, types)];
  const first = members[0]?.[0];
  return [{ path, ...(first ? nameIssue(first, value) : invalid(issue.message)) }];
}

type Named = Omit<FormError, 'path'>;

const required: Named = { code: 'BASE_TYPE_REQUIRED', message: 'This field is required' };

const invalid = (message: string): Named => ({ code: 'BASE_TYPE_INVALID', message });

function nameIssue(issue: SpecIssue, value: unknown): Named {
  switch (issue.code) {
    case 'invalid_type':
      return value === undefined || value === null ? required : wrongType(issue.expected ?? '', value);
    case 'too_big':
      return issue.origin === 'string' || issue.origin === 'array'
        ? { code: 'BASE_TYPE_MAX_LENGTH', message: `Must be ${issue.maximum} or fewer in length.` }
        : { code: 'NUMBER_TYPE_MAX', message: `int value should be less than or equal to ${issue.maximum}.` };
    case 'too_small':
      if (value === '') return required;
      return issue.origin === 'string' || issue.origin === 'array'
        ? { code: 'BASE_TYPE_MIN_LENGTH', message: `Must be ${issue.minimum} or more in length.` }
        : { code: 'NUMBER_TYPE_MIN', message: `int value should be greater than or equal to ${issue.minimum}.` };
    case 'invalid_value':
      if (value === undefined) return required;
      return { code: 'BASE_TYPE_CHOICES', message: `Value must be one of (${(issue.values ?? []).join(', ')}).` };
    case 'invalid_format':
      return wrongFormat(issue.format ?? '', value);
    default:
      return invalid(issue.message);
  }
}

function wrongType(expected: string, value: unknown): Named {
  const shown = JSON.stringify(value);
  switch (expected) {
    case 'string':
      return { code: 'STRING_TYPE_CONVERT', message: `Could not interpret ${shown} as string.` };
    case 'array':
      return { code: 'LIST_TYPE_CONVERT', message: 'Only iterables may be used in a ListType' };
    case 'object':
      return { code: 'DICT_TYPE_CONVERT', message: 'Only dictionaries may be used in a DictType' };
    case 'boolean':
      return { code: 'BOOLEAN_TYPE_CONVERT', message: 'Must be either true or false.' };
    default:
      return { code: 'NUMBER_TYPE_COERCE', message: `Value ${shown} is not int.` };
  }
}

function wrongFormat(format: string, value: unknown): Named {
  if (format === 'url') return { code: 'URL_TYPE_INVALID_URL', message: 'Not a well formed URL.' };
  if (format === 'datetime') {
    return { code: 'DATE_TIME_TYPE_PARSE', message: `Could not parse ${String(value)}. Should be ISO8601.` };
  }
  return { code: 'NUMBER_TYPE_COERCE', message: `Value ${JSON.stringify(value)} is not snowflake.` };
}
