/**
 * Tokens that are secrets by their shape, wherever they are. Every check takes linear time on any text: a start is
 * looked for once, and what follows it is read once. Tested in test/core/mask/shapes.test.ts.
 */
import { endsInRest, type Span } from './mask.ts';
import { isRandom, isWordy, looksSecret, matchEnd } from './token.ts';

/** `name`: ordinary names begin with it, too. `address`: the start stays in sight. */
type Sort = 'token' | 'name' | 'address';

/**
 * Tokens by the way they begin. A body is as long as its issuer writes it, or nearly, and has a point or a slash only where
 * theirs has one: a host, a file or a table that begins the same is not a token. What has to look random is its first group, or
 * all of it.
 */
const formats: readonly [start: string, body: RegExp, sort?: Sort][] = [
  // Cloud services and hosting.
  ['A(?:KIA|SIA|BIA|CCA)', /[A-Z\d]{16}(?![A-Z\d])/y],
  ['AIza', /[\w-]{30,}/y],
  ['ya29\\.', /[\w-]{30,}/y],
  ['GOCSPX-', /[\w-]{24,}/y],
  ['LTAI', /[A-Za-z\d]{20}(?![A-Za-z\d])/y],
  ['do[opr]_v1_', /[\da-f]{64}/y],
  ['dapi', /[\da-f]{32}(?:-\d)?(?![\da-z])/y],
  ['sbp_(?:v0_)?', /[\da-f]{40}/y],
  ['sb_secret_', /[\w-]{24,}/y],
  ['pscale_(?:tkn|pw|oauth)_', /[\w-]{30,}/y],
  ['nfp_', /[A-Za-z\d]{30,}/y],
  ['tskey-[a-z]{2,12}-', /[A-Za-z\d]{8,20}-[A-Za-z\d]{20,}/y],
  ['hv[bsr]\\.', /[\w-]{24,}/y],
  ['pul-', /[\da-f]{40}/y],
  ['dp\\.(?:pt|st|ct|sa)\\.(?:[a-z_-]{2,35}\\.)?', /[A-Za-z\d]{40,}/y],
  // Code and packages.
  ['gh[oprsu]_', /[A-Za-z\d]{20,}/y],
  ['github_pat_', /[A-Za-z\d]{20,}(?:_[A-Za-z\d]{20,})?/y],
  ['gl(?:pat|dt|rt|soat|ptt|ft|cbt|imt|agent|oas|ffct)-', /[\w-]{20,}(?:(?:\.\d\d)?\.[01][\da-z]{8}(?![\w.]))?/y],
  ['npm_', /[A-Za-z\d]{30,}/y],
  ['pypi-', /[\w-]{50,}/y],
  ['rubygems_', /[\da-f]{48}/y],
  ['dckr_pat_', /[\w-]{24,}/y],
  ['PMAK-', /[\da-f]{24}-[\da-f]{34}/y],
  // Models.
  ['hf_|r8_', /[A-Za-z\d]{30,}/y],
  ['gsk_|pplx-', /[A-Za-z\d]{40,}/y],
  ['xai-', /[A-Za-z\d]{60,}/y],
  ['nvapi-', /[\w-]{40,}/y],
  // Watching.
  ['glsa_', /[A-Za-z\d]{32}_[\da-f]{8}/y],
  ['glc_', /[A-Za-z\d+/]{32,}={0,2}/y],
  ['sntrys_', /[A-Za-z\d+/]{30,}={0,2}(?:_[A-Za-z\d+/]{30,})?/y],
  ['sntryu_', /[\da-f]{64}/y],
  ['NRAK-', /[A-Z\d]{27}/y],
  // Work, shops and mail.
  ['xox[abeoprs]-|xapp-', /[A-Za-z\d-]{16,}/y],
  ['hooks\\.slack\\.com/(?:services|workflows|triggers)/', /(?:[A-Z\d]{1,20}\/){1,4}([\w-]{16,})/y, 'address'],
  ['discord(?:app)?\\.com/api/(?:v\\d{1,2}/)?webhooks/', /\d+\/([\w-]{20,})/y, 'address'],
  ['ntn_', /[A-Za-z\d]{40,}/y],
  ['secret_', /[A-Za-z\d]{43}(?![A-Za-z\d])/y],
  ['lin_api_', /[A-Za-z\d]{30,}/y],
  ['figd_', /[\w-]{36,}/y],
  ['ATATT3', /[\w=-]{50,}/y],
  ['shp(?:at|ca|pa|ss)_', /[\dA-Fa-f]{32}/y],
  ['sq0(?:atp|csp)-', /[\w-]{22,}/y],
  ['SG\\.', /[\w-]{16,}\.[\w-]{16,}/y],
  ['xkeysib-', /[\da-f]{64}-[A-Za-z\d]{16}/y],
  ['SK', /[\da-f]{32}(?![\da-z])/y],
  ['key-', /[\da-f]{32}(?![\da-z])/y],
  ['whsec_', /[A-Za-z\d+/]{20,}={0,2}/y],
  ['AGE-SECRET-KEY-1', /[A-Z\d]{50,}/y],
  // Stripe, OpenAI, Anthropic and many others.
  ['(?:sk|pk|rk|rt|tv|ct)[_-]', /(?:(?:live|test|proj|ant|svcacct|admin|api\d\d)[_-]){0,3}([\w-]{12,})/y, 'name'],
];

/** What follows the start of a token. Another one is looked for behind its end only, so that it is read once. */
interface Body {
  end: number;
  isSecret: boolean;
}

