/**
 * Names of hosts whose letters are not all ASCII, with or without a scheme before them.
 * Tested in test/core/text/visible/look-alikes.test.ts.
 */
import { codePointName } from '../code-point.ts';
import { mixesWithLatin, scriptOf } from './scripts.ts';
import { isTopLevel } from './top-levels.ts';

export interface Host {
  text: string;
  is: string;
}

export const notAscii = /[^\0-\x7f]/;

/** Signs that look as if the host ended there, and are a part of it. Fullwidth ones that prose has (`：？`) are not listed. */
const ends: readonly (readonly [name: string, signs: string])[] = [
  ['a slash', '\u2044\u2215\u2571\u27cb\u29f8\u29f6\u2afb\u2afd\u2e4a\u1735\u3033\u31d3\uff0f\u{1f67c}'],
  ['a backslash', '\u2216\u27cd\u2572\u29f5\u29f9\ufe68\uff3c\u{1f67d}'],
  ['a colon', '\u02f8\u16ec\u205a\u2236\ua789\ufe30\ufe55'],
  ['a question mark', '\ufe56'],
  ['a hash', '\u266f\ufe5f\uff03'],
];
const endSigns = ends.map(([, signs]) => signs).join('');
const end = new RegExp(`[${endSigns}]`, 'u');
/** Like the dots and hyphens of a host; not the dashes and dots that separate words in prose. */
const joints = '\u00b7\u0387\u16eb\u2024\u2027\u2219\u22c5\u2e31\u2e33\ufe52\u02d7\u2010-\u2013\u2043\u2212\ufe63';
/** What a host can have beside letters and digits. */
const between = `._\\-\\uff0e\\uff61${joints}${endSigns}`;

/** Words, and names of hosts and files. Bounded, as the matcher keeps a stack; longer ones are read in parts. */
export const tokens = new RegExp(
  `(?:[\\p{L}\\p{M}\\p{N}\\p{Extended_Pictographic}${between}]|[\\u200c-\\u200d]){1,253}`,
  'gu',
);
const betweenWords = new RegExp(`[${between.replace('_', '')}]`, 'u');
/** Without such signs at either end. */
const inside = new RegExp(`^[${between}]*(.*[^${between}])`, 'u');

/** What a token of Chinese or Japanese is made of: there, fullwidth signs separate words. */
export function piecesOf(token: string): string[] {
  if (!/[\uff03\uff0f\uff3c]/.test(token)) return [token];
  return [...token].some((letter) => scriptOf(letter) === 'East Asian') ? token.split(/[\uff03\uff0f\uff3c]/) : [token];
}

/** The parts of a token that is not a host; `_` joins the parts of a name. */
export function wordsIn(token: string): string[] {
  return token.split(betweenWords);
}

/** Endings of file names, which are not taken for top-level domains. */
const fileEnding =
  /^(?:pdf|docx?|xlsx?|pptx?|txt|csv|json|xml|html?|png|jpe?g|gif|svg|webp|mp[34]|log|ya?ml|js|tsx?|css|odt|rtf|tar|gz|exe|bat|sql|eml)$/i;
/** More of them, of which none is a top-level domain. */
const rareFileEnding =
  /^(?:avi|bak|bmp|bz|cfg|cmd|conf|cpp|crt|dat|db|deb|dll|dmg|dump|dwg|env|epub|flac|heic|hpp|ics|ini|ipynb|iso|jar|java|key|lock|mkv|mobi|mpe?g|msg|msi|od[ps]|ogg|parquet|pem|php|psd|rar|sqlite|tgz|tiff?|tmp|toml|tsv|vbs|vcf|war|wav|webm|xz)$/;

/** The host that a token is, and what it is; null where it is none. @param isAddress whether `@` is before it */
export function hostIn(token: string, isAddress: boolean): Host | null {
  const name = withoutProse(inside.exec(token)?.[1] ?? '');
  if (!notAscii.test(name)) return null;
  if (isHost(name, isAddress)) return { text: name, is: asciiOf(name) };
  const sign = end.exec(name);
  if (sign === null || !isHost(name.slice(0, sign.index), isAddress)) return null;
  const looks = ends.find(([, signs]) => signs.includes(sign[0]))?.[0];
  return { text: name, is: `has ${codePointName(sign[0].codePointAt(0) ?? 0)}, not ${looks}` };
}

/** The same of what is between `://` and the path. */
export function hostInUrl(authority: string): Host | null {
  const host = withoutProse(authority.replace(/^.*@|:\d*$/g, ''));
  return notAscii.test(host) ? { text: host, is: asciiOf(host) } : null;
}

function isHost(name: string, isAddress: boolean): boolean {
  const labels = name.split(/[.\uff0e\uff61]/);
  const last = labels.at(-1) ?? '';
  if (labels.length < 2 || labels.includes('')) return false;
  if (isAddress || /^www$/i.test(labels[0] ?? '')) return true;
  if (fileEnding.test(last)) return false;
  // Under a domain that is not known, only where it can be mistaken: `größe.value` and `数据.value` are code.
  return isTopLevel(last) || (/^[a-z]{2,24}$/.test(last) && !rareFileEnding.test(last) && isMistakable(name));
}

function isMistakable(name: string): boolean {
  if (end.test(name)) return true;
  for (const letter of name) {
    const script = scriptOf(letter);
    if (script !== null && script !== 'Latin' && !mixesWithLatin.has(script)) return true;
  }
  return false;
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

/** Of a long name, so much of its end: that is who answers. A card cuts what is longer at its other end. */
const END_MAX = 50;

/** In the letters that it is looked up by, after the same standard (UTS #46) as a browser. */
function asciiOf(host: string): string {
  const name = URL.parse(`http://${host}/`)?.hostname ?? '';
  if (name === '' || notAscii.test(name)) return 'is not a valid host';
  return name.length > END_MAX ? `ends in ${name.slice(-END_MAX)}` : `is ${name}`;
}
