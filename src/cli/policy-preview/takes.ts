/** What a request takes by a policy, for a page that shows it. Tested in test/cli/policy-preview/preview.test.ts. */

import { actorName } from '../../core/approval/names.ts';
import type { Requirement } from '../../core/approval/parts/requirement.ts';
import type { Signature } from '../../core/approval/parts/signature.ts';
import type { Pause } from '../../core/approval/pause/pause.ts';
import { ruleOf } from '../../core/approval/steps/signing/rules.ts';
import type { Explanation } from '../../core/policy/explain/explain.ts';
import { mainAction } from '../../core/policy/replay/replay.ts';
import type { Policy } from '../../core/policy/rules/policy.ts';
import type { Asked } from '../../core/policy/rules/rights.ts';

/** What a request takes. */
export interface Takes extends Pick<Explanation, 'rule' | 'decides' | 'verdict'> {
  /** How many people; 0: no one may, or the rule decides. */
  people: number;
  /** The people of the file who may take its main action. */
  may: readonly Named[];
  /** Those who have signed. */
  signed: readonly { name: string; counts: boolean }[];
}

/** `unverified`: only a look-up can tell. `requester`: they might, but for having asked for it. */
export interface Named {
  name: string;
  right: 'allowed' | 'unverified' | 'requester';
}

export interface TakesInput {
  policy: Policy;
  pause: Pause;
  requirement: Requirement;
  signatures: readonly Signature[];
  explanation: Pick<Explanation, 'rule' | 'decides' | 'verdict'>;
}

export function takesOf({ policy, pause, requirement, signatures, explanation }: TakesInput): Takes {
  const { rule, decides, verdict } = explanation;
  const inForce = decides === 'people' ? ruleOf(requirement, mainAction(pause), pause) : null;
  const asked = { pause, requirement, signatures: [...signatures] };
  const people = inForce === null ? 0 : Math.max(inForce.count, inForce.each * new Set(inForce.by).size);
  return {
    ...{ rule, decides, verdict, people },
    may: inForce === null ? [] : mayOf(policy, asked, pause),
    signed: signedOf(policy, asked, signatures),
  };
}

function mayOf(policy: Policy, asked: Asked, pause: Pause): Named[] {
  const action = mainAction(pause);
  return [...policy.document.people].flatMap(([name, accounts]): Named[] => {
    const found = accounts.map(({ platform, id }) =>
      policy.judge(action, { actor: { platform, id, name }, roles: null }, asked),
    );
    if (found.some(({ right }) => right === 'allowed')) return [{ name, right: 'allowed' }];
    if (found.some(({ why }) => why === 'requester')) return [{ name, right: 'requester' }];
    return found.some(({ right }) => right === 'unverified') ? [{ name, right: 'unverified' }] : [];
  });
}

function signedOf(policy: Policy, asked: Asked, signatures: readonly Signature[]): Takes['signed'] {
  const { earlier } = policy.signing([], { actor: noOne, roles: [] }, asked);
  return signatures.map(({ actor }) => {
    const now = earlier.find(({ account }) => account === `${actor.platform}:${actor.id}`);
    const counts = now === undefined || now.groups !== null || now.unverified === true;
    return { name: actor.person ?? actorName(actor), counts };
  });
}

/** Only those who have signed are asked about. */
const noOne = { platform: '', id: '', name: '' };
