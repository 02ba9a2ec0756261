/** How an approval's card joins a digest, and gets its own message again. */
import type { Approval, Receipt, Slot } from '../approval.ts';
import { canJoinDigest, canLeaveDigest } from '../digest.ts';
import type { InputOf, Step } from '../inputs.ts';
import { ignore } from './transitions.ts';

/** Its message is this digest's. */
export function isSlotInDigest({ digest }: Slot, id: string): boolean {
  return digest?.id === id && digest.left === undefined;
}

/** In one change: before it, the card has no message; after it, the digest's. */
export function digestJoined(state: Approval, input: InputOf<'gathered'>): Step {
  const slot = state.slots[input.slot];
  if (slot === undefined) return ignore(state, 'unknown');
  // A card that is posted, or that a person moved to its own message, stays there.
  if (slot.receipt !== null || slot.digest !== undefined || slot.deletions > 0) return ignore(state, 'known');
  if (!canJoinDigest(state)) return ignore(state, 'not_possible');
  const { digest, receipt, deletions, inThread } = input;
  // A posted digest shows it once it was edited.
  const joined: Slot = {
    ...slot,
    digest,
    receipt,
    deletions,
    ...(inThread !== undefined && { inThread }),
    ...(receipt !== null && { shownAt: slot.shownAt ?? null }),
  };
  return withSlot(state, input.slot, joined, [{ type: 'draw', slot: input.slot }]);
}

/** The digest is drawn without it, and a card of its own is posted. */
export function digestLeft(state: Approval, { slot: name }: InputOf<'released'>): Step {
  const slot = state.slots[name];
  if (slot?.digest === undefined || slot.digest.left !== undefined) return ignore(state, 'known');
  if (!canLeaveDigest(state)) return ignore(state, 'already_decided');
  const digest = { ...slot.digest, left: { receipt: slot.receipt } };
  const { inThread: _, ...shared } = slot;
  const alone: Slot = { ...shared, digest, receipt: null, deletions: 0 };
  return withSlot(state, name, alone, [
    { type: 'draw', slot: name },
    { type: 'draw', slot: name, digest: digest.id },
  ]);
}

/** It left while the digest was being posted: that message is not its own card's. */
export function digestPosted(state: Approval, name: string, id: string, receipt: Receipt): Step {
  const slot = state.slots[name];
  if (slot?.digest?.id !== id) return ignore(state, 'known');
  return withSlot(state, name, { ...slot, digest: { ...slot.digest, left: { receipt } } }, []);
}

function withSlot(state: Approval, name: string, slot: Slot, effects: Step['effects']): Step {
  return { state: { ...state, slots: { ...state.slots, [name]: slot } }, effects };
}
