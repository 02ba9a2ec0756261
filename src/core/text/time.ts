/** The last moment that a Date can hold, ms since 1970. */
export const LAST_MOMENT = 8.64e15;

const iso =
  /^(\d{4}-\d\d-\d\d)(?:[Tt ](\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?)(?: ?([Zz]|UTC|GMT)| ?([+-]\d\d)(?::?(\d\d))?(?: .*)?)?)?$/;
const http = /^[A-Z][a-z]{2}, \d{1,2} [A-Z][a-z]{2} \d{4} \d\d:\d\d(?::\d\d)? (?:GMT|UTC|[+-]\d{4})$/;
/** Numbers below are too small for this century's milliseconds: they are seconds. */
const SMALLEST_MS = 100_000_000_000;

/**
 * A time as backends write it: ISO 8601, RFC 1123, or a number since 1970 in seconds or milliseconds, also as a text.
 * A time without a zone is UTC, whatever the zone of this machine.
 * @returns ms since 1970; null for what is not a valid time, and for the zero times by which some backends say "not set"
 */
export function parseTime(value: unknown): number | null {
  const at = typeof value === 'number' ? fromNumber(value) : typeof value === 'string' ? fromText(value.trim()) : null;
  return at !== null && at > 0 && at <= LAST_MOMENT ? at : null;
}

function fromNumber(value: number): number {
  return value < SMALLEST_MS ? value * 1000 : value;
}

function fromText(text: string): number | null {
  if (/^\d{1,20}(?:\.\d+)?$/.test(text)) return fromNumber(Number(text));
  // `Date.parse` finds a date in almost any text, and reads one without a zone in the zone of this machine.
  if (http.test(text)) return Date.parse(text);
  const [, date, time = '00:00', , hours, minutes = '00'] = iso.exec(text) ?? [];
  if (date === undefined) return null;
  const zone = hours === undefined ? 'Z' : `${hours}:${minutes}`;
  const at = Date.parse(`${date}T${time.replace(',', '.')}${zone}`);
  return Number.isNaN(at) ? null : at;
}
