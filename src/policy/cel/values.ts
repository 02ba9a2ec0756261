/**
 * What an expression calculates with. Objects and lists of a request stay as they are; their leaves are read when needed.
 * Tested in test/policy/cel/compile.test.ts.
 */
import { isRawNumber } from '../../core/text/json.ts';
import { compare, type Decimal, decimalFrom, decimalOf } from './decimal.ts';

/** A point in time, ms since 1970. */
export class Instant {
  readonly ms: number;
  constructor(ms: number) {
    this.ms = ms;
  }
}

/** A length of time, ms. */
export class Span {
  readonly ms: number;
  constructor(ms: number) {
    this.ms = ms;
  }
}

export class Num {
  readonly decimal: Decimal;
  constructor(decimal: Decimal) {
    this.decimal = decimal;
  }
  static of(value: bigint | number): Num {
    return new Num(decimalFrom(value));
  }
}

/** Made of the facts: null, texts, booleans, lists, objects; numbers as `Num`. */
export type Value =
  | null
  | boolean
  | string
  | Num
  | Instant
  | Span
  | readonly unknown[]
  | Readonly<Record<string, unknown>>;

/** The request does not have a field that the expression names. */
export class MissingError extends Error {
  override readonly name = 'MissingError';
}

/** The expression can't be evaluated; the message is for people. */
export class FailedError extends Error {
  override readonly name = 'FailedError';
}

/** A part of a request, as a value. @throws InexactError, FailedError */
export function valueIn(part: unknown): Value {
  if (part === null || typeof part === 'string' || typeof part === 'boolean') return part;
  if (typeof part === 'number') {
    if (!Number.isFinite(part)) throw new FailedError('a number is not finite');
    return new Num(decimalOf(String(part)));
  }
  if (isRawNumber(part)) return new Num(decimalOf(part.rawJSON));
  if (typeof part === 'object') return part as Value;
  throw new FailedError('a value is of an unknown kind');
}

export function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Num || value instanceof Instant || value instanceof Span)
  );
}

/** For messages: `text`, `number`, `list`. */
export function kindOf(value: Value): string {
  if (value === null) return 'null';
  if (typeof value === 'string') return 'text';
  if (typeof value === 'boolean') return 'true or false';
  if (value instanceof Num) return 'number';
  if (value instanceof Instant) return 'time';
  if (value instanceof Span) return 'duration';
  return isList(value) ? 'list' : 'object';
}

/**
 * As in CEL: values of different kinds are not equal; numbers are compared by their value.
 * @param spend is called with how much has been compared
 */
export function areEqual(one: Value, other: Value, spend: (steps: number) => void): boolean {
  spend(1);
  if (one instanceof Num && other instanceof Num) return compare(one.decimal, other.decimal) === 0;
  if (one instanceof Instant && other instanceof Instant) return one.ms === other.ms;
  if (one instanceof Span && other instanceof Span) return one.ms === other.ms;
  if (typeof one === 'string' && typeof other === 'string') {
    if (one.length === other.length) spend(Math.ceil(one.length / 100));
    return one === other;
  }
  if (isList(one) && isList(other)) {
    if (one.length !== other.length) return false;
    return one.every((item, at) => areEqual(valueIn(item), valueIn(other[at]), spend));
  }
  if (isObject(one) && isObject(other)) {
    const keys = Object.keys(one);
    spend(keys.length);
    if (keys.length !== Object.keys(other).length) return false;
    return keys.every((key) => Object.hasOwn(other, key) && areEqual(valueIn(one[key]), valueIn(other[key]), spend));
  }
  return one === other;
}
