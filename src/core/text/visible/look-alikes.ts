/**
 * Words and hosts that are not what they look like: letters of two scripts in one word (Unicode's UTS #39, level
 * "moderately restrictive"), and hosts whose letters are not all ASCII. Takes time in proportion to the text.
 * Tested in test/core/text/visible/look-alikes.test.ts.
 */
import { reveal } from './reveal.ts';

export interface LookAlike {
  /** As it is written. */
  text: string;
  /** What it is: `is xn--pple-43d.com`, `mixes Latin and Cyrillic`. */
  is: string;
}

/** Scripts that occur in names, the most frequent first. Those of East Asia are written together, also with Latin. */
const scripts = [
  'Latin',
  'Cyrillic',
  'Greek',
  'Arabic',
  'Hebrew',
  'Devanagari',
  'Thai',
  'Armenian',
  'Georgian',
  'Cherokee',
  'Coptic',
  'Bengali',
  'Gurmukhi',
  'Gujarati',
  'Oriya',
  'Tamil',
  'Telugu',
  'Kannada',
  'Malayalam',
  'Sinhala',
  'Lao',
  'Tibetan',
  'Myanmar',
  'Khmer',
  'Ethiopic',
  'Lisu',
  'Deseret',
  'Osage',
  'Canadian_Aboriginal',
  'Tifinagh',
  'Glagolitic',
  'Gothic',
] as const;
type Script = (typeof scripts)[number] | 'East Asian' | 'other';

const eastAsian = /[\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Hangul}\p{scx=Bopomofo}]/u;
/** Written within a word of Latin letters by those who have no others for it, and not mistaken for one. */
const mixesWithLatin: ReadonlySet<string> = new Set<Script>([
  'East Asian',
  'Arabic',
  'Hebrew',
  'Devanagari',
  'Thai',
  'Bengali',
  'Gurmukhi',
  'Gujarati',
  'Oriya',
  'Tamil',
  'Telugu',
  'Kannada',
  'Malayalam',
  'Sinhala',
  'Lao',
  'Tibetan',
  'Myanmar',
  'Khmer',
  'Ethiopic',
]);
const patterns = scripts.map((script) => [script, new RegExp(`\\p{Script=${script}}`, 'u')] as const);
/** In units and formulas: `kΩ`, `μm`, `Δt`. None of them looks like a Latin letter. */
const inFormulas = /[ΔΘΛΞΠΣΦΨΩδζθλμξπφψω\u2126]/u;

const scriptsMet = new Map<string, Script | null>();

/** Null for what every script shares: digits, marks, signs. */
function scriptOf(letter: string): Script | null {
  const known = scriptsMet.get(letter);
  if (known !== undefined) return known;
  const isShared = !/\p{L}/u.test(letter) || /\p{Script=Common}|\p{Script=Inherited}/u.test(letter);
  const found = patterns.find(([, pattern]) => pattern.test(letter))?.[0] ?? 'other';
  const script = isShared ? null : eastAsian.test(letter) ? 'East Asian' : found;
  scriptsMet.set(letter, script);
  return script;
}

/** Letters that look like Latin ones, of the two scripts that have enough of them to write a word. */
const twins: readonly (readonly [script: Script, twin: RegExp])[] = [
  ['Cyrillic', /^[асеорхуіјѕһԁԛԝѵАВЕКМНОРСТУХІЈЅҮԌ]+$/u],
  ['Greek', /^[ανορυικχγητωΑΒΕΖΗΙΚΜΝΟΡΤΥΧ]+$/u],
];

