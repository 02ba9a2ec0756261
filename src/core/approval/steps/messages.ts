/**
 * What became of the messages of an approval: posted, deleted, refused for their content, out of sight in a thread, or shared
 * with others in a digest.
 * Tested in test/core/approval/steps/messages.test.ts and test/core/approval/steps/step.test.ts.
 */
import type { Approval } from '../approval.ts';
import { canJoinDigest, canLeaveDigest } from '../digest.ts';
import type { Effect, InputOf, Step } from '../inputs.ts';
import { type Receipt, type Slot, slotKey } from '../parts/slot.ts';
import { addSlots, draws, ignore } from './transitions.ts';

export type MessageInput = InputOf<
  'posted' | 'unposted' | 'content_refused' | 'resurfaced' | 'thread_waits' | 'gathered' | 'released'
>;

export function messageChanged(state: Approval, input: MessageInput, now: number): Step {
  switch (input.type) {
    case 'posted':
      return posted(state, input, now);
    case 'unposted':
      return unposted(state, input);
    case 'content_refused':
      return contentRefused(state, input);
    case 'resurfaced':
      return resurfaced(state, input);
    case 'thread_waits':
      return threadWaits(state, input);
    case 'gathered':
      return digestJoined(state, input);
    case 'released':
      return digestLeft(state, input);
  }
}

function posted(state: Approval, input: InputOf<'posted'>, now: number): Step {
  const { slot, receipt, digest, at, inThread } = input;
  const known = state.slots[slot];
  if (known === undefined) return ignore(state, 'unknown');
  if (digest !== undefined && !isSlotInDigest(known, digest)) return digestPosted(state, slot, digest, receipt);
  const shownAt = known.shownAt ?? Math.min(at ?? now, now);
  const isSame = known.receipt?.message === receipt.message;
  const { refused } = known;
  const { inThread: before, ...rest } = known;
  const where = inThread ?? (isSame ? before : undefined);
  const next: Slot = {
    ...rest,
    receipt,
    shownAt,
    ...(where !== undefined && { inThread: where }),
    // What the room shows now is true.
    ...(refused?.final === true && { refused: { ...refused, final: false } }),
  };
  const changed = withSlot(state, slot, next);
  const others = refused?.final === true ? otherCards(changed, slot) : [];
  const pointed = next.inThread === 'folded' && digest === undefined ? withPointer(changed, next) : changed;
  const pointer: Effect[] = pointed === changed ? [] : [{ type: 'draw', slot: slotKey('pointer', next.place) }];
  return { state: pointed, effects: [...others, ...pointer] };
}

function unposted(state: Approval, { slot, receipt, digest }: InputOf<'unposted'>): Step {
  const known = state.slots[slot];
  // Another message has taken its place by now.
  if (known?.receipt?.message !== receipt.message) return ignore(state, 'known');
  if (digest !== undefined && !isSlotInDigest(known, digest)) return ignore(state, 'known');
  const next = { ...known, receipt: null, deletions: known.deletions + 1 };
  return { state: withSlot(state, slot, next), effects: [{ type: 'draw', slot }] };
}

/** The other copies of a card say where it is not shown. */
function contentRefused(state: Approval, { slot, refused }: InputOf<'content_refused'>): Step {
  const known = state.slots[slot];
  if (known === undefined) return ignore(state, 'unknown');
  const before = known.refused;
  if (JSON.stringify(before) === JSON.stringify(refused)) return ignore(state, 'known');
  const isNews = (before?.final ?? false) !== refused.final || (refused.final && before?.reason !== refused.reason);
  const next = withSlot(state, slot, { ...known, refused });
  return { state: next, effects: known.kind === 'card' && isNews ? otherCards(next, slot) : [] };
}

function resurfaced(state: Approval, { slot }: InputOf<'resurfaced'>): Step {
  const known = state.slots[slot];
  if (known === undefined) return ignore(state, 'unknown');
  if (known.receipt !== null || known.resurfaced === true) return ignore(state, 'known');
  return { state: withSlot(state, slot, { ...known, resurfaced: true }), effects: [] };
}

function threadWaits(state: Approval, { slot, count }: InputOf<'thread_waits'>): Step {
  const known = state.slots[slot];
  if (known === undefined) return ignore(state, 'unknown');
  if ((known.waits ?? 0) === count) return ignore(state, 'known');
  return { state: withSlot(state, slot, { ...known, waits: count }), effects: [{ type: 'draw', slot }] };
}

/** The notes that say that it waits are drawn again once it does not, and where it waits again. */
export function withNotes(before: Approval | null, step: Step): Step {
  const { state, effects } = step;
  if (before === null || state === null || (before.phase === 'open') === (state.phase === 'open')) return step;
  const notes = [...draws(state, 'reminder'), ...draws(state, 'pointer')];
  return notes.length === 0 ? step : { ...step, effects: [...effects, ...notes] };
}

/** Its message is this digest's. */
function isSlotInDigest({ digest }: Slot, id: string): boolean {
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
  return { state: withSlot(state, input.slot, joined), effects: [{ type: 'draw', slot: input.slot }] };
}

/** The digest is drawn without it, and a card of its own is posted. */
export function digestLeft(state: Approval, { slot: name }: InputOf<'released'>): Step {
  const slot = state.slots[name];
  if (slot?.digest === undefined || slot.digest.left !== undefined) return ignore(state, 'known');
  if (!canLeaveDigest(state)) return ignore(state, 'already_decided');
  const digest = { ...slot.digest, left: { receipt: slot.receipt } };
  const { inThread: _, ...shared } = slot;
  const alone: Slot = { ...shared, digest, receipt: null, deletions: 0 };
  const effects: Effect[] = [
    { type: 'draw', slot: name },
    { type: 'draw', slot: name, digest: digest.id },
  ];
  return { state: withSlot(state, name, alone), effects };
}

/** It left while the digest was being posted: that message is not its own card's. */
function digestPosted(state: Approval, name: string, id: string, receipt: Receipt): Step {
  const slot = state.slots[name];
  if (slot?.digest?.id !== id) return ignore(state, 'known');
  return { state: withSlot(state, name, { ...slot, digest: { ...slot.digest, left: { receipt } } }), effects: [] };
}

function withPointer(state: Approval, { kind, place }: Slot): Approval {
  if (kind !== 'card' || state.phase !== 'open' || state.slots[slotKey('pointer', place)] !== undefined) return state;
  return { ...state, slots: addSlots(state.slots, 'pointer', [place]) };
}

function otherCards(state: Approval, slot: string): Effect[] {
  return draws(state, 'card').filter((effect) => effect.type !== 'draw' || effect.slot !== slot);
}

function withSlot(state: Approval, name: string, slot: Slot): Approval {
  return { ...state, slots: { ...state.slots, [name]: slot } };
}
