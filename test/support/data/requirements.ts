import type { Input } from '../../../src/core/approval/inputs.ts';
import type { Actor } from '../../../src/core/approval/parts/decision.ts';
import type { Requirement, VerbRule } from '../../../src/core/approval/parts/requirement.ts';
import { pressed } from './pauses.ts';

export const mara: Actor = { platform: 'slack', id: 'U0MARA', name: 'Mara Lind', person: 'mara' };
/** The same person’s other account. */
export const maraAtDiscord: Actor = { platform: 'discord', id: '2345', name: 'mara', person: 'mara' };
export const jon: Actor = { platform: 'slack', id: 'U0JON', name: 'Jon Aker', person: 'jon' };
export const lea: Actor = { platform: 'discord', id: '3456', name: 'Lea Roth', person: 'lea' };

/** Who belongs to what, in the world of these tests. */
const groupsOf: Record<string, readonly string[]> = { mara: ['finance'], jon: ['legal'], lea: ['finance', 'legal'] };

export function verbRule(more: Partial<VerbRule> = {}): VerbRule {
  const quorum = { by: ['finance', 'legal'], count: 1, each: 0 };
  return { ...quorum, notRequester: false, confirm: false, note: 'off', quick: [], ...more };
}

/** Two people approve, one from each group; one person rejects. */
export const twoPeople = verbRule({ count: 2, each: 1 });

export function requirementOf(more: Partial<Requirement> = {}): Requirement {
  return {
    rule: 'refunds',
    version: 'v1',
    verbs: { approve: twoPeople, reject: verbRule(), answer: twoPeople, take_over: twoPeople },
    mention: [],
    denied: null,
    claimMs: null,
    expire: null,
    escalations: [],
    escalated: [],
    remindTo: 'thread',
    quiet: null,
    grant: null,
    ...more,
  };
}

/** A press of a person of this world; `earlier` is what the policy says of those who have signed. */
export function signed(actor: Actor, more: Partial<Extract<Input, { type: 'pressed' }>> = {}): Input {
  const groups = groupsOf[actor.person ?? ''] ?? [];
  return pressed({ actor, signing: { groups, earlier: [] }, ...more });
}
