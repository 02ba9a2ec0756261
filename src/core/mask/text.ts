/** A text with its secrets masked. Tested in test/core/mask/text.test.ts and test/fuzz/views/secrets.test.ts. */
import { type Mask, type Masked, maskNote, type Revealed, type Span } from './mask.ts';

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

/** The secrets in a text. Each depends on its own text and on what is beside it alone. */
function spansOf(text: string): Span[] {
  const spans: Span[] = [];
  const add = (start: number, end: number, kind: Span['kind'], key = '') => spans.push({ start, end, kind, key });
  for (const { index, 0: found } of text.matchAll(/•{3,}/g)) add(index, index + found.length, 'redacted');
  for (const shape of shapes) {
    for (const { index, 0: found } of text.matchAll(shape)) add(index, index + found.length, 'shape');
  }
  for (const { index, 0: found, 1: rest = '' } of text.matchAll(prefixed)) {
    if (isRandom(rest) || /^[A-Za-z0-9]{16,}$/.test(rest)) add(index, index + found.length, 'shape');
  }
  for (const { index, 0: all, 1: before = '', 2: found = '' } of text.matchAll(scheme)) {
    if (isRandom(found)) add(index + before.length, index + all.length, 'name', before.trim());
  }
  for (const { index, 0: all, 1: before = '', 2: found = '' } of text.matchAll(assigned)) {
    if (password.test(before) || isRandom(found)) {
      add(index + before.length, index + all.length, 'name', /[\w-]+/.exec(before)?.[0]);
    }
  }
  for (const { index, 0: all, 1: before = '' } of text.matchAll(inAddress)) {
    add(index + before.length, index + all.length, 'name', 'password');
  }
  for (const pattern of [card, groupedCard]) {
    for (const { index, 0: found } of text.matchAll(pattern)) {
      if (luhn(found)) add(index, index + found.length, 'card');
    }
  }
  return merged(spans);
}

/** In reading order; what overlaps is one. */
function merged(spans: readonly Span[]): Span[] {
  const result: Span[] = [];
  for (const span of [...spans].sort((a, b) => a.start - b.start || b.end - a.end)) {
    const last = result.at(-1);
    if (last === undefined || span.start >= last.end) result.push({ ...span });
    else last.end = Math.max(last.end, span.end);
  }
  return result;
}

/** Of a text within a value: where it is. */
interface At {
  id: string;
  path: readonly string[];
}

/** The text with every secret masked. */
export function maskText(text: string, { revealed, at }: Revealed & { at?: At } = {}): Masked<string> {
  const masks: Mask[] = [];
  let value = '';
  let from = 0;
  for (const { start, end, kind, key } of spansOf(text)) {
    const found = text.slice(start, end);
    const size = { characters: found.length, lines: found.split(/\r\n?|\n|\\n/).length };
    const id = `${at?.id ?? ''}:${start}-${end}`;
    if (revealed?.has(id)) continue;
    masks.push({ id, path: at?.path ?? [], key: key || (at?.path.at(-1) ?? ''), ...size, kind });
    value += text.slice(from, start) + maskNote({ kind, ...size }, found);
    from = end;
  }
  return { value: value + text.slice(from), masks };
}

/** No word, name or sentence: long without a space, or letters and digits mixed. */
export function isRandom(text: string): boolean {
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
