/**
 * What a policy would have done with requests of the past: each is routed again as of when it was asked. Pure. Compared with
 * an oracle in test/core/policy/replay/replay.test.ts.
 */
import type { Approval } from '../../approval/approval.ts';
import type { Requirement, Timing } from '../../approval/parts/requirement.ts';
import { type Place, placeKey } from '../../approval/parts/slot.ts';
import type { Action } from '../../approval/pause/pause.ts';
import { asksPerson } from '../../approval/pause/pause.ts';
import { actionsOf, ruleOf } from '../../approval/steps/signing/rules.ts';
import { circumstancesOf } from '../rules/novelty-facts.ts';
import type { Policy } from '../rules/policy.ts';

/** What differs from what happened. A request may differ in several ways. */
export type Difference =
  /** The rule approves it. */
  | { type: 'passes'; was: string }
  /** The rule rejects it. */
  | { type: 'refused'; was: string }
  /** No one may decide it, or its card is posted nowhere. */
  | { type: 'no_one'; why: 'no_rule' | 'expression' | 'no_deciders' | 'no_rooms' }
  | { type: 'people'; count: number; was: number }
  /** A person who decided it may not. */
  | { type: 'not_allowed'; who: string }
  | { type: 'rooms' };

export interface Replayed {
  approval: Approval;
  /** Null: no rule fits. */
  rule: string | null;
  /** None: as it was. */
  differences: readonly Difference[];
}

/** Those that people decide on; runs from chat and notes have no rule. */
export function isReplayed({ pause }: Pick<Approval, 'pause'>): boolean {
  return asksPerson(pause) && pause.actions.length > 0;
}

export function replay(approval: Approval, policy: Policy): Replayed {
  const { rule, requirement, places, standing, timing } = policy.route(approval.pause, circumstancesOf(approval));
  const name = rule?.name ?? null;
  if (standing !== null) {
    const type = standing === 'approve' ? 'passes' : 'refused';
    const { decision } = approval;
    const isAsBefore = decision?.actor.platform === 'policy' && decision.action === standing;
    return { approval, rule: name, differences: isAsBefore ? [] : [{ type, was: fateOf(approval) }] };
  }
  const nobody = noOneWhy(requirement, places.length, approval);
  if (nobody !== null) return { approval, rule: name, differences: [{ type: 'no_one', why: nobody }] };
  return {
    approval,
    rule: name,
    differences: [
      ...peopleOf(requirement, approval),
      ...signersOf(requirement, approval, policy),
      ...(isSameRooms(places, timing, approval) ? [] : [{ type: 'rooms' } as const]),
    ],
  };
}

/** How it ended, or that it is pending. */
export function fateOf({ phase, outcome }: Approval): string {
  return phase === 'settled' ? outcome : phase === 'open' ? 'pending' : 'decided';
}

function noOneWhy(
  requirement: Requirement,
  rooms: number,
  { pause }: Approval,
): Extract<Difference, { type: 'no_one' }>['why'] | null {
  const { denied } = requirement;
  if (denied !== null) return denied.code === 'expression' ? 'expression' : 'no_rule';
  if (ruleOf(requirement, mainAction(pause), pause) === null) return 'no_deciders';
  return rooms === 0 ? 'no_rooms' : null;
}

/** By what a request is compared: approving it; where that is not offered, answering it. */
export function mainAction({ actions }: Approval['pause']): Action {
  return actions.includes('approve') ? 'approve' : (actions.find((one) => one !== 'reject') ?? 'reject');
}

function peopleOf(requirement: Requirement, { pause, requirement: stored }: Approval): Difference[] {
  const action = mainAction(pause);
  const count = ruleOf(requirement, action, pause)?.count ?? 1;
  // Before there was a policy, one person decided.
  const was = stored === undefined ? 1 : (ruleOf(stored, action, pause)?.count ?? 0);
  return count === was ? [] : [{ type: 'people', count, was }];
}

/** The people who signed and may not; those of whom only a look-up can tell are left out. */
function signersOf(requirement: Requirement, approval: Approval, policy: Policy): Difference[] {
  const { pause, decision, signatures } = approval;
  if (decision === null) return [];
  const signers = signatures.length > 0 ? signatures : [decision];
  const asked = { pause, requirement, signatures: [] };
  return signers.flatMap(({ actor, action, text }): Difference[] => {
    if (actor.platform === 'application' || actor.platform === 'policy') return [];
    const rights = actionsOf(action, text, pause).map((one) => policy.right(one, { actor, roles: null }, asked));
    return rights.includes('denied') ? [{ type: 'not_allowed', who: actor.name }] : [];
  });
}

/** A room that an escalation added is not another room. */
function isSameRooms(places: readonly Place[], timing: Timing | null, { slots }: Approval): boolean {
  const before = new Set(
    Object.values(slots)
      .filter(({ kind }) => kind === 'card')
      .map(({ place }) => placeKey(place)),
  );
  const now = new Set(places.map(placeKey));
  const later = new Set((timing?.escalate ?? []).flatMap((step) => step.places.map(placeKey)));
  // What had no card yet is not somewhere else.
  if (before.size === 0) return true;
  return [...now].every((one) => before.has(one)) && [...before].every((one) => now.has(one) || later.has(one));
}
