/** One-time codes that people read on one screen and type on another. Tested in test/core/policy/operators/link-code.test.ts. */

/** Without letters and digits that look alike: 32 of them, 5 bits each. */
const ALPHABET = '23456789ABCDEFGHJKLMNPQRSTUVWXYZ';
/** 50 bits. */
const LENGTH = 10;
const HALF = LENGTH / 2;
const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** @param hash of something unguessable, by `Clock.hash`: each of its characters gives 5 bits */
export function codeFrom(hash: string): string {
  const letters = Array.from(hash.slice(0, LENGTH), (one) => ALPHABET[BASE64URL.indexOf(one) % ALPHABET.length]);
  if (letters.length < LENGTH) throw new Error('A code needs a longer hash.');
  return dashed(letters.join(''));
}

/** As people type it: in any case, with or without the dash. */
export function normaliseCode(typed: string): string {
  return dashed(typed.toUpperCase().replace(/[^0-9A-Z]/g, ''));
}

function dashed(code: string): string {
  return `${code.slice(0, HALF)}-${code.slice(HALF)}`;
}
