/** Secrets stay off cards, threads and logs: by the key they sit under, and by what they look like. */

export const MASK = '••••••';

// Read without case and separators, so that apiKey, api_key and API-KEY are one.
const secretKey =
  /(?:^|_)(?:password|passwd|passphrase|pwd|secret|clientsecret|token|accesstoken|refreshtoken|idtoken|apikey|apisecret|secretkey|privatekey|accesskey|signingkey|encryptionkey|authorization|auth|credential|credentials|cookie|session|sessionid|pin|cvv|cvc|ssn|otp)$/;

const secretTexts: readonly RegExp[] = [
  /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g,
  /\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*/g,
  /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g,
  /\b(?:sk|pk|rk|rt|tv|ct)[_-](?:live|test|proj|ant)[_-][A-Za-z0-9_-]{8,}/g,
  /\bsk-[A-Za-z0-9_-]{20,}/g,
  /\bsk_[A-Za-z0-9]{16,}/g,
  /\b(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,}|glpat-[A-Za-z0-9_-]{16,})/g,
  /\b(?:xox[abeoprs]|xapp)-[A-Za-z0-9-]{8,}/g,
  /\bwhsec_[A-Za-z0-9+/=]{12,}/g,
  /\bAIza[A-Za-z0-9_-]{30,}/g,
  /(?<=\b(?:bearer|basic)\s+)[A-Za-z0-9._~+/-]{12,}=*/gi,
  // `password: …`, `api_key=…` inside a sentence or a URL.
  /(?<=\b(?:password|passwd|secret|client[_-]?secret|api[_-]?key|access[_-]?token|auth[_-]?token)["']?\s*[:=]\s*["']?)[^\s"'&,;]{4,}/gi,
  // user:password@host
  /(?<=:\/\/[^\s/:@]+:)[^\s/@]+(?=@)/g,
];
const cardNumber = /\b(?:\d[ -]?){12,18}\d\b/g;

export interface Masked<T> {
  value: T;
  /** How many values were masked. */
  masked: number;
}

export function maskText(text: string): Masked<string> {
  let masked = 0;
  const hide = (found: string): string => {
    if (found === MASK) return found;
    masked += 1;
    return MASK;
  };
  let value = text;
  for (const pattern of secretTexts) value = value.replace(pattern, hide);
  value = value.replace(cardNumber, (found) => (luhn(found) ? hide(found) : found));
  return { value, masked };
}

export function isSecretKey(key: string): boolean {
  const words = key.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toLowerCase();
  const parts = words.split(/[^a-z0-9]+/).filter((part) => part !== '');
  // The last words decide: `client_secret`, `github_api_key`; `token_count` is no secret.
  return [1, 2].some((count) => secretKey.test(parts.slice(-count).join('')));
}

/**
 * The value with every secret masked, at any depth, and the keys in `hidden` left out.
 * @returns `omitted` too: how many keys were left out
 */
export function maskValue(value: unknown, hidden: readonly string[] = []): Masked<unknown> & { omitted: number } {
  let masked = 0;
  let omitted = 0;
  const visit = (item: unknown): unknown => {
    if (typeof item === 'string') {
      const text = maskText(item);
      masked += text.masked;
      return text.value;
    }
    if (Array.isArray(item)) return item.map(visit);
    if (typeof item !== 'object' || item === null) return item;
    const entries: [string, unknown][] = [];
    for (const [key, inner] of Object.entries(item)) {
      if (hidden.includes(key)) {
        omitted += 1;
      } else if (isSecretKey(key) && inner !== null && inner !== '' && typeof inner !== 'boolean') {
        masked += 1;
        entries.push([key, MASK]);
      } else {
        const name = maskText(key);
        masked += name.masked;
        entries.push([name.value, visit(inner)]);
      }
    }
    return Object.fromEntries(entries);
  };
  return { value: visit(value), masked, omitted };
}

/** The check digit of payment card numbers (ISO/IEC 7812-1). */
function luhn(text: string): boolean {
  const digits = [...text.replace(/\D/g, '')].map(Number).reverse();
  const sum = digits.reduce((total, digit, index) => {
    const doubled = index % 2 === 1 ? digit * 2 : digit;
    return total + (doubled > 9 ? doubled - 9 : doubled);
  }, 0);
  return digits.length >= 13 && sum % 10 === 0;
}
