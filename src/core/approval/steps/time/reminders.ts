/**
 * Reminders: notes in the thread of a card that is still undecided. Their times are kept with the approval, and each is
 * removed in the commit that adds the job of its note, so that a restart neither loses nor repeats one.
 */
import type { Approval } from '../../approval.ts';
import type { Effect, Step } from '../../inputs.ts';
import { placeKey, type Slot } from '../../parts/slot.ts';
import { type AskedTimes, remindTimes } from '../../pause/asked.ts';
import { cardPlaces, ignore } from '../transitions.ts';
import { deadlineToShow } from './deadline.ts';
import { endsAt } from './expiry.ts';

/** A decision under way may come back undecided: the timer runs again after this, ms. */
const LOOK_AGAIN_MS = 60_000;

/** @param after ms after it was asked, rising */
export function remindersOf({ pause }: Approval, after: readonly number[], times: AskedTimes, now: number): number[] {
  // There is no reminder of what can't be decided here, nor after the deadline.
  return pause.actions.length === 0 ? [] : remindTimes(after, times, now);
}

export function wakeToRemind({ remindAt: [first] }: Approval): Effect[] {
  return first === undefined ? [] : [{ type: 'wake', at: first }];
}

/** One note for all reminders that became due, for example while the bot was stopped. */
export function reminderDue(state: Approval, now: number): Step {
  const remindAt = state.remindAt.filter((at) => at > now);
  if (state.phase !== 'open' || remindAt.length === state.remindAt.length) return ignore(state, 'known');
  const { deadline } = state.pause;
  if (deadline !== null && deadline <= now) return { state: { ...state, remindAt: [] }, effects: [] };
  const number = Object.values(state.slots).filter(({ kind }) => kind === 'reminder').length + 1;
  const added = cardPlaces(state).map((place): [string, Slot] => [
    `reminder.${number}@${placeKey(place)}`,
    { kind: 'reminder', place, receipt: null, deletions: 0 },
  ]);
  return {
    state: { ...state, remindAt, slots: { ...state.slots, ...Object.fromEntries(added) } },
    effects: added.map(([slot]) => ({ type: 'draw', slot })),
  };
}

/** When the next timer of the approval is due, ms since 1970; null: it has none. */
export function nextWake(state: Approval | null, now: number): number | null {
  if (state === null || state.phase === 'settled') return null;
  const { claim, remindAt, phase } = state;
  const deadline = deadlineToShow(state);
  const end = endsAt(state);
  const times = [
    ...(claim === null ? [] : [claim.until]),
    ...(deadline === null ? [] : [deadline]),
    ...(end === null ? [] : [phase === 'sending' ? Math.max(end, now + LOOK_AGAIN_MS) : end]),
    ...remindAt.slice(0, 1).map((at) => (phase === 'open' ? at : Math.max(at, now + LOOK_AGAIN_MS))),
  ];
  return times.length === 0 ? null : Math.min(...times);
}
