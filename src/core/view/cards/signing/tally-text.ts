/** How far signatures are, in words. Pure. Tested in test/core/view/cards/signing/lines.test.ts. */
import { joined } from '../../../approval/signers.ts';
import type { Tally } from '../../../approval/steps/signing/tally.ts';
import { whoText } from '../../policy/who.ts';

/** `1 of 2` */
export function countText({ counted, more }: Pick<Tally, 'counted' | 'more'>): string {
  return `${counted} of ${counted + more}`;
}

/** `legal`, `1 of finance or legal`, `legal and 1 more`. Empty where it says nothing that the count does not. */
export function missingText({ more, seats, waitsFor }: Pick<Tally, 'more' | 'seats' | 'waitsFor'>): string {
  const names = waitsFor.map(entryText);
  if (names.length === 0) return '';
  const from = names.length === seats ? joined(names) : `${seats} of ${joined(names, 'or')}`;
  return more > seats ? `${from} and ${more - seats} more` : from;
}

/** An entry of a rule, in words: an ID alone would say nothing to a reader. */
export function entryText(entry: string): string {
  return whoText([entry]).replace(/^@/, '');
}
