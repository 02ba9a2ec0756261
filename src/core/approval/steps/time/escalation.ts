/**
 * Escalation: where no one has decided for so long, the card is posted in further rooms, and further people are mentioned
 * there and may decide from then on. Each step is taken off the list in the commit that adds its jobs, so that a restart
 * neither loses nor repeats one. A claim holds it back until it ends, and so do quiet hours. Tested in
 * test/core/approval/steps/time/escalation.test.ts.
 */
import type { Approval } from '../../approval.ts';
import type { Step } from '../../inputs.ts';
import type { Escalation } from '../../parts/requirement.ts';
import { type Place, placeKey, type Slot } from '../../parts/slot.ts';
import type { Shown } from '../../subject.ts';
import { addSlots, cardPlaces, changed, draws, ignore } from '../transitions.ts';
import { hasEnded } from './expiry.ts';
import { audibleAt } from './quiet.ts';

/** Those that are still to come, each with the moment at which it comes unless somebody decides before, ms since 1970. */
export function escalationsAhead(state: Shown): Escalation[] {
  const { requirement, claim } = state;
  const held = claim?.until ?? 0;
  return (requirement?.escalations ?? []).map((one) => ({ ...one, at: audibleAt(state, Math.max(one.at, held)) }));
}

export function escalationDue(state: Approval, now: number): Step {
  const { requirement, slots } = state;
  const due = escalationsAhead(state).filter(({ at }) => at <= now);
  if (state.phase !== 'open' || requirement === undefined || due.length === 0 || hasEnded(state, now))
    return ignore(state, 'known');
  const [happened, escalations] = [
    requirement.escalations.slice(0, due.length),
    requirement.escalations.slice(due.length),
  ];
  const notes = notesOf(cardPlaces(state), requirement.escalated.length + 1);
  const next = {
    ...state,
    requirement: { ...requirement, escalations, escalated: [...requirement.escalated, ...happened] },
    slots: { ...slots, ...addSlots({}, 'card', newPlaces(state, happened)), ...notes },
  };
  return changed(next, draws({ ...next, slots: notes }, 'escalation'));
}

/** The rooms that do not have the card yet. */
function newPlaces(state: Approval, steps: readonly Escalation[]): Place[] {
  const known = new Set(cardPlaces(state).map(placeKey));
  return steps.flatMap(({ places }) => places).filter((place) => !known.has(placeKey(place)));
}

/** One for all steps that came at once, in the thread of each card that was there before. */
function notesOf(places: readonly Place[], number: number): Record<string, Slot> {
  const notes = places.map((place): [string, Slot] => [
    `escalation.${number}@${placeKey(place)}`,
    { kind: 'escalation', place, receipt: null, deletions: 0 },
  ]);
  return Object.fromEntries(notes);
}

/** The steps that a note reports: from the one that it is named after to the one of the next note. */
export function stepsOf({ requirement, slots }: Pick<Shown, 'requirement' | 'slots'>, note: string): Escalation[] {
  const first = numberOf(note);
  const later = Object.keys(slots)
    .map(numberOf)
    .filter((number) => number > first);
  return requirement?.escalated.slice(first - 1, Math.min(...later, Number.POSITIVE_INFINITY) - 1) ?? [];
}

/** 0: not a note of an escalation. */
function numberOf(slotName: string): number {
  return Number(/^escalation\.(\d+)@/.exec(slotName)?.[1] ?? 0);
}

/**
 * Whom a new message mentions, as the policy names them: a card in a room of an escalation those of that step, any other
 * card those of the rule. A note of an escalation mentions those whose step has no other room.
 */
export function mentionedOn(approval: Pick<Shown, 'requirement' | 'slots'>, slotName: string): readonly string[] {
  const { requirement, slots } = approval;
  const slot = slots[slotName];
  if (requirement === undefined || slot === undefined) return [];
  const isHere = (place: Place) => placeKey(place) === placeKey(slot.place);
  if (slot.kind === 'escalation') {
    const here = stepsOf(approval, slotName).filter(({ places }) => places.length === 0 || places.some(isHere));
    return [...new Set(here.flatMap(({ mention }) => mention))];
  }
  const { escalated, mention } = requirement;
  const steps = escalated.filter(({ places }) => places.some(isHere));
  return steps.length === 0 ? mention : [...new Set(steps.flatMap((step) => step.mention))];
}
