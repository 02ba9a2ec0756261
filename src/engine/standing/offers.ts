/**
 * From which settled cards a standing answer can be given: where people approved the same often enough. Tested in
 * test/engine/standing/grants.test.ts.
 */
import type { Approval } from '../../core/approval/approval.ts';
import { isAutomatic } from '../../core/approval/names.ts';
import type { Precedent } from '../../core/approval/precedent.ts';
import type { Subject } from '../../core/approval/subject.ts';
import { grantable, isApprovedByPerson } from '../../core/policy/grants/grant.ts';
import { fixedPart, type Likeness, likenessOf } from '../../core/policy/grants/likeness.ts';
import type { Policy } from '../../core/policy/rules/policy.ts';
import type { Store } from '../../core/ports/ports.ts';
import { canonical } from '../../core/text/canonical.ts';
import type { GrantOnCard } from '../../core/view/card.ts';
import type { Grants } from './grants.ts';

/**
 * Among so many approvals of the tool and asker the similar ones are counted, the latest first: more than a rule can ask for,
 * and a few ms to read.
 */
const LOOKED_AT = 200;

/** What can be given. */
export interface Offer {
  likeness: Likeness;
  rule: string;
  version: string;
  forMs: number;
  uses: number;
  vary: readonly string[];
}

/** Why nothing can be given. `unearned`: too few similar approvals. `policy`: another version of the file applies by now. */
export type NoOffer = 'not_possible' | 'unearned' | 'policy';

export interface Offers {
  of(approval: Approval): Promise<Offer | NoOffer>;
  /** What a card says of it; null: nothing. */
  onCard(approval: Approval): Promise<GrantOnCard | null>;
}

export function createOffers({
  store,
  policy,
  grants,
}: {
  store: Pick<Store, 'precedents'>;
  policy: Policy;
  grants: Grants;
}): Offers {
  async function of(approval: Approval): Promise<Offer | NoOffer> {
    const { pause, via, requirement } = approval;
    const rule = isApprovedByPerson(approval) ? grantable(approval) : null;
    const likeness = rule === null ? null : likenessOf(pause, via, rule.vary);
    if (rule === null || likeness === null || requirement === undefined) return 'not_possible';
    const { rule: name, version } = requirement;
    if (version !== policy.document.version) return 'policy';
    const precedents = await store.precedents(likeness.key, LOOKED_AT);
    const similar = precedents.filter((one) => isSimilar(one, pause, rule.vary));
    const { after, ...limits } = rule;
    return similar.length < after ? 'unearned' : { likeness, rule: name, version, ...limits };
  }

  return {
    of,
    async onCard(approval) {
      const given = grants.all().get(approval.id) ?? null;
      const onCard = given && { ...given, end: grants.endOf(given) };
      if (onCard !== null && onCard.end === null) return { given: onCard, offer: null };
      const found = await of(approval);
      const offer = typeof found === 'string' || grants.inForceFor(found.likeness) !== null ? null : found;
      return onCard === null && offer === null ? null : { given: onCard, offer };
    },
  };
}

/** Approved by a person, and the same but for what may vary. Its tool and asker are the same already. */
function isSimilar({ pause, decision }: Precedent, asked: Subject, vary: readonly string[]): boolean {
  if (decision === null || isAutomatic(decision.actor)) return false;
  const [before, now] = [pause, asked].map(({ parameters, hidden }) =>
    canonical([fixedPart(parameters, vary), [...hidden].sort()]),
  );
  return before === now;
}
