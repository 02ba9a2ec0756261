/** What several people sign alike, and how far each of these is. Pure. Tested in test/core/view/cards/signing/lines.test.ts. */
import type { Actor } from '../../../approval/parts/decision.ts';
import type { Signature } from '../../../approval/parts/signature.ts';
import { joined } from '../../../approval/signers.ts';
import { rulesOf } from '../../../approval/steps/signing/rules.ts';
import { isSameAct, signerOf } from '../../../approval/steps/signing/signatures.ts';
import { type Tally, tally } from '../../../approval/steps/signing/tally.ts';
import type { Shown } from '../../../approval/subject.ts';
import { whoText } from '../../policy/who.ts';

/** What some people have signed alike. */
export interface Act {
  /** The last one of it. */
  signature: Signature;
  signers: readonly Actor[];
  /** Of the rule that is furthest from complete. */
  tally: Tally;
}

/** What was signed so far, each with how far it is. Empty where one person decides. */
export function actsOf(approval: Shown): Act[] {
  const acts: Signature[][] = [];
  for (const signature of approval.signatures) {
    const same = acts.find(([first]) => first !== undefined && isSameAct(first, signature));
    if (same === undefined) acts.push([signature]);
    else same.push(signature);
  }
  return acts.flatMap((same): Act[] => {
    const signature = same.at(-1);
    const rules = signature && rulesOf(approval, signature.action, signature.text);
    if (signature === undefined || rules === null || rules === undefined) return [];
    const tallies = rules.map((rule) => tally(rule, same.map(signerOf)));
    const [furthest] = tallies.toSorted((one, other) => other.more - one.more);
    return furthest === undefined ? [] : [{ signature, signers: same.map(({ actor }) => actor), tally: furthest }];
  });
}

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
