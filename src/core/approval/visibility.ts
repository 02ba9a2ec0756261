/** What is not put up any more, because nobody could do anything about it. */
import type { Approval, Slot } from './approval.ts';

/** A card whose deadline is over for longer than two clocks differ would open on something that nobody waits for. */
const OVERDUE_MS = 5 * 60_000;

/** It ended before anybody could see a card, so none is shown: there is nothing left to decide. */
export function wasOverBeforeItWasShown({ outcome, slots }: Approval): boolean {
  const unasked = outcome === 'expired' || outcome === 'decided_elsewhere' || outcome === 'cancelled';
  return unasked && Object.values(slots).every(({ receipt }) => receipt === null);
}

/** What a list shows as pending is pending, whatever it says of a deadline. */
export function isOverdue({ phase, pause, via }: Approval, { kind }: Pick<Slot, 'kind'>, now: number): boolean {
  const overdue = pause.deadline !== null && pause.deadline + OVERDUE_MS < now;
  return kind === 'card' && phase === 'open' && via !== 'poll' && overdue;
}
