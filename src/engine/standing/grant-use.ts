/**
 * What a standing answer decides: judged and counted inside the commit of the approval, on what the store holds. Tested in
 * test/engine/standing/grants.test.ts.
 */
import type { Approval } from '../../core/approval/approval.ts';
import { GRANT_ID } from '../../core/approval/names.ts';
import { isTooNew } from '../../core/approval/parts/shape.ts';
import { precedentKey } from '../../core/approval/precedent.ts';
import { isAskedAnew } from '../../core/approval/steps/stood.ts';
import { endOf, type Grant, type GrantEnd, grantable, grantSchema } from '../../core/policy/grants/grant.ts';
import { argumentsOf, type Likeness, likenessOf } from '../../core/policy/grants/likeness.ts';
import type { Policy } from '../../core/policy/rules/policy.ts';
import type { Changed, Clock } from '../../core/ports/ports.ts';
import type { Follow } from '../apply.ts';

export interface GrantUse {
  /** Null: it is in force. */
  endOf(grant: Grant): GrantEnd | null;
  /** Which of them are of the tool and the asker of a request. */
  ofSameAsker(pause: Approval['pause'], via: Approval['via']): (grant: Grant) => boolean;
  /** Whether a request is what the person allowed. */
  isLike(grant: Grant, likeness: Likeness): boolean;
  /** It was asked, or what waits already was changed. */
  hasNewArguments(changed: Changed): boolean;
  /** Which of them are of the tool and the asker of a request, and of other names or types of arguments. */
  ofOtherShape(approval: Approval): (grant: Grant) => boolean;
  /** The person’s own right to approve it, as it can be checked without a press of theirs. */
  rightOf(grant: Grant, approval: Approval): 'allowed' | 'denied' | 'unverified';
  inputFor: Follow['inputFor'];
}

export function createGrantUse({ policy, clock }: { policy: Policy; clock: Clock }): GrantUse {
  const use: GrantUse = {
    endOf: (grant) => endOf(grant, clock.now(), policy.document.version),
    ofSameAsker(pause, via) {
      const keyOf = lazily(() => {
        const key = precedentKey(pause, via);
        return key === null ? null : clock.hash(key);
      });
      return ({ key }) => key === keyOf();
    },
    hasNewArguments(changed) {
      if (changed.duplicate || changed.ignored !== null) return false;
      const { before, state } = changed;
      return before === null || before.phase === 'settled' || before.fingerprint !== state?.fingerprint;
    },
    isLike: ({ key, same, shape }, likeness) =>
      key === clock.hash(likeness.key) && same === clock.hash(likeness.same) && shape === clock.hash(likeness.shape),
    ofOtherShape({ pause, via }) {
      const hashesOf = lazily(() => {
        const asked = argumentsOf(pause, via);
        return asked === null ? null : { key: clock.hash(asked.key), shape: clock.hash(asked.shape) };
      });
      return ({ key, shape }) => {
        const asked = hashesOf();
        return asked !== null && asked.key === key && asked.shape !== shape;
      };
    },
    rightOf({ by }, approval) {
      const { right, inPlaceOf } = policy.judge('approve', { actor: by, roles: null }, approval);
      return inPlaceOf === undefined ? right : 'denied';
    },
    inputFor(before, state, value) {
      const grant = isTooNew(value) ? undefined : grantSchema.safeParse(value).data;
      const rule = grantable(state);
      if (grant === undefined || rule === null || !isAskedAnew(before, state) || use.endOf(grant) !== null) return null;
      const { requirement, pause, via, fingerprint } = state;
      if (requirement?.rule !== grant.rule || requirement.version !== grant.version) return null;
      const likeness = likenessOf(pause, via, rule.vary);
      if (likeness === null || !use.isLike(grant, likeness) || use.rightOf(grant, state) !== 'allowed') return null;
      const { from, by, uses } = grant;
      const used = grant.used + 1;
      const actor = { platform: 'policy', id: `${GRANT_ID}${from}`, name: by.name };
      const standing = { by, use: used, of: uses };
      return { input: { type: 'stood', action: 'approve', actor, fingerprint, standing }, value: { ...grant, used } };
    },
  };
  return use;
}

/** Every pause passes here, and most bots have no standing answer to compare it with. */
function lazily<T>(make: () => T): () => T {
  let made: { value: T } | null = null;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
