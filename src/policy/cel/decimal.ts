/** Numbers of any size, calculated without a rounding. Tested in test/policy/cel/decimal.test.ts. */
import { isNumberText } from '../../core/text/exact/parse.ts';

/** `digits` × 10^-`scale`; without zeros at the end, so that equal numbers have equal fields. */
export interface Decimal {
  readonly digits: bigint;
  readonly scale: number;
}

/** Longer numbers are nothing that people compare, and calculating with them takes long. */
const DIGITS_MAX = 100;
const LARGEST = 10n ** BigInt(DIGITS_MAX);

export class InexactError extends Error {
  override readonly name = 'InexactError';
}

/**
 * @param text a number by the grammar of JSON
 * @throws InexactError for one with too many digits
 */
export function decimalOf(text: string): Decimal {
  const [mantissa = '', exponent = '0'] = text.toLowerCase().split('e');
  const [whole = '', fraction = ''] = mantissa.split('.');
  const power = Number(exponent);
  const isTooLong = mantissa.length > DIGITS_MAX || Math.abs(power) > DIGITS_MAX;
  if (isTooLong && !/^-?[0.]+$/.test(mantissa)) throw new InexactError('a number has more digits than can be compared');
  if (/^-?[0.]+$/.test(mantissa)) return { digits: 0n, scale: 0 };
  return normal(BigInt(whole + fraction), fraction.length - power);
}

/** Null for a text that is not a number. @throws InexactError */
export function decimalIn(text: string): Decimal | null {
  return isNumberText(text) ? decimalOf(text) : null;
}

export function decimalFrom(value: bigint | number): Decimal {
  return normal(BigInt(value), 0);
}

function normal(digits: bigint, scale: number): Decimal {
  if (digits === 0n) return { digits, scale: 0 };
  let [rest, places] = [digits, scale];
  while (rest % 10n === 0n) {
    rest /= 10n;
    places -= 1;
  }
  if (rest > LARGEST || rest < -LARGEST) throw new InexactError('a number has more digits than can be compared');
  return { digits: rest, scale: places };
}

/** Both by the same power of ten. Their scales are at most a few hundred apart. */
function aligned(one: Decimal, other: Decimal): [one: bigint, other: bigint, scale: number] {
  const scale = Math.max(one.scale, other.scale);
  const raise = ({ digits, scale: own }: Decimal) => digits * 10n ** BigInt(scale - own);
  return [raise(one), raise(other), scale];
}

/** Negative, 0 or positive. */
export function compare(one: Decimal, other: Decimal): number {
  const [a, b] = aligned(one, other);
  return a < b ? -1 : a > b ? 1 : 0;
}

export function plus(one: Decimal, other: Decimal): Decimal {
  const [a, b, scale] = aligned(one, other);
  return normal(a + b, scale);
}

export function negated({ digits, scale }: Decimal): Decimal {
  return { digits: -digits, scale };
}

export function times(one: Decimal, other: Decimal): Decimal {
  return checked(normal(one.digits * other.digits, one.scale + other.scale));
}

/** So that scales stay bounded over many multiplications. */
function checked(value: Decimal): Decimal {
  if (Math.abs(value.scale) > 4 * DIGITS_MAX) throw new InexactError('a number has more digits than can be compared');
  return value;
}

/** The rest of a division, with the sign of the first, as in CEL. Null: one of them is not whole, or the second is 0. */
export function remainder(one: Decimal, other: Decimal): Decimal | null {
  const [a, b] = [wholeOf(one), wholeOf(other)];
  return a === null || b === null || b === 0n ? null : normal(a % b, 0);
}

/** Null: it is not whole. */
export function wholeOf({ digits, scale }: Decimal): bigint | null {
  return scale > 0 ? null : digits * 10n ** BigInt(-scale);
}

/** Towards zero. */
export function truncated({ digits, scale }: Decimal): Decimal {
  return scale <= 0 ? { digits, scale } : normal(digits / 10n ** BigInt(scale), 0);
}

/** Plain digits: `1234.5`. */
export function decimalText({ digits, scale }: Decimal): string {
  if (scale <= 0) return String(digits * 10n ** BigInt(-scale));
  const all = String(digits < 0n ? -digits : digits).padStart(scale + 1, '0');
  return `${digits < 0n ? '-' : ''}${all.slice(0, -scale)}.${all.slice(-scale)}`;
}
