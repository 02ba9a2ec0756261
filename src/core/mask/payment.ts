/**
 * Numbers of payment cards and of bank accounts. A card's needs a word that says so: one number in ten passes its check
 * digit. Tested in test/core/mask/payment.test.ts.
 */
import { endsInRest, type Span } from './mask.ts';
import { isBesideCard, maySayCard } from './names.ts';
import { isOfCard, type Place } from './place.ts';

/** Every number that is looked for has them in a row. */
const digits = /\d{4}/;
/** In one piece; not inside a name or an amount. */
const piece = /(?<![\w.,+])\d{13,19}(?!\w|[.,]\d)/g;
/** In its groups; not inside a longer number in groups. */
const groups =
  /(?<![\w.,+]|(?<!\d)\d{4}[ .-])\d{4}([ .-])(?:\d{4}\1\d{4}\1\d{1,7}|\d{6}\1\d{4,5})(?!\w|[.,]\d|[ -]\d{4}(?!\d))/g;
/** Where the word that says so may be, characters. */
const BEFORE = 48;
const BEHIND = 24;

/** @param at where it is: its key may say that it is a card */
export function cardsIn(text: string, at: Place): Span[] {
  if (!digits.test(text)) return [];
  const isUnderCard = isOfCard(at);
  if (!isUnderCard && !maySayCard(text)) return [];
  const spans: Span[] = [];
  for (const pattern of [piece, groups]) {
    for (const { index, 0: found } of text.matchAll(pattern)) {
      if (endsInRest(spans, text, index)) break;
      const end = index + found.length;
      const isNumber = isCard(found.replace(/[ .-]/g, '')) && (isUnderCard || isBesideWord(text, index, end));
      if (isNumber) spans.push({ start: index, end, kind: 'card', key: '' });
    }
  }
  return spans;
}

/** On the same line. */
function isBesideWord(text: string, start: number, end: number): boolean {
  const before = text.slice(Math.max(0, start - BEFORE), start).replace(/^[\s\S]*[\r\n]/, '');
  const behind = text.slice(end, end + BEHIND).replace(/[\r\n][\s\S]*$/, '');
  return isBesideCard(before, behind);
}

/** Begins like a card's, and its check digit is right (ISO/IEC 7812-1). */
function isCard(digits: string): boolean {
  return /^(?:[3-6]|2[2-7])/.test(digits) && luhn(digits);
}

function luhn(digits: string): boolean {
  let sum = 0;
  for (let at = digits.length - 1, isDoubled = false; at >= 0; at -= 1, isDoubled = !isDoubled) {
    const digit = digits.charCodeAt(at) - 48;
    const value = isDoubled ? digit * 2 : digit;
    sum += value > 9 ? value - 9 : value;
  }
  return sum % 10 === 0;
}

const iban = /(?<![A-Za-z\d])[A-Z]{2}\d\d(?:[ -]?[A-Z\d]{4}){2,7}(?:[ -]?[A-Z\d]{1,4})?(?![A-Za-z\d])/gi;
/** Characters by country (ISO 13616). */
const lengths: Record<string, number> = Object.fromEntries(
  `AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DK18 DO28 EE20 EG29 ES24 FI18 FO18
  FR27 GB22 GE22 GI23 GL18 GR27 GT28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25
  MC27 MD24 ME22 MK19 MR27 MT31 MU30 NL18 NO15 PK24 PL28 PS29 PT25 QA29 RO24 RS22 SA24 SC31 SE24 SI19 SK24 SM27 ST25 SV28
  TL23 TN24 TR26 UA29 VA22 VG24 XK20`
    .split(/\s+/)
    .map((entry) => [entry.slice(0, 2), Number(entry.slice(2))]),
);

/** By its shape alone: country, length and check digits (ISO 7064, modulo 97). */
export function ibansIn(text: string): Span[] {
  if (!digits.test(text)) return [];
  return [...text.matchAll(iban)].flatMap(({ index, 0: found }) => {
    const length = lengths[found.slice(0, 2).toUpperCase()] ?? 0;
    // What follows may look like one more group.
    const [own = ''] = new RegExp(`^(?:[ -]?[A-Z\\d]){${length}}(?![A-Z\\d])`, 'i').exec(found) ?? [];
    const isIban = length > 0 && hasDigits(own, length) && modulo97(own.replace(/[ -]/g, '')) === 1;
    return isIban ? [{ start: index, end: index + own.length, kind: 'iban' as const, key: '' }] : [];
  });
}

/** Most characters of an account are digits; letters alone could say anything. */
function hasDigits(text: string, length: number): boolean {
  return text.replace(/\D/g, '').length >= length / 2;
}

function modulo97(text: string): number {
  let rest = 0;
  for (const character of text.slice(4) + text.slice(0, 4)) {
    const value = Number.parseInt(character, 36);
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
  }
  return rest;
}
