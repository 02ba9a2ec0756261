import type { Json } from '../../types.ts';

/** A check's errors, worded as Slack's: `[ERROR] must be less than 76 characters [json-pointer:/blocks/0/text/text]`. */
export class Findings {
  readonly messages: string[] = [];

  add(what: string, at: string): void {
    this.messages.push(`[ERROR] ${what} [json-pointer:${at}]`);
  }
}

/** Checks one value and adds Slack's errors for it. Rules are built from the functions below. */
export type Rule = (found: Findings, value: unknown, at: string) => void;

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Counts code points, as Slack's validator does. */
export function countCharacters(text: string): number {
  return [...text].length;
}

export function string(max = Number.POSITIVE_INFINITY, min = 0): Rule {
  return (found, value, at) => {
    if (typeof value !== 'string') {
      found.add('must provide a string', at);
      return;
    }
    const length = countCharacters(value);
    if (length < min) found.add(`must be more than ${min - 1} characters`, at);
    if (length > max) found.add(`must be less than ${max + 1} characters`, at);
  };
}

export function integer(min: number, max: number): Rule {
  return (found, value, at) => {
    if (!Number.isInteger(value)) found.add('must provide an integer', at);
    else if (Number(value) < min) found.add(`must be more than ${min - 1}`, at);
    else if (Number(value) > max) found.add(`must be less than ${max + 1}`, at);
  };
}

export const boolean: Rule = (found, value, at) => {
  if (typeof value !== 'boolean') found.add('must provide a boolean', at);
};

export function oneOf(...allowed: (string | number)[]): Rule {
  return (found, value, at) => {
    if (typeof value === 'string' || typeof value === 'number') {
      if (!allowed.includes(value)) found.add('must be a valid enum value', at);
    } else {
      found.add(`must provide ${typeof allowed[0] === 'number' ? 'an integer' : 'a string'}`, at);
    }
  };
}

export function list(item: Rule, min = 0, max = Number.POSITIVE_INFINITY): Rule {
  return (found, value, at) => {
    if (!Array.isArray(value)) {
      found.add('must provide an array', at);
      return;
    }
    if (value.length < min) found.add(`must provide at least ${min} items`, at);
    if (value.length > max) found.add(`no more than ${max} items allowed`, at);
    for (const [index, entry] of value.entries()) item(found, entry, `${at}/${index}`);
  };
}

/** An object with exactly these fields: Slack refuses every other property. */
export function object(required: Record<string, Rule>, optional: Record<string, Rule> = {}): Rule {
  const rules = new Map([...Object.entries(required), ...Object.entries(optional)]);
  return (found, value, at) => {
    if (!isObject(value)) {
      found.add('must provide an object', at);
      return;
    }
    for (const key of Object.keys(required)) {
      if (!Object.hasOwn(value, key)) found.add(`missing required field: ${key}`, at);
    }
    for (const [key, field] of Object.entries(value)) {
      const rule = rules.get(key);
      if (rule === undefined) found.add(`invalid additional property: ${key}`, at);
      else rule(found, field, `${at}/${key}`);
    }
  };
}

/** An object whose `type` selects the rule for its other fields. */
export function byType(rules: Record<string, Rule>): Rule {
  const known = new Map(Object.entries(rules));
  return (found, value, at) => {
    if (!isObject(value)) {
      found.add('must provide an object', at);
      return;
    }
    const { type, ...rest } = value;
    if (type === undefined) {
      found.add('missing required field: type', at);
      return;
    }
    const rule = known.get(String(type));
    if (rule === undefined) found.add(`unsupported type: ${String(type)}`, `${at}/type`);
    else rule(found, rest, at);
  };
}

/** Applies the second rule only if the first finds no error. */
export function andThen(first: Rule, second: Rule): Rule {
  return (found, value, at) => {
    const before = found.messages.length;
    first(found, value, at);
    if (found.messages.length === before) second(found, value, at);
  };
}