/** Of all that is found, so many are kept. */
const FOUND_MAX = 50;
const notAscii = /[^\0-\x7f]/;
/** Words, and names of hosts and files. Bounded, as the matcher keeps a stack; longer ones are read in parts. */
const tokens = /(?:[\p{L}\p{M}\p{N}\p{Extended_Pictographic}_.\-\uff0e\uff61]|[\u200c-\u200d]){1,253}/gu;
/** After a scheme, up to the path, or up to the punctuation of a Chinese or Japanese sentence. */
const authorities = /:\/\/([^\s/?#"'<>\\\u3001\u3008-\u301f\uff01\uff08\uff09\uff0c\uff1a\uff1b\uff1f]{1,300})/g;

/** What in these texts is not what it looks like, each once, in their order. */
export function lookAlikesIn(texts: Iterable<string>): LookAlike[] {
  const found = new Map<string, string>();
  const suspects = new Map<string, Script>();
  const unmistakable = new Set<Script>();
  const add = (text: string, is: string) => {
    if (found.size < FOUND_MAX) found.set(text, is);
  };
  const addHost = (host: string) => {
    if (!found.has(host)) add(host, asciiOf(host));
  };
  const addWord = (word: string) => {
    if (!notAscii.test(word)) return;
    const met = scriptsOf(word);
    const mixture = mixtureIn(word, met);
    if (mixture !== null) add(word, mixture);
    const [script] = met;
    const twin = met.size === 1 ? twins.find(([one]) => one === script)?.[1] : undefined;
    if (script === undefined || twin === undefined) return;
    if (!twin.test(word)) unmistakable.add(script);
    else if (word.length > 1 && suspects.size < FOUND_MAX) suspects.set(word, script);
  };
  for (const text of texts) {
    if (!notAscii.test(text)) continue;
    for (const [, authority = ''] of text.matchAll(authorities)) {
      const host = withoutProse(authority.replace(/^.*@|:\d*$/g, ''));
      if (notAscii.test(host)) addHost(host);
    }
    for (const match of text.matchAll(tokens)) {
      const [token] = match;
      if (!notAscii.test(token)) continue;
      const host = hostIn(token, text.charAt(match.index - 1) === '@');
      if (host !== null) addHost(host);
      else for (const word of token.split(/[.\-\uff0e\uff61]/)) addWord(word);
    }
  }
  // In a text that is in Cyrillic anyway, such a word is a word like any other.
  for (const [word, script] of suspects) if (!unmistakable.has(script)) add(word, `is ${script}, not Latin`);
  return [...found].map(([text, is]) => ({ text: reveal(text), is }));
}

function scriptsOf(word: string): Set<Script> {
  const met = new Set<Script>();
  for (const letter of word) {
    const script = scriptOf(letter);
    if (script !== null) met.add(script);
  }
  return met;
}

/** Null for a word that is written in one script, or in several that are usually written together. */
function mixtureIn(word: string, met: ReadonlySet<Script>): string | null {
  if (/[0-9]/.test(word) && /(?![0-9])\p{Nd}/u.test(word)) return 'mixes digits of two scripts';
  if (met.size < 2) return null;
  const [other, ...more] = [...met].filter((script) => script !== 'Latin');
  if (other !== undefined && more.length === 0) {
    // Latin and one other.
    if (mixesWithLatin.has(other)) return null;
    if (other === 'Greek' && [...word].every((one) => scriptOf(one) !== 'Greek' || inFormulas.test(one))) return null;
  }
  return `mixes ${[...met].map((script) => script.replace('_', ' ')).join(' and ')}`;
}

/** Endings of file names, which are not taken for top-level domains. */
const fileEnding =
  /^(?:pdf|docx?|xlsx?|pptx?|txt|csv|json|xml|html?|png|jpe?g|gif|svg|webp|mp[34]|log|ya?ml|js|tsx?|css|odt|rtf|tar|gz|exe|bat|sql|eml)$/i;
/** Those of two letters, the frequent longer ones, and those of other scripts. A name after `@` or `://` may have any. */
const topLevel =
  /^(?:[a-z]{2}|com|net|org|info|biz|edu|gov|mil|int|dev|app|xyz|online|site|shop|store|top|club|tech|cloud|bank|finance|pay|money|live|world|link|click|email|support|help|news|blog|pro|page|web|zip|mov|xn--[a-z0-9-]+|рф|рус|онлайн|сайт|орг|ком|дети|москва|укр|бел|мкд|срб|қаз|бг|ею|ελ|ευ|հայ|გე|中国|中國|香港|台湾|台灣|公司|网络|网址|新加坡|한국|みんな|コム|ไทย|भारत|بھارت|امارات|السعودية|ایران|مصر|ישראל|قطر|شبكة)$/iu;

/** The host that a token is; null where it is none. */
function hostIn(token: string, isAddress: boolean): string | null {
  const name = withoutProse(token.replace(/^[.\-_]+|[.\-_]+$/g, ''));
  const labels = name.split(/[.\uff0e\uff61]/);
  const last = labels.at(-1) ?? '';
  if (labels.length < 2 || labels.includes('') || !notAscii.test(name)) return null;
  const isHost = isAddress || /^www$/i.test(labels[0] ?? '') || (topLevel.test(last) && !fileEnding.test(last));
  return isHost ? name : null;
}

/** Without the words that Chinese and Japanese write right before and behind a host. */
function withoutProse(given: string): string {
  const name = given.replace(/^([!-~]+)\u3002.*$/, '$1');
  const labels = name.split('.');
  const first = labels[0] ?? '';
  const last = labels.at(-1) ?? '';
  const before = /^[^\0-\x7f]+(?=[a-z0-9][a-z0-9-]*$)/i.exec(first)?.[0] ?? '';
  const behind = labels.length > 1 ? (/^[a-z]{2,24}([^\0-\x7f]+)$/i.exec(last)?.[1] ?? '') : '';
  const isProse = (text: string) => [...text].every((letter) => scriptOf(letter) === 'East Asian');
  return name.slice(isProse(before) ? before.length : 0, isProse(behind) ? name.length - behind.length : name.length);
}

/** In the letters that it is looked up by, after the same standard (UTS #46) as a browser. */
function asciiOf(host: string): string {
  const url = URL.parse(`http://${host}/`);
  return url === null || notAscii.test(url.hostname) ? 'is not a valid host' : `is ${url.hostname}`;
}
