/** Numbers compared by their digits, for a double holds only about 16 of them. Tested in test/core/text/exact/decimal.test.ts. */
import { numberText, type RawNumber } from '../json.ts';

/** Negative: `one` is less than `other`; 0: they are equal, however they are spelt. Both are finite. */
export function compareNumbers(one: number | RawNumber, other: number | RawNumber): number {
  const [a, b] = [decimalOf(one), decimalOf(other)];
  if (a.sign !== b.sign || a.sign === 0) return a.sign - b.sign;
  if (a.point !== b.point) return a.point > b.point ? a.sign : -a.sign;
  return a.digits === b.digits ? 0 : a.digits > b.digits ? a.sign : -a.sign;
}

export function isWhole(number: number | RawNumber): boolean {
  const { digits, point } = decimalOf(number);
  return digits.length <= point;
}

/** Exact. @param texts of digits, perhaps with a sign and a point; @returns as many decimals as the longest of them has */
export function sumOf(texts: readonly string[]): string {
  const places = Math.max(0, ...texts.map((text) => text.split('.')[1]?.length ?? 0));
  const sum = texts.reduce((total, text) => {
    const [whole = '', fraction = ''] = text.split('.');
    return total + BigInt(`${whole}${fraction.padEnd(places, '0')}`);
  }, 0n);
  const digits = (sum < 0n ? -sum : sum).toString().padStart(places + 1, '0');
  const at = digits.length - places;
  return `${sum < 0n ? '-' : ''}${digits.slice(0, at)}${places === 0 ? '' : `.${digits.slice(at)}`}`;
}

interface Decimal {
  sign: -1 | 0 | 1;
  /** Without zeros at either end. */
  digits: string;
  /** Where the point is: so many digits are before it. */
  point: number;
}

function decimalOf(number: number | RawNumber): Decimal {
  const [mantissa = '', exponent = '0'] = numberText(number).toLowerCase().split('e');
  const [whole = '', fraction = ''] = mantissa.replace('-', '').split('.');
  const all = (whole + fraction).replace(/^0+/, '');
  if (all === '') return { sign: 0, digits: '', point: 0 };
  const zeros = whole.length + fraction.length - all.length;
  const sign = mantissa.startsWith('-') ? -1 : 1;
  return { sign, digits: all.replace(/0+$/, ''), point: whole.length - zeros + Number(exponent) };
}
