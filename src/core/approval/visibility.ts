/** Which cards are not posted, because there is nothing left to decide. */
import type { Approval, Slot } from './approval.ts';

/** How long after its deadline a card is still posted, ms: longer than two clocks differ. */
const OVERDUE_MS = 5 * 60_000;

/** It ended before a card was posted. */
export function wasOverBeforeItWasShown({ outcome, slots }: Approval): boolean {
  const unasked = outcome === 'expired' || outcome === 'decided_elsewhere' || outcome === 'cancelled';
  return unasked && Object.values(slots).every(({ receipt }) => receipt === null);
}

/** What a list shows as pending is pending, whatever it says of a deadline. */
export function isOverdue({ phase, pause, via }: Approval, { kind }: Pick<Slot, 'kind'>, now: number): boolean {
  const overdue = pause.deadline !== null && pause.deadline + OVERDUE_MS < now;
  return kind === 'card' && phase === 'open' && via !== 'poll' && overdue;
}
