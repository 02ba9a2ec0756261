import { shallow } from './parameters.ts';

/** Where a number could come out other than it was written: too many digits for a double, or an exponent. */
const risky = /\d{16}|\d[eE]/;

/**
 * Parses JSON so that what a person is shown are the digits that were sent: a number that a double can't hold exactly
 * comes out as the text it was written in. `1234567890123456789` would otherwise be shown as `1234567890123456800`.
 * @throws SyntaxError
 */
export function parseExact(text: string): unknown {
  if (!risky.test(text)) return JSON.parse(text);
  return JSON.parse(text, (_key: string, value: unknown, context?: { source?: string }) => {
    if (typeof value !== 'number' || context?.source === undefined) return value;
    const exact = Number.isInteger(value) ? Number.isSafeInteger(value) : significant(context.source) <= 15;
    return exact && Number.isFinite(value) ? value : context.source;
  });
}

function significant(source: string): number {
  return source
    .replace(/[eE].*$/, '')
    .replace(/\D/g, '')
    .replace(/^0+/, '').length;
}

/** The JSON of anything that was parsed, however deep it is nested; what is too deep to be walked is cut off. */
export function toJson(value: unknown): string {
  try {
    return JSON.stringify(value) ?? 'null';
  } catch (thrown) {
    if (!(thrown instanceof RangeError)) throw thrown;
    return JSON.stringify(shallow(value));
  }
}

declare global {
  /** Not in TypeScript's library yet: https://tc39.es/proposal-json-parse-with-source/ */
  interface JSON {
    rawJSON(text: string): RawNumber;
    isRawJSON(value: unknown): value is RawNumber;
  }
}

/**
 * A number whose spelling a JS number would change: `1234567890123456789`, `1.0`, `1e3`, `-0`. `JSON.stringify` writes
 * it as it was spelt. It is an object: walk it as a leaf, never with `Object.entries` or `String`, which throws.
 */
export interface RawNumber {
  readonly rawJSON: string;
}

export function isRawNumber(value: unknown): value is RawNumber {
  return JSON.isRawJSON(value);
}

export function isNumber(value: unknown): value is number | RawNumber {
  return typeof value === 'number' || isRawNumber(value);
}

/** The digits as they were sent: what a person reads, and what is compared and sent. */
export function numberText(value: number | RawNumber): string {
  return typeof value === 'number' ? String(value) : value.rawJSON;
}

/** An object or a list: what has parts. Everything else is a leaf, a raw number too. */
export function isBranch(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !isRawNumber(value);
}

/** An object that is not a list. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return isBranch(value) && !Array.isArray(value);
}
