/** What several people have signed alike, and how far each of these is. Tested in test/core/view/cards/signing/lines.test.ts. */
import type { Approval } from '../../approval.ts';
import type { Actor } from '../../parts/decision.ts';
import type { Requirement } from '../../parts/requirement.ts';
import type { Signature } from '../../parts/signature.ts';
import type { Pause } from '../../pause/pause.ts';
import { type RuleInForce, ruleOf, rulesOf } from './rules.ts';
import { isSameAct, signerOf } from './signatures.ts';
import { type Tally, tally } from './tally.ts';

/** What some people have signed alike. */
export interface Act {
  /** The last one of it. */
  signature: Signature;
  signers: readonly Actor[];
  /** The rule that is furthest from complete, and how far it is. */
  rule: RuleInForce;
  tally: Tally;
}

interface Signed {
  signatures: readonly Signature[];
  requirement?: Requirement | undefined;
  pause: Pick<Pause, 'kind'>;
}

/** What was signed so far, each with how far it is. Empty where one person decides. */
export function actsOf(approval: Signed): Act[] {
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
    const tallies = rules.map((rule) => ({ rule, tally: tally(rule, same.map(signerOf)) }));
    const [furthest] = tallies.toSorted((one, other) => other.tally.more - one.tally.more);
    return furthest === undefined ? [] : [{ signature, signers: same.map(({ actor }) => actor), ...furthest }];
  });
}

/** How many signatures a yes still takes, where its rule asks for several people; else 0. */
export function missingSignatures(approval: Signed & Pick<Approval, 'phase'>): number {
  const { phase, requirement, pause } = approval;
  if (phase !== 'open' || requirement === undefined) return 0;
  const rule = ruleOf(requirement, 'approve', pause) ?? ruleOf(requirement, 'take_over', pause);
  if (rule === null || rule.count < 2) return 0;
  const yes = actsOf(approval).filter(({ signature }) => signature.action !== 'reject');
  return Math.min(rule.count, ...yes.map(({ tally }) => tally.more));
}