interface Kind {
  /** A pattern. */
  start: string;
  /** @param from behind the start */
  read: (text: string, from: number) => Body;
  /** Its start is a host, which stays in sight. */
  isAddress?: boolean;
}

const kinds: readonly Kind[] = [
  { start: '(?=eyJ)', read: jwtAt },
  { start: '[st]k\\.(?=eyJ)', read: signedAt },
  { start: '(?=LS0tLS1CRUdJTi)', read: encodedKeyAt },
  ...formats.map(([start, body, sort]) => ({
    start,
    read: (text: string, from: number) => bodyAt(text, from, body, sort === 'name'),
    isAddress: sort === 'address',
  })),
];
/** Not inside a word. */
const starts = new RegExp(`(?<![A-Za-z\\d])(?:${kinds.map(({ start }) => `(${start})`).join('|')})`, 'g');

export function shapesIn(text: string): Span[] {
  const spans: Span[] = [];
  const add = (start: number, end: number) => spans.push({ start, end, kind: 'shape', key: '' });
  starts.lastIndex = 0;
  for (let match = starts.exec(text); match !== null; match = starts.exec(text)) {
    if (endsInRest(spans, text, match.index)) return spans;
    const from = match.index + match[0].length;
    const kind = kinds[match.findIndex((group, at) => at > 0 && group !== undefined) - 1];
    // A start may be without a length of its own.
    starts.lastIndex = Math.max(from, match.index + 1);
    if (kind === undefined) continue;
    const { end, isSecret } = kind.read(text, from);
    if (isSecret) add(kind.isAddress ? from : match.index, end);
    starts.lastIndex = Math.max(starts.lastIndex, end);
  }
  if (text.includes('.')) {
    for (const { index, 0: found, 1: id = '', 2: rest = '' } of text.matchAll(botTokens))
      if (/^\d{17,20}$/.test(decoded(id)) && isRandom(rest)) add(index, index + found.length);
  }
  if (text.includes(':AA')) {
    for (const { index, 0: found, 1: rest = '' } of text.matchAll(telegramTokens))
      if (isRandom(rest)) add(index, index + found.length);
  }
  return spans;
}

/** Of Discord: the id of the bot, a time and a signature. */
const botTokens = /(?<![\w-])([MNO][\w-]{22,27})\.[\w-]{6}\.([\w-]{27,45})(?![\w-])/g;
const telegramTokens = /(?<!\d)\d{8,10}:AA([\w-]{33})(?![\w-])/g;

function bodyAt(text: string, from: number, body: RegExp, isName: boolean): Body {
  body.lastIndex = from;
  const found = body.exec(text);
  if (found === null) return { end: from, isSecret: false };
  const [all, rest = all] = found;
  const isSecret = isName
    ? looksSecret(rest) || (/^[A-Za-z\d]{16,}$/.test(rest) && !isWordy(rest))
    : rest.split('.').every(isRandom);
  return { end: from + all.length, isSecret };
}

const run = /[\w-]+/y;
const JWE_PARTS = 5;
/** Of its last part, which proves that nothing was changed: 16 bytes. */
const TAG_MIN = 22;

interface Part {
  part: string;
  end: number;
}

/** The parts of a token in base64url that begins here. One may be empty. */
function partsAt(text: string, from: number, most: number): Part[] {
  const parts: Part[] = [];
  let start = from;
  do {
    const end = matchEnd(text, start, run) ?? start;
    parts.push({ part: text.slice(start, end), end });
    start = end + 1;
  } while (parts.length < most && text[start - 1] === '.');
  return parts;
}

/** A header, a payload and a signature, or the five parts of an encrypted one, whose header names its encryption. */
function jwtAt(text: string, from: number): Body {
  const [header, ...others] = partsAt(text, from, JWE_PARTS);
  const none = { end: header?.end ?? from, isSecret: false };
  const said = decoded(header?.part ?? '');
  const [payload, signature] = others;
  const tag = others[JWE_PARTS - 2];
  if (payload === undefined || signature === undefined || !isJson(said)) return none;
  if (said.includes('"enc"')) {
    if (tag === undefined || tag.part.length < TAG_MIN) return none;
    return isRandom(others.map(({ part }) => part).join('')) ? { end: tag.end, isSecret: true } : none;
  }
  // Behind its point the signature of one that is not signed is empty.
  if (!isJson(decoded(payload.part)) || !(signature.part === '' || isRandom(signature.part))) return none;
  return { end: signature.end, isSecret: true };
}

const SIGNATURE_MIN = 20;

/** JSON and its signature. */
function signedAt(text: string, from: number): Body {
  const [payload, signature] = partsAt(text, from, 2);
  const end = signature?.end ?? payload?.end ?? from;
  const proof = signature?.part ?? '';
  return { end, isSecret: proof.length >= SIGNATURE_MIN && isRandom(proof) && isJson(decoded(payload?.part ?? '')) };
}

const base64 = /[A-Za-z\d+/]+={0,2}/y;
/** The first line of a key, and more. */
const FIRST_LINE = 96;

/** A private key in PEM, all of it in base64. */
function encodedKeyAt(text: string, from: number): Body {
  const end = matchEnd(text, from, base64) ?? from;
  const first = decoded(text.slice(from, Math.min(end, from + FIRST_LINE)));
  return { end, isSecret: /^-----BEGIN [A-Z\d ]{0,40}PRIVATE KEY/.test(first) };
}

/** From base64 or base64url; empty where it is neither. */
function decoded(text: string): string {
  try {
    return atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  } catch {
    return '';
  }
}

/** Of an object. */
function isJson(text: string): boolean {
  if (!text.startsWith('{')) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
