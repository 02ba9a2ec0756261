/**
 * Words and hosts that are not what they look like: letters of two scripts in one word (Unicode's UTS #39, level
 * "moderately restrictive"), and hosts whose letters are not all ASCII. Takes time in proportion to the text.
 * Tested in test/core/text/visible/look-alikes.test.ts.
 */
import { type Host, hostIn, hostInUrl, notAscii, piecesOf, tokens, wordsIn } from './hosts.ts';
import { reveal } from './reveal.ts';
import { mixesWithLatin, type Script, scriptOf, scriptsOf } from './scripts.ts';

export interface LookAlike {
  /** As it is written. */
  text: string;
  /** What it is: `is xn--pple-43d.com`, `mixes Latin and Cyrillic`. */
  is: string;
}

/** In units and formulas: `kΩ`, `μm`, `Δt`. None of them looks like a Latin letter. */
const inFormulas = /[ΔΘΛΞΠΣΦΨΩδζθλμξπφψω\u2126]/u;

/**
 * Letters that look like Latin ones, of the scripts that have enough of them to write a word. A letter with an accent that
 * Latin has not (`й`) is another letter.
 */
const twins: readonly (readonly [script: Script, twin: RegExp])[] = [
  ['Cyrillic', /^[асеорхуіјѕһҽӏүԁԛԝѵѡАВЕКМНОРСТУХІЈЅҮԌӀҺѴԚԜ]+$/u],
  ['Greek', /^[ανορυικχγητωϲϳΑΒΕΖΗΙΚΜΝΟΡΤΥΧϹͿ]+$/u],
  ['Armenian', /^[ոսօհցյզՕՍՏԼ]+$/u],
  ['Cherokee', /^[ᎠᎡᎢᎥᎩᎪᎫᎬᎳᎷᎻᎽᏀᏃᏎᏒᏔᏕᏙᏚᏞᏟᏢᏦᏭᏮᏳᏴᏂꭵꮃꮋꮓꮩꮪꮯ]+$/u],
  ['Coptic', /^[ⲟⲥⲣⲁⲓⲕⲩⲛⲦⲞⲤⲢⲀⲒⲔⲨⲚⲂⲈⲎⲘⲬ]+$/u],
  ['Lisu', /^[ꓐꓑꓓꓔꓖꓗꓙꓚꓜꓝꓟꓠꓡꓢꓣꓦꓧꓪꓫꓬꓮꓰꓲꓳꓴ]+$/u],
];

/** Of all that is found, so many are kept. */
const FOUND_MAX = 50;
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
  const addHost = (host: Host | null) => {
    if (host !== null && !found.has(host.text)) add(host.text, host.is);
  };
  const addWord = (word: string) => {
    if (!notAscii.test(word)) return;
    const met = scriptsOf(word);
    const mixture = mixtureIn(word, met);
    if (mixture !== null) add(word, mixture);
    const [script] = met;
    const twin = met.size === 1 ? twins.find(([one]) => one === script)?.[1] : undefined;
    if (script === undefined || twin === undefined) return;
    // A digit or a mark makes no letter another one.
    const letters = [...word.normalize('NFC')].filter((one) => scriptOf(one) !== null).join('');
    if (!twin.test(letters)) unmistakable.add(script);
    else if (letters.length > 1 && suspects.size < FOUND_MAX) suspects.set(word, script);
  };
  for (const text of texts) {
    if (!notAscii.test(text)) continue;
    for (const [, authority = ''] of text.matchAll(authorities)) {
      addHost(hostInUrl(authority));
    }
    for (const match of text.matchAll(tokens)) {
      const [token] = match;
      if (!notAscii.test(token)) continue;
      const isAddress = text.charAt(match.index - 1) === '@';
      // Before `@` it is the name of a person.
      const isName = text.charAt(match.index + token.length) === '@';
      for (const piece of piecesOf(token)) {
        const host = isName ? null : hostIn(piece, isAddress);
        if (host !== null) addHost(host);
        else for (const word of wordsIn(piece)) addWord(word);
      }
    }
  }
  // In a text that is in Cyrillic anyway, such a word is a word like any other.
  for (const [word, script] of suspects) if (!unmistakable.has(script)) add(word, `is ${script}, not Latin`);
  return [...found].map(([text, is]) => ({ text: reveal(text), is }));
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
