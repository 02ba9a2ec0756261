/**
 * Amounts with their currency, digit by digit as they were sent: only zeros that a currency has anyway are added, and only
 * an amount whose name says that it counts cents is written in the unit that they make up.
 * Tested in test/core/view/content/facts/money.test.ts.
 */
import { wordsOf } from '../../../mask/names.ts';
import { isNumber, numberText } from '../../../text/json.ts';
import { type Leaf, sharedLength } from './leaves.ts';
import { isPlainValue, plainOrQuoted } from './plain-value.ts';

/** In the singular, as `wordsOf` gives them. */
const amountWords = new Set(
  `amount total sum subtotal price cost fee payout refund payment salary wage bonus budget balance value worth charge credit
  debit discount deposit tip tax revenue spend bid transfer fund money compensation fine bill invoice premium donation
  betrag summe preis importe monto montant valor amt net gross unit`.split(/\s+/),
);
/** They add nothing to what an amount is. */
const fillers = new Set(
  `in of the to for new old max min maximum minimum limit requested order item line grand final paid due current previous
  body query payload request data number after before per a an original estimated monthly yearly annual daily hourly
  target minor decimal currency cap ceiling`.split(/\s+/),
);
/** Of so many a whole is made, as a power of ten. */
const parts: ReadonlyMap<string, number> = new Map(
  Object.entries({
    cent: 2,
    penny: 2,
    pence: 2,
    pennie: 2,
    centavo: 2,
    centime: 2,
    kopeck: 2,
    paise: 2,
    ore: 2,
    fen: 2,
    grosz: 2,
    micro: 6,
  }),
);
/** Codes that a name can contain without meaning a word: `amount_usd`. */
const common = new Set(
  `usd eur gbp jpy chf cad aud nzd sek nok dkk pln czk huf inr cny krw brl mxn zar sgd hkd ils aed thb php idr myr vnd ron
  bgn uah rub btc eth usdc usdt sol`.split(/\s+/),
);
const namedCurrencies: ReadonlyMap<string, string> = new Map(
  Object.entries({
    euro: 'EUR',
    dollar: 'dollars',
    pound: 'pounds',
    yen: 'JPY',
  }),
);

