/** How an approval's card comes to share its message with others, and to have one of its own again. */
import type { Approval, Receipt, Slot } from '../approval.ts';
import { canBeReleased, isGatherable } from '../digest.ts';
import type { InputOf, Step } from '../inputs.ts';
import { ignore } from './transitions.ts';

/** Its message is that of this digest. */
export function standsIn({ digest }: Slot, id: string): boolean {
  return digest?.id === id && digest.left === undefined;
}

/** One change, so that its card stands in one place before and after: alone it has none yet. */
export function gathered(state: Approval, input: InputOf<'gathered'>): Step {
  const slot = state.slots[input.slot];
  if (slot === undefined) return ignore(state, 'unknown');
  // A card that stands already, or that somebody wanted alone, stays as it is.
  if (slot.receipt !== null || slot.digest !== undefined || slot.deletions > 0) return ignore(state, 'known');
  if (!isGatherable(state)) return ignore(state, 'not_possible');
  const { digest, receipt, deletions } = input;
  return withSlot(state, input.slot, { ...slot, digest, receipt, deletions }, [{ type: 'draw', slot: input.slot }]);
}

/** The digest's message is drawn without it, and a card of its own is posted. */
export function released(state: Approval, { slot: name }: InputOf<'released'>): Step {
  const slot = state.slots[name];
  if (slot?.digest === undefined || slot.digest.left !== undefined) return ignore(state, 'known');
  if (!canBeReleased(state)) return ignore(state, 'already_decided');
  const digest = { ...slot.digest, left: { receipt: slot.receipt } };
  const alone: Slot = { ...slot, digest, receipt: null, deletions: 0 };
  return withSlot(state, name, alone, [
    { type: 'draw', slot: name },
    { type: 'draw', slot: name, digest: digest.id },
  ]);
}

/** It left while the digest's message was being posted: its own card has none of that. */
export function digestPosted(state: Approval, name: string, id: string, receipt: Receipt): Step {
  const slot = state.slots[name];
  if (slot?.digest?.id !== id) return ignore(state, 'known');
  return withSlot(state, name, { ...slot, digest: { ...slot.digest, left: { receipt } } }, []);
}

function withSlot(state: Approval, name: string, slot: Slot, effects: Step['effects']): Step {
  return { state: { ...state, slots: { ...state.slots, [name]: slot } }, effects };
}
