import { isNumber, numberText } from '../json.ts';

/** The last moment that a Date can hold, ms since 1970. */
export const LAST_MOMENT = 8.64e15;

const iso =
  /^(\d{4}-\d\d-\d\d)(?:[Tt ](\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?)(?: ?([Zz]|UTC|GMT)| ?([+-]\d\d)(?::?(\d\d))?(?: .*)?)?)?$/;
const http = /^[A-Z][a-z]{2}, \d{1,2} [A-Z][a-z]{2} \d{4} \d\d:\d\d(?::\d\d)? (?:GMT|UTC|[+-]\d{4})$/;
const decimal = /^\d{1,25}(?:\.\d+)?(?:[eE]\+?\d{1,2})?$/;
/** A number's unit is the largest in which it is before the year 5138: seconds, or each a thousandth of the one before. */
const SECONDS_MAX = 100_000_000_000;
/** How many of each unit are a millisecond: of seconds, ms, µs and ns. */
const units = [1 / 1_000, 1, 1_000, 1_000_000];

/**
 * A time as backends write it: ISO 8601, RFC 1123, or a number since 1970 in seconds, milliseconds, microseconds or
 * nanoseconds, also as a text. A time without a zone is UTC, whatever the zone of this machine.
 * @returns ms since 1970; null for what is not a valid time, and for the zero times by which some backends say "not set"
 */
export function parseTime(value: unknown): number | null {
  const at = isNumber(value)
    ? fromNumber(Number(numberText(value)))
    : typeof value === 'string'
      ? fromText(value.trim())
      : null;
  return at !== null && at > 0 && at <= LAST_MOMENT ? at : null;
}

function fromNumber(value: number): number | null {
  const unit = units.find((perMs) => value / perMs < SECONDS_MAX * 1_000);
  return unit === undefined ? null : Math.round(value / unit);
}

function fromText(text: string): number | null {
  if (decimal.test(text)) return fromNumber(Number(text));
  // `Date.parse` finds a date in almost any text, and reads one without a zone in the zone of this machine.
  if (http.test(text)) return Date.parse(text);
  const [, date, time = '00:00', , hours, minutes = '00'] = iso.exec(text) ?? [];
  if (date === undefined) return null;
  const zone = hours === undefined ? 'Z' : `${hours}:${minutes}`;
  const at = Date.parse(`${date}T${time.replace(',', '.')}${zone}`);
  return Number.isNaN(at) ? null : at;
}
