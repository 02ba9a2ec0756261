/** What a text looks like at a glance. Tested in test/core/text/visible/look.test.ts. */

/**
 * Letters of other scripts that have the shape of a Latin one in most fonts, capitals and small letters. Replaced before
 * the case of a text is folded, because a capital may have another shape than its small letter.
 */
const shapes: readonly [latin: string, others: string][] = [
  ['a', 'АΑаαɑ'],
  ['b', 'ВΒЬ'],
  ['c', 'Ссϲ'],
  ['d', 'ԁ'],
  ['e', 'ЕΕеҽ'],
  ['g', 'ɡ'],
  ['h', 'НΗһ'],
  ['i', 'ІΙіιı'],
  ['j', 'Јј'],
  ['k', 'КΚкκ'],
  ['l', 'Ӏӏ'],
  ['m', 'МΜм'],
  ['n', 'Νո'],
  ['o', 'ОΟоοօσ0'],
  ['p', 'РΡрρ'],
  ['q', 'ԛ'],
  ['s', 'Ѕѕ'],
  ['t', 'ТΤтτ'],
  ['u', 'υսʋ'],
  ['v', 'νѵ'],
  ['w', 'ԝѡω'],
  ['x', 'ХΧхχ'],
  ['y', 'УΥу'],
  ['z', 'Ζ'],
];
const latin = new Map(shapes.flatMap(([letter, others]) => [...others].map((other) => [other, letter])));

/** The same for texts that a person takes for the same: without case, accents, scripts, and the width of blanks. */
export function lookOf(text: string): string {
  const letters = [...text.normalize('NFKD')].map((letter) => latin.get(letter) ?? letter).join('');
  return letters
    .toLowerCase()
    .replace(/\p{M}+/gu, '')
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/[i1|!]/g, 'l')
    .replaceAll('rn', 'm')
    .replaceAll('vv', 'w');
}
