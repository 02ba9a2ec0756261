/** What several requests come to together. Tested in test/core/view/content/facts/total.test.ts. */
import type { Subject } from '../../../approval/subject.ts';
import { wordsOf } from '../../../mask/names.ts';
import { maskParameters } from '../../../mask/value.ts';
import { clip } from '../../../text/clip.ts';
import { sumOf } from '../../../text/exact/decimal.ts';
import { revealLine } from '../../../text/visible/reveal.ts';
import { leavesOf } from './leaves.ts';
import { amountOf } from './money.ts';
import { nounsOf, rankedOf } from './roles.ts';

/** Of the sign or code of a currency, characters. */
const CURRENCY_MAX = 12;

/** Of several requests together: `1240.50 EUR`. Null unless each names one amount, all by one name and in one currency. */
export function totalOf(pauses: readonly Subject[]): string | null {
  const amounts = pauses.map((pause) => {
    const leaves = leavesOf(maskParameters(pause).value);
    const nouns = nounsOf(pause.tool);
    const found = leaves.filter((leaf) => rankedOf(leaf, nouns).role === 'amount');
    const [leaf] = found;
    if (leaf === undefined || found.length > 1) return null;
    const { currency, digits } = amountOf(leaf, leaves, wordsOf(leaf.path.at(-1) ?? ''));
    return currency === null || digits === null ? null : { name: leaf.path.join('.'), currency, digits };
  });
  const known = amounts.filter((one) => one !== null);
  const [first] = known;
  if (first === undefined || known.length < amounts.length) return null;
  const alike = known.every(({ name, currency }) => name === first.name && currency === first.currency);
  return alike ? `${sumOf(known.map(({ digits }) => digits))} ${clip(revealLine(first.currency), CURRENCY_MAX)}` : null;
}
