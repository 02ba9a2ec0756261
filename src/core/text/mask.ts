/**
 * Secrets stay off cards, threads and logs: by what they look like, and by the key they sit under. What is masked by
 * mistake hides a fact that somebody signs, so a doubtful key masks only what looks like a secret, too. Every pattern
 * is linear: the text comes from an agent.
 * It is stored unmasked; what the operator declares secret is not stored at all: `approval/redact.ts`.
 * Tested in test/fuzz/views/secrets.test.ts and test/core/text/hostile.test.ts.
 */
import { isBranch, isNumber, isRecord, numberText } from './json.ts';
import { type Secrecy, secrecyWithin } from './secret-keys.ts';

export const MASK = '••••••';

/** Texts that are secrets by their shape alone. */
const shapes: readonly RegExp[] = [
  /-----BEGIN [A-Z ]{0,40}PRIVATE KEY(?: BLOCK)?-----[\s\S]*?(?:-----END [A-Z ]{0,40}PRIVATE KEY(?: BLOCK)?-----|$)/g,
  // Behind a dash its length is bounded: a text of nothing but such beginnings would be read to its end from each.
  /(?:(?<![\w-])eyJ[\w-]{8,}|(?<=-)eyJ[\w-]{8,500})\.[\w-]{8,}\.[\w-]*/g,
  /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g,
  /\b(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}|npm_[A-Za-z0-9]{30,}|hf_[A-Za-z0-9]{20,})/g,
  /\b(?:xox[abeoprs]|xapp)-[A-Za-z0-9-]{8,}/g,
  /\bwhsec_[A-Za-z0-9+/=]{12,}/g,
  /\b(?:AIza[\w-]{30,}|ya29\.[\w-]{20,}|GOCSPX-[\w-]{20,}|SG\.[\w-]{16,}\.[\w-]{16,})/g,
  /\b[MNO][\w-]{23,27}\.[\w-]{6}\.[\w-]{27,45}\b/g,
  /\bhooks\.slack\.com\/(?:services|workflows|triggers)\/[\w/-]{20,}/g,
  /\bdiscord(?:app)?\.com\/api\/webhooks\/\d+\/[\w-]{20,}/g,
];
/** These have names like ordinary ones: only what looks random behind them is a secret. */
const prefixed = /\b(?:sk|pk|rk|rt|tv|ct)[_-](?:(?:live|test|proj|ant)[_-])?([A-Za-z0-9_-]{12,})/g;
const label =
  /(?:pass(?:word|wd|phrase|code)|pwd|secret|token|api[_-]?key|access[_-]?key|account[_-]?key|private[_-]?key)s?(?:[_-](?:key|base|value))?\\?["']?[ \t]{0,3}[:=]/
    .source;
/** `password: …`, `DB_PASSWORD=…`, `\"secret\":\"…\"`, in a sentence, a command or a URL; the last one, where two follow. */
const assigned = new RegExp(
  `(${label}[ \\t]{0,3})(?!\\\\?["']?[\\w-]{0,20}${label})(\\\\?"[^"\\n]{1,300}"|'[^'\\n]{1,300}'|[^\\s"'&,;\\\\]{3,300})`,
  'gi',
);
const password = /^(?:pass|pwd|secret)/i;
const scheme = /\b((?:bearer|basic|token)[ \t]{1,3})([\w.~+/-]{12,}=*)/gi;
/** `scheme://user:password@host` */
const inAddress = /(:\/\/[^\s/:@]{0,100}:)([^\s/?#]{1,200})(?=@)/g;
/** Payment cards of the large networks in one piece, whatever numbers stand beside them; not inside a longer one. */
const card = /(?<![\dA-Za-z])(?:(?:4\d{3}|5[1-5]\d\d|2[2-7]\d\d|6(?:011|5\d\d))\d{12}|3[47]\d{13})(?![\dA-Za-z])/g;
/**
 * The same in their groups; not inside a longer number in groups, or an IBAN. A lone number before or behind is none of
 * its groups: a count, a date of expiry.
 */
const groupedCard =
  /(?<![\dA-Za-z]|(?<!\d)\d{4}[ -]|[A-Z]{2}\d\d )(?:(?:4\d{3}|5[1-5]\d\d|2[2-7]\d\d|6(?:011|5\d\d))([ -])\d{4}\1\d{4}\1\d{4}|3[47]\d\d([ -])\d{6}\2\d{5})(?![\dA-Za-z]|[ -]\d{4}(?!\d))/g;

export interface Masked<T> {
  value: T;
  /** How many values were masked. */
  masked: number;
}

export function maskText(text: string): Masked<string> {
  // What was blacked out on its way in is hidden just the same.
  let masked = text.split(MASK).length - 1;
  const hide = (): string => {
    masked += 1;
    return MASK;
  };
  const unless = (keep: boolean, found: string): string => (keep || found.includes(MASK) ? found : hide());
  let value = text;
  for (const shape of shapes) value = value.replace(shape, hide);
  value = value
    .replace(prefixed, (found, rest: string) => unless(!isRandom(rest) && !/^[A-Za-z0-9]{16,}$/.test(rest), found))
    .replace(scheme, (_, before: string, found: string) => before + unless(!isRandom(found), found))
    .replace(
      assigned,
      (_, before: string, found: string) => before + unless(!password.test(before) && !isRandom(found), found),
    )
    .replace(inAddress, (_, before: string, found: string) => before + unless(false, found))
    .replace(card, (found) => unless(!luhn(found), found))
    .replace(groupedCard, (found) => unless(!luhn(found), found));
  return { value, masked };
}

/**
 * The value with every secret masked, at any depth, and the keys of the top level that are in `hidden` left out.
 * @returns `omitted` too: how many keys were left out
 */
export function maskValue(value: unknown, hidden: readonly string[] = []): Masked<unknown> & { omitted: number } {
  let masked = 0;
  const count = <T>(part: Masked<T>): T => {
    masked += part.masked;
    return part.value;
  };
  const visit = (item: unknown, secrecy: Secrecy): unknown => {
    if (Array.isArray(item)) return item.map((inner) => visit(inner, secrecy));
    if (isBranch(item)) return visitObject(item, secrecy);
    if ((typeof item !== 'string' && !isNumber(item)) || item === '') return item;
    const written = typeof item === 'string' ? item : numberText(item);
    if (secrecy === 'secret' || (secrecy === 'doubtful' && isRandom(written))) return count({ value: MASK, masked: 1 });
    const text = count(maskText(written));
    return isNumber(item) && text === written ? item : text;
  };
  const visitObject = (object: object, holder: Secrecy): object =>
    withNames(
      Object.entries(object).map(([key, inner]) => [count(maskText(key)), visit(inner, secrecyWithin(holder, key))]),
    );
  let omitted = 0;
  if (!isRecord(value)) {
    return { value: visit(value, 'plain'), masked, omitted };
  }
  const kept = new Set(hidden);
  const shown = Object.entries(value).filter(([key]) => !kept.has(key));
  omitted = Object.keys(value).length - shown.length;
  const result = visitObject(Object.fromEntries(shown), 'plain');
  return { value: result, masked, omitted };
}

/**
 * An object of these. Two keys that are masked are still two; counted on, so that a hundred thousand of them are no
 * hundred million looks.
 */
export function withNames(entries: readonly (readonly [name: string, value: unknown])[]): object {
  const named = new Map<string, unknown>();
  const numbers = new Map<string, number>();
  for (const [name, value] of entries) {
    let unique = name;
    for (let number = numbers.get(name) ?? 2; named.has(unique); number += 1) {
      unique = `${name} (${number})`;
      numbers.set(name, number + 1);
    }
    named.set(unique, value);
  }
  return Object.fromEntries(named);
}

/** No word, name or sentence: long without a space, or letters and digits mixed. */
function isRandom(text: string): boolean {
  const bare = text.replace(/^\\?["']|\\?["']$/g, '');
  if (/\s/.test(bare) || bare.length < 8) return false;
  const mixed = /\d/.test(bare) && /[A-Za-z]/.test(bare);
  return (
    mixed &&
    (bare.length >= 20 || !/[_-]/.test(bare) || /\d[A-Za-z]+\d|[a-z]\d+[a-z]/i.test(bare)) &&
    !/^[a-z]+(?:[_-][a-z]+)*[_-]?\d{1,4}$/i.test(bare)
  );
}

/** The check digit of payment card numbers (ISO/IEC 7812-1). */
function luhn(text: string): boolean {
  const digits = [...text.replace(/\D/g, '')].map(Number).reverse();
  const sum = digits.reduce((total, digit, index) => {
    const doubled = index % 2 === 1 ? digit * 2 : digit;
    return total + (doubled > 9 ? doubled - 9 : doubled);
  }, 0);
  return sum % 10 === 0;
}