/** A text that is an amount: digits, perhaps in groups, perhaps with a symbol or a code on one side. */
const moneyText =
  /^(?:[A-Z]{3} ?|[A-Z]{0,3}\p{Sc} ?)?[-−]?\d{1,3}(?:[ ,.'’]?\d{3})*(?:[.,]\d{1,9})?(?: ?[A-Z]{3,5}| ?\p{Sc})?$/u;
const hasCurrency = /\p{Sc}|[A-Z]{3}/u;
const plainNumber = /^-?\d+(?:\.\d+)?$/;

/** The digits of what can be an amount; null for anything else. */
function digitsOf(value: Leaf['value']): string | null {
  if (isNumber(value)) return numberText(value);
  if (typeof value !== 'string' || value.length > 40) return null;
  const text = value.trim();
  return moneyText.test(text) || plainNumber.test(text) ? text : null;
}

export function isCurrencyName(key: string): boolean {
  const words = wordsOf(key);
  const last = words.at(-1) ?? '';
  return /^(?:currency|ccy|curr)$/.test(last) || (words.includes('currency') && /^(?:code|iso|symbol|id)$/.test(last));
}

/** Whether the names say that it is an amount. @param words of its name */
export function isAmount(words: readonly string[], value: Leaf['value']): boolean {
  if (digitsOf(value) === null) return false;
  if (typeof value === 'string' && /\p{Sc}/u.test(value)) return true;
  if (words.some((word) => /^(?:id|percent|rate|count|quantity)$/.test(word))) return false;
  return words.some((word) => (amountWords.has(word) && word !== 'unit') || (common.has(word) && words.length <= 2));
}

export interface Amount {
  text: string;
  /** Null: no name and no neighbour says it. */
  currency: string | null;
  /** Its digits alone, where it was sent as a number and is in whole units. */
  digits: string | null;
  /** Its name has to be shown: a word of it may say what the number counts. */
  needsName: boolean;
}

/**
 * @param leaf with a value that `isAmount`  @param leaves all values of the request, among which its currency is looked for
 */
export function amountOf(leaf: Leaf, leaves: readonly Leaf[], words: readonly string[]): Amount {
  const digits = digitsOf(leaf.value) ?? '';
  const inText = hasCurrency.test(digits);
  const named = words.flatMap((word) => namedCurrencies.get(word) ?? (common.has(word) ? word.toUpperCase() : []));
  const beside = inText ? null : currencyBeside(leaf, leaves);
  const [own = null] = named;
  const isTorn = own !== null && beside !== null && own !== beside;
  const currency = inText ? null : (beside ?? own);
  const part = words.find((word) => parts.has(word)) ?? null;
  const isMinor = part === null && words.includes('minor');
  const unknown = words.some(
    (word) =>
      !amountWords.has(word) &&
      !fillers.has(word) &&
      !parts.has(word) &&
      (!(common.has(word) || namedCurrencies.has(word)) || isTorn),
  );
  const scale = scaleBeside(leaf, leaves);
  const needsName = unknown || (currency === null && !inText && part === null);
  const whole = wholeOf(digits, part, isMinor, currency);
  const number = whole ?? digits;
  const unit = whole === null ? unitOf(part, isMinor) : null;
  const nanos = nanosBeside(leaf, leaves);
  const text =
    nanos === null
      ? `${withCurrency(number, currency, unit)}${scale}`
      : withCurrency(`${digits}.${nanos}`, currency, null);
  const isBare = plainNumber.test(number) && scale === '' && nanos === null && unit === null && !isMinor && !unknown;
  return {
    text,
    currency: inText ? digits.replace(/[\d\s.,'’−-]/g, '') : currency,
    digits: isBare ? number : null,
    needsName,
  };
}

/** What it counts; null: what its currency is in. */
function unitOf(part: string | null, isMinor: boolean): string | null {
  if (part !== null) return `${part}s`;
  return isMinor ? 'minor units' : null;
}

/** In the unit that the parts make up; null where that can't be said exactly. */
function wholeOf(digits: string, part: string | null, isMinor: boolean, currency: string | null): string | null {
  if (!/^-?\d+$/.test(digits) || currency === null) return null;
  const places = part === null ? (isMinor ? placesOf(currency) : null) : (parts.get(part) ?? null);
  // Not every currency has cents.
  if (places === null || (places === 2 && placesOf(currency) !== 2)) return null;
  const sign = digits.startsWith('-') ? '-' : '';
  const all = digits.replace('-', '').padStart(places + 1, '0');
  const fraction = all.slice(all.length - places);
  const kept = places > 2 ? fraction.replace(/0{1,4}$/, '') : fraction;
  return `${sign}${all.slice(0, all.length - places)}${kept === '' ? '' : `.${kept}`}`;
}

const known = new Set(Intl.supportedValuesOf('currency'));

/** Decimal places; null where that is not known for certain. */
function placesOf(currency: string): number | null {
  if (!known.has(currency)) return null;
  const { maximumFractionDigits = 0 } = new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions();
  return maximumFractionDigits === 2 ? 2 : null;
}

function withCurrency(digits: string, currency: string | null, unit: string | null): string {
  if (unit !== null) return currency === null ? `${digits} ${unit}` : `${digits} ${unit} (${currency})`;
  if (currency === null) return digits;
  const isShort = /^-?\d+\.\d$/.test(digits) && placesOf(currency) === 2;
  return `${digits}${isShort ? '0' : ''} ${currency}`;
}

/** A code says what it is, whatever it is called. */
function isCode(text: string): boolean {
  return /^[A-Z]{3}$/.test(text) && common.has(text.toLowerCase());
}

const CURRENCY_MAX = 16;

/** What the nearest value that names a currency says; null where there is none, or two of them differ. */
export function currencyBeside(leaf: Leaf, leaves: readonly Leaf[]): string | null {
  const found = leaves.filter(
    ({ path, value }) => typeof value === 'string' && (isCurrencyName(path.at(-1) ?? '') || isCode(value)),
  );
  if (found.length === 0) return null;
  const nearest = Math.max(...found.map(({ path }) => sharedLength(path, leaf.path)));
  const near = found.filter(({ path }) => sharedLength(path, leaf.path) === nearest);
  const words = wordsOf(leaf.path.at(-1) ?? '');
  const alike = near.filter(({ path }) => wordsOf(path.at(-1) ?? '').some((word) => words.includes(word)));
  const texts = new Set((alike.length > 0 ? alike : near).map(({ value }) => currencyText(String(value))));
  const [only = null] = texts;
  return texts.size === 1 ? only : null;
}

function currencyText(text: string): string {
  const bare = text.trim();
  if (/^[A-Za-z]{3}$/.test(bare) && known.has(bare.toUpperCase())) return bare.toUpperCase();
  if (/^\p{Sc}$/u.test(bare) || (bare.length <= CURRENCY_MAX && isPlainValue(bare))) return bare;
  return plainOrQuoted(bare, CURRENCY_MAX);
}

function siblingsOf({ path }: Leaf, leaves: readonly Leaf[]): Leaf[] {
  return leaves.filter(
    (other) => other.path.length === path.length && sharedLength(other.path, path) === path.length - 1,
  );
}

const scales = new Set('exponent scale precision decimal unit subunit multiplier'.split(' '));

/** What a value beside it says it counts in: ` (exponent 2)`. */
function scaleBeside(leaf: Leaf, leaves: readonly Leaf[]): string {
  const [beside] = siblingsOf(leaf, leaves).filter(({ path, value }) => {
    const words = wordsOf(path.at(-1) ?? '');
    return (
      words.length === 1 &&
      scales.has(words[0] ?? '') &&
      (isNumber(value) || (typeof value === 'string' && isPlainValue(value)))
    );
  });
  if (beside === undefined) return '';
  const { path, value } = beside;
  return ` (${path.at(-1)} ${isNumber(value) ? numberText(value) : String(value)})`;
}

/** Google’s `Money`: whole units, and billionths beside them. Null where it has no billionths. */
function nanosBeside(leaf: Leaf, leaves: readonly Leaf[]): string | null {
  const nanos = siblingsOf(leaf, leaves).find(({ path }) => path.at(-1) === 'nanos')?.value;
  if (typeof nanos !== 'number' || !Number.isInteger(nanos) || nanos <= 0 || nanos >= 1e9) return null;
  return String(nanos)
    .padStart(9, '0')
    .replace(/0{1,7}$/, '');
}
