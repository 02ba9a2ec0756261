/**
 * Whether a secret that an operator made can be guessed. The rule is in docs/security.md ("Secrets of our own making").
 * Tested in test/core/text/settings/secret.test.ts.
 */
import { counted } from '../numbers.ts';

/** 16 characters of base64 are 96 bits. */
const CHARACTERS_MIN = 16;
/** Characters that a guesser could not have foreseen. */
const UNFORESEEN_MIN = 12;
/** How many of these must be different from each other. */
const DIFFERENT_MIN = 8;
/** A piece of this length that occurred before is a repetition; one that counts up or down, or stays, is a row. */
const PIECE = 4;
/** Standard Webhooks: a secret has 192 to 512 bits. Longer ones are accepted. */
const WEBHOOK_BYTES_MIN = 24;
const WEBHOOK_PREFIX = 'whsec_';

/** What an operator writes to get a secret that is accepted. */
const HOW_TO_MAKE = 'Make one: openssl rand -base64 24';
const HOW_TO_MAKE_WEBHOOK = `Make one: printf '${WEBHOOK_PREFIX}%s\\n' "$(openssl rand -base64 32)"`;

/** Secrets that are printed in the documentation of Standard Webhooks. */
const samples = new Set([
  'MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
  'C2FVsBQIhrscChlQIMV+b5sSYspob7oD',
  'plJ3nmyCDGBKInavdOK15jsl',
]);

/** What people write in place of a secret, and the words in the names of our settings. Rows of keys count too. */
const words = [
  'password passwort passphrase passwd secret token bearer api key change replace example sample default',
  'placeholder insert generate random string value please your this that here with must very super long strong',
  'secure private only test demo dummy fake temp prod production staging local host dev internal admin root user',
  'login letmein welcome hello world foo bar baz xyz abc 123 countersign slack discord runtype sonzai hookpulse',
  'whsec webhook standard ingest callback metrics resolve ask approval approve reviewer inbox gateway agent the',
  'qwertyuiop qwertzuiop asdfghjkl zxcvbnm yxcvbnm qwerty qwertz asdf 1qaz 2wsx 3edc',
]
  .flatMap((line) => line.split(' '))
  .sort((one, other) => other.length - one.length);

/**
 * What is wrong with a secret of our own making, and how to make a better one; null for one that is hard to guess. It
 * never contains a part of the secret.
 */
export function problemOfSecret(secret: string): string | null {
  const length = [...secret].length;
  if (length < CHARACTERS_MIN) {
    return `has ${counted(length, 'character')}, at least ${CHARACTERS_MIN} are needed. ${HOW_TO_MAKE}`;
  }
  return isGuessable(secret) ? `is easy to guess. ${HOW_TO_MAKE}` : null;
}

/**
 * The same for a secret of Standard Webhooks.
 * @param secret `whsec_` and base64
 */
export function problemOfWebhookSecret(secret: string): string | null {
  const bytes = bytesOf(secret);
  if (bytes === null) {
    return `is not a Standard Webhooks secret (${WEBHOOK_PREFIX} and base64). ${HOW_TO_MAKE_WEBHOOK}`;
  }
  if (bytes.length < WEBHOOK_BYTES_MIN) {
    return `has ${counted(bytes.length, 'byte')}, at least ${WEBHOOK_BYTES_MIN} are needed. ${HOW_TO_MAKE_WEBHOOK}`;
  }
  const encoded = secret.slice(WEBHOOK_PREFIX.length);
  const isKnown = samples.has(encoded.replace(/=+$/, ''));
  return isKnown || isGuessable(encoded) || isGuessable(bytes) ? `is easy to guess. ${HOW_TO_MAKE_WEBHOOK}` : null;
}

/** The secrets of one setting, separated by spaces or commas: several while one replaces the other. */
export function secretsIn(text: string | null): string[] {
  return (text ?? '').split(/[\s,]+/).filter((secret) => secret !== '');
}

/** One character for each byte; null for what is not base64. */
function bytesOf(secret: string): string | null {
  if (!secret.startsWith(WEBHOOK_PREFIX)) return null;
  try {
    return atob(secret.slice(WEBHOOK_PREFIX.length));
  } catch {
    return null;
  }
}

/** Whether too little is left without what a guesser tries first. */
function isGuessable(secret: string): boolean {
  const unforeseen = withoutRows(withoutRepetitions(withoutWords(secret)));
  return unforeseen.length < UNFORESEEN_MIN || new Set(unforeseen).size < DIFFERENT_MIN;
}

function withoutWords(text: string): string {
  const lower = text.toLowerCase();
  // A character outside of ASCII may change its length, and is in no word.
  let rest = lower.length === text.length ? lower : text;
  for (const word of words) rest = rest.replaceAll(word, '');
  return rest;
}

/** Each piece counts where it occurs first. */
function withoutRepetitions(text: string): string {
  const seen = new Set<string>();
  return withoutPieces(text, (piece) => {
    const isRepeated = seen.has(piece);
    seen.add(piece);
    return isRepeated;
  });
}

/** Without what counts up or down, or stays the same, like 1234, dcba and aaaa. */
function withoutRows(text: string): string {
  return withoutPieces(text, (piece) => {
    const steps = Array.from({ length: PIECE - 1 }, (_, at) => piece.charCodeAt(at + 1) - piece.charCodeAt(at));
    return [-1, 0, 1].some((row) => steps.every((step) => step === row));
  });
}

function withoutPieces(text: string, isForeseen: (piece: string) => boolean): string {
  const foreseen = new Set<number>();
  for (let at = 0; at + PIECE <= text.length; at += 1) {
    if (!isForeseen(text.slice(at, at + PIECE))) continue;
    for (let inside = at; inside < at + PIECE; inside += 1) foreseen.add(inside);
  }
  return Array.from({ length: text.length }, (_, at) => (foreseen.has(at) ? '' : text.charAt(at))).join('');
}
