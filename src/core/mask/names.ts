/** What the name of a value says of it. Tested in test/core/mask/text.test.ts and test/core/mask/value.test.ts. */

/** What a key says of its value. `doubtful` names hold secrets and facts alike: `token: "USDC"`, `session: "Monday"`. */
export type Secrecy = 'secret' | 'doubtful' | 'plain';

/** As the last word, or the last two or three together, whatever their case and separators. */
const secretNames = new Set(
  `pass password passwd passphrase passcode pwd secret jwt credential cvv cvc ssn otp otpcode securitycode apikey
  apisecret accesskey secretkey privatekey signingkey encryptionkey accountkey servicekey stripekey rolekey masterkey
  accesstoken refreshtoken idtoken authtoken apitoken bottoken sessiontoken bearertoken githubtoken
  connectionstring seedphrase recoveryphrase recoverycode clientsecret passwordhash secretkeybase`.split(/\s+/),
);
const doubtfulNames = new Set(
  'token auth authorization bearer cookie session sessionid key pin credentials'.split(' '),
);
const LONGEST_NAME_WORDS = 3;

export function secrecyOf(key: string): Secrecy {
  const words = wordsOf(key);
  // `dbpassword`, `password_hash`, `PASSWORD1`
  if (words.some((word) => word.endsWith('password'))) return 'secret';
  const tails = Array.from({ length: LONGEST_NAME_WORDS }, (_, index) => words.slice(-index - 1).join(''));
  if (tails.some((tail) => secretNames.has(tail))) return 'secret';
  return tails.some((tail) => doubtfulNames.has(tail)) ? 'doubtful' : 'plain';
}

/** Names that say only that what they hold is the thing itself: `password: { value: … }`. */
const wrappers = new Set('value text plain plaintext raw data string content new old current previous'.split(' '));

/** Of a key inside an object that itself sits under a key. What lies beside a secret may be a fact: `secret: { name: … }`. */
export function secrecyWithin(holder: Secrecy, key: string): Secrecy {
  const own = secrecyOf(key);
  if (own === 'secret' || holder === 'plain') return own;
  return wordsOf(key).every((word) => wrappers.has(word)) ? holder : 'doubtful';
}

/** `dbPassword`, `API-KEY`, `APITokens`, `cvv2` → their words, in the singular, without a number. */
export function wordsOf(key: string): string[] {
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
