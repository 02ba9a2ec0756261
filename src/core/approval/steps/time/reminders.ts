/**
 * Reminders: notes in the thread of a card that is still undecided. Their times are kept with the approval, and each is
 * removed in the commit that adds the job of its note, so that a restart neither loses nor repeats one. Tested in
 * test/core/approval/steps/time/reminders.test.ts and test/engine/outbox/wake-job.test.ts.
 */
import type { Approval } from '../../approval.ts';
import type { Step } from '../../inputs.ts';
import { type Place, placeKey, type Slot } from '../../parts/slot.ts';
import { type AskedTimes, remindTimes } from '../../pause/asked.ts';
import type { Shown } from '../../subject.ts';
import { addSlots, cardPlaces, changed, ignore } from '../transitions.ts';
import { audibleAt } from './quiet.ts';

/** @param after ms after it was asked, rising */
export function remindersOf({ pause }: Approval, after: readonly number[], times: AskedTimes, now: number): number[] {
  // There is no reminder of what can't be decided here, nor after the deadline.
  return pause.actions.length === 0 ? [] : remindTimes(after, times, now);
}

/** When they come: those that fall into the same quiet hours come as one, at their end. Rising. */
export function remindersAhead(state: Pick<Shown, 'remindAt' | 'requirement' | 'confirm'>): number[] {
  return [...new Set(state.remindAt.map((at) => audibleAt(state, at)))];
}

/**
 * One note for all reminders that became due, for example while the bot was stopped.
 * @param direct whose direct messages get it in place of the threads: each first gets the card itself
 */
export function reminderDue(state: Approval, now: number, direct: readonly Place[] = []): Step {
  const remindAt = state.remindAt.filter((at) => audibleAt(state, at) > now);
  if (state.phase !== 'open' || remindAt.length === state.remindAt.length) return ignore(state, 'known');
  const { deadline } = state.pause;
  if (deadline !== null && deadline <= now) return changed({ ...state, remindAt: [] });
  const number = Object.values(state.slots).filter(({ kind }) => kind === 'reminder').length + 1;
  const known = cardPlaces(state);
  const hasCard = (place: Place) => known.some((one) => placeKey(one) === placeKey(place));
  const places = direct.length === 0 ? known : direct.filter(hasCard);
  const notes = places.map((place): [string, Slot] => [
    `reminder.${number}@${placeKey(place)}`,
    { kind: 'reminder', place, receipt: null, deletions: 0 },
  ]);
  const cards = addSlots(
    {},
    'card',
    direct.filter((place) => !hasCard(place)),
  );
  const slots = { ...state.slots, ...cards, ...Object.fromEntries(notes) };
  // The cards say when people are reminded next.
  return changed(
    { ...state, remindAt, slots },
    notes.map(([slot]) => ({ type: 'draw', slot })),
  );
}
