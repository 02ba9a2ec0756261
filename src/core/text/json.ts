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

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
