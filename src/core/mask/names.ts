/** What the name of a value says of it. Tested in test/core/mask/names.test.ts. */

/**
 * `doubtful` names hold secrets and facts alike: `token: "USDC"`, `session: "Monday"`, `secret: "prod/db"`. `acting`
 * names say what is done with a secret; what they hold may be whose it is: `resetPassword: "mallory@evil.example"`.
 */
export type Secrecy = 'secret' | 'acting' | 'doubtful' | 'plain';

const ranks: readonly Secrecy[] = ['plain', 'doubtful', 'acting', 'secret'];

export function strongest(...all: Secrecy[]): Secrecy {
  return ranks.findLast((rank) => all.includes(rank)) ?? 'plain';
}

/** As the last word, or the last two or three together, whatever their case and separators. */
const secretNames = new Set(
  `pass password passwd passphrase passcode pwd jwt credential cvv cvc ssn otp totp otpcode mfacode securitycode
  verificationcode apikey apisecret accesskey secretkey privatekey signingkey encryptionkey accountkey servicekey
  stripekey servicerolekey masterkey accesstoken refreshtoken idtoken authtoken apitoken bottoken sessiontoken
  bearertoken githubtoken connectionstring seedphrase recoveryphrase recoverycode secretkeybase clientsecret appsecret
  webhooksecret signingsecret sharedsecret consumersecret accesssecret tokensecret jwtsecret hmacsecret sessionsecret
  authsecret oauthsecret mastersecret storepass keypass userpass dbpass`.split(/\s+/),
);
const doubtfulNames = new Set('token auth authorization bearer cookie session sessionid key pin secret'.split(' '));
/** After the word *password*, where the value is still one: `password_hash`, `PASSWORD_NEW`. */
const passwordForms = new Set(
  'hash value text plain plaintext raw new old current confirm confirmation again'.split(' '),
);
/** Before the name of a secret: what is done with it, or not. */
const verbs = new Set(
  `no not non never without with disable disabled enable enabled skip ask prompt reset delete remove revoke rotate change
  require required generate show hide list use get read check verify validate invalidate forgot force expire lock unlock
  print allow keep clear recover request send dump sync copy clone transfer migrate purge drop wipe destroy renew
  regenerate deactivate activate scan find search count compare replace`.split(/\s+/),
);
/** Secrets of digits; a number under another secret's name is a count. */
const numberNames = new Set(
  `password passwd passcode pwd otp totp otpcode mfacode securitycode verificationcode recoverycode cvv cvc
  ssn`.split(/\s+/),
);
const LONGEST_NAME_WORDS = 3;

/** Names met before: most names are met again. */
const known = new Map<string, Secrecy>();
const KNOWN_MAX = 2_000;

export function secrecyOf(key: string): Secrecy {
  const before = known.get(key);
  if (before !== undefined) return before;
  if (known.size >= KNOWN_MAX) known.clear();
  const secrecy = secrecyOfWords(wordsOf(key));
  known.set(key, secrecy);
  return secrecy;
}

function secrecyOfWords(words: readonly string[]): Secrecy {
  const secrecy = secrecyOfName(words);
  return secrecy === 'secret' && isActing(words) ? 'acting' : secrecy;
}

/** `--no-password`, `resetPassword`, `nopassword` */
function isActing(words: readonly string[]): boolean {
  return words.some((word, at) => verbs.has(at === words.length - 1 ? word.replace(/pass(?:word)?$/, '') : word));
}

/** These ask for the secret where they have no value: the word behind them may be another argument. */
const asking = /^(?:.*password|passwd|pass|pwd)$/;

/** Of the word behind an option: `--token x`, `--password x`; none behind `--no-password`. */
export function secrecyBehind(option: string): Secrecy {
  const words = wordsOf(option);
  const secrecy = secrecyOf(option);
  if (isActing(words)) return 'plain';
  const mayBeBare = asking.test(words.at(-1) ?? '') || isPlural(option);
  return secrecy === 'secret' && mayBeBare ? 'acting' : secrecy;
}

function secrecyOfName(words: readonly string[]): Secrecy {
  const bare = words.filter((word, at) => at === 0 || !passwordForms.has(word));
  // `dbpassword`, `password_hash`, `PASSWORD1`
  if (bare.at(-1)?.endsWith('password')) return 'secret';
  const tails = tailsOf(words);
  if (tails.some((tail) => secretNames.has(tail))) return 'secret';
  return tails.some((tail) => doubtfulNames.has(tail)) ? 'doubtful' : 'plain';
}

/** Whether a number under this name can be the secret: `cvv: 123`, not `apiTokens: 5`. */
export function holdsNumber(key: string): boolean {
  return !isPlural(key) && tailsOf(wordsOf(key)).some((tail) => numberNames.has(tail) || tail.endsWith('password'));
}

function isPlural(key: string): boolean {
  return /[a-z]s$/i.test(key) && !/ss$/i.test(key);
}

/** Names that say only that what they hold is the thing itself: `password: { value: … }`. */
const wrappers = new Set(
  'value val text plain plaintext raw data string content new old current previous default'.split(' '),
);

/** Of a key inside an object that itself sits under a key. What lies beside a secret may be a fact: `secret: { name: … }`. */
export function secrecyWithin(holder: Secrecy, key: string): Secrecy {
  const own = secrecyOf(key);
  if (own === 'secret' || own === 'acting' || holder === 'plain') return own;
  return saysValue(key) ? holder : 'doubtful';
}

const names = new Set('name key header field variable parameter param env'.split(' '));

/** Whether the value beside this key may be what this one says: `{ name: 'DB_PASSWORD', value: 'x' }`. */
export function saysName(key: string): boolean {
  return names.has(key.toLowerCase());
}

export function saysValue(key: string): boolean {
  return wordsOf(key).every((word) => wrappers.has(word));
}

const cardWords = new Set(
  `card pan cc ccn ccnum creditcard debitcard cardnumber cardno kreditkarte kartennummer karte carte tarjeta
  carta`.split(/\s+/),
);
/** These say card only right beside a number: they are words of their own, too. */
const brands = new Set('visa mastercard amex maestro diner discover jcb unionpay'.split(' '));
/** What follows a card's word in the name of its number. */
const numberWords = new Set(
  `number no num nr nummer numero digit is value data detail info raw plain plaintext text string full new old current
  primary default used the my your his her their`.split(/\s+/),
);
/** What goes on behind the name of a thing says where it is, or what it is for: `card_on_file`. */
const prepositions = new Set('on for of to from in with at by'.split(' '));
/** Numbers that are something else, whatever word for a card is before them. */
const otherNumbers = new Set(
  `id ref reference amount total sum price cost fee limit balance count quantity volume supply credit debit transfer send
  wire mint application order transaction invoice ticket case serial shipment request message version timestamp time
  date`.split(/\s+/),
);

const cardWord = new RegExp([...cardWords, ...brands].join('|'), 'i');

/** Whether any of those words may be in it: one look at all of a long text. */
export function maySayCard(text: string): boolean {
  return cardWord.test(text);
}

/** Whether a key names the number of a payment card: its last word decides. */
export function saysCard(key: string): boolean {
  const last = lastWordOf(key);
  return cardWords.has(last) || brands.has(last);
}

/** The same of a key inside what another key names: `card: { dana: … }`, not `card: { limit: … }`. */
export function saysCardWithin(holder: string, key: string): boolean {
  return cardWords.has(lastWordOf(holder))
    ? !wordsOf(key).some((word) => otherNumbers.has(word))
    : saysCard(`${holder} ${key}`);
}

function lastWordOf(key: string): string {
  const words = wordsOf(key);
  const at = words.findIndex((word, index) => index > 0 && prepositions.has(word));
  return words.slice(0, at < 0 ? undefined : at).findLast((word) => !numberWords.has(word)) ?? '';
}

/** Whether what is before or behind a number on its line says that it is one of a payment card. */
export function isBesideCard(before: string, behind: string): boolean {
  const words = wordsOf(before);
  const [next = ''] = wordsOf(behind).filter((word) => !numberWords.has(word));
  const last = words.at(-1) ?? '';
  if (cardWords.has(next) || brands.has(next)) return !otherNumbers.has(last);
  const at = words.findLastIndex((word) => cardWords.has(word) || brands.has(word));
  const between = words.slice(at + 1);
  if (at < 0 || between.some((word) => otherNumbers.has(word))) return false;
  return cardWords.has(words[at] ?? '') || between.every((word) => numberWords.has(word));
}

/** Of names whose words are remembered: the same few come up with every request. */
const REMEMBERED_MAX = 2_000;
const REMEMBERED_CHARACTERS = 64;
const remembered = new Map<string, readonly string[]>();

/** `dbPassword`, `API-KEY`, `APITokens`, `cvv2` → their words, in the singular, without a number. */
export function wordsOf(key: string): readonly string[] {
  const known = remembered.get(key);
  if (known !== undefined) return known;
  const words = wordsIn(key);
  if (key.length > REMEMBERED_CHARACTERS) return words;
  if (remembered.size >= REMEMBERED_MAX) remembered.clear();
  remembered.set(key, words);
  return words;
}

function wordsIn(key: string): string[] {
  return key
    .slice(-200)
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1 $2')
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z\d]+/)
    .map((word) => word.replace(/\d+$/, ''))
    .map((word) => (/(?:[^s]s)$/.test(word) && word.length > 3 ? word.slice(0, -1) : word))
    .filter((word) => word !== '');
}

function tailsOf(words: readonly string[]): string[] {
  return Array.from({ length: LONGEST_NAME_WORDS }, (_, index) => words.slice(-index - 1).join(''));
}
