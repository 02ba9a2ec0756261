/** What a message shows, and where. Tested in test/engine/outbox/draw-job.test.ts. */
import type { Approval } from '../../core/approval/approval.ts';
import { type Digest, digestIdOf, digestOf, isInDigest } from '../../core/approval/digest.ts';
import { type Receipt, type Slot, slotKey } from '../../core/approval/parts/slot.ts';
import { endedBeforePosting, isTooLateToPost, mayStandBelow } from '../../core/approval/steps/transitions.ts';
import type { Clock, Platform, Store, Thread } from '../../core/ports/ports.ts';
import type { Card, CardContext } from '../../core/view/card.ts';
import { isOver, renderCard } from '../../core/view/cards/approval-card.ts';
import { titleOf } from '../../core/view/cards/cautions.ts';
import { renderDigest } from '../../core/view/cards/digest/card.ts';
import { type Refusal, smallestCard, smallestNote } from '../../core/view/cards/smallest-form.ts';
import {
  renderDigestReminder,
  renderEscalation,
  renderPointer,
  renderReminder,
  renderResult,
  withWaiting,
} from '../../core/view/cards/thread-notes.ts';
import type { DrawDeps } from './draw-deps.ts';
import type { EditTurn } from './rooms/edit-window.ts';

export interface MessageRef {
  /** One of the members, where the message is a digest. */
  approval: Approval;
  digest: Digest | null;
  slotName: string;
  slot: Slot;
}

/** Asked before a message is edited. `receipt` null: it is to be posted. */
export type BeginEdit = (receipt: Receipt | null, isPressed: boolean) => EditTurn;

/** One message, and everything that is needed to send it. */
export interface Message extends MessageRef {
  card: Card;
  /** Set where `card` is the smallest form. */
  refusal: Refusal | null;
  platform: Platform;
  /** When the first attempt began that may have arrived, ms since 1970; null: there was none. */
  mayHaveArrivedSince: number | null;
  /** How an edit goes out. */
  by: 'call' | 'press';
  /** Asks again how it can go out. */
  begin: (receipt: Receipt) => EditTurn;
  /** Set when an earlier attempt can't be looked for. */
  mayBeDuplicate: boolean;
  signal: AbortSignal;
}

/** The message of a job, of one approval or of a digest. */
export async function findMessage(store: Store, subject: string, slotName: string): Promise<MessageRef | null> {
  const approval = await store.get(subject);
  if (approval !== null) {
    const slot = approval.slots[slotName];
    return slot === undefined ? null : { approval, digest: null, slotName, slot };
  }
  const digest = digestOf(subject, await store.digestMembers(subject));
  const staying = digest?.members.filter((member) => isInDigest(member, digest.id)) ?? [];
  const first = staying.find(({ phase }) => phase === 'open') ?? staying[0] ?? digest?.members[0];
  return digest === null || first === undefined ? null : { approval: first, digest, slotName, slot: digest.slot };
}

/**
 * The content, drawn from the current state: a job holds no text, so a late one can't show an old decision.
 * @param refusal why its smallest form is drawn
 */
export async function renderContent(
  ref: MessageRef,
  store: Store,
  deps: ContextDeps,
  refusal: Refusal | null = refusalOf(ref),
): Promise<Card | null> {
  const { digest, slot } = ref;
  const { approval: about } = ref;
  const isSettledCard = slot.kind === 'card' && digest === null && about.phase === 'settled';
  const grant = isSettledCard ? ((await deps.grantOn?.(about)) ?? null) : null;
  const context = { ...contextOf(ref, deps), ...(grant !== null && { grant }) };
  const { backend } = context;
  if (slot.kind === 'card' && digest === null) {
    const approval = asShownHere(ref);
    const card = refusal === null ? renderCard(approval, context) : smallestCard(approval, context, refusal);
    return withWaiting(card, slot.waits ?? 0);
  }
  const full = digest === null ? await renderNote(ref, store, backend) : renderDigest(digest, context);
  if (full === null) return null;
  const card = refusal === null ? full : smallestNote(full, refusal, refusedNotes[slot.kind](backend));
  return slot.kind === 'card' ? withWaiting(card, slot.waits ?? 0) : card;
}

type ContextDeps = Pick<DrawDeps, 'backendTitle' | 'readFirst' | 'consequences' | 'deciders' | 'stopped' | 'grantOn'>;

function contextOf({ approval, slot }: MessageRef, deps: ContextDeps): CardContext {
  const { backendTitle, readFirst, consequences, deciders, stopped } = deps;
  const stop = stopped?.() ?? null;
  const context = { backend: backendTitle(approval.pause.backend), readFirst, ...(stop !== null && { stop }) };
  if (slot.kind !== 'card' || approval.phase !== 'open') return context;
  return {
    ...context,
    consequences: consequences?.(approval),
    deciders: deciders?.(approval, slot.place.platform),
  };
}

/** A card does not say of its own room that it is not shown there. */
function asShownHere({ approval, slotName, slot }: MessageRef): Approval {
  if (slot.refused?.final !== true) return approval;
  const refused = { ...slot.refused, final: false };
  return { ...approval, slots: { ...approval.slots, [slotName]: { ...slot, refused } } };
}

/** What is missing in the smallest form, and where it can be read. */
const refusedNotes: Record<Slot['kind'], (backend: string) => string> = {
  card: () => 'the list of requests',
  result: (backend) => `what the run says; read it in ${backend}`,
  reminder: () => 'the full reminder',
  escalation: () => 'the full note',
  pointer: () => 'the full note',
};

async function renderNote({ approval, slotName, slot }: MessageRef, store: Store, backend: string) {
  const sharedId = digestIdOf(approval.slots[slotKey('card', slot.place)] ?? {});
  if (slot.kind === 'result') return renderResult(approval, backend, { shared: sharedId !== null });
  if (slot.kind === 'pointer') return renderPointer(approval, backend, slot);
  const shared = sharedId === null ? null : digestOf(sharedId, await store.digestMembers(sharedId));
  if (slot.kind === 'escalation') return renderEscalation(approval, backend, slotName, shared);
  return shared === null
    ? renderReminder(approval, backend, slot)
    : renderDigestReminder(shared, approval, slotName, backend);
}

/** Why the smallest form of a message is drawn; null: its full form is. */
export function refusalOf(ref: MessageRef): Refusal | null {
  const { place, refused } = ref.slot;
  if (refused === undefined || refused.content !== refusedContentOf(ref)) return null;
  return { platform: place.platform, reason: refused.reason };
}

/** Names what a message says, so that something else is tried in full again. A settled card is short. */
export function refusedContentOf({ approval, slot }: Pick<MessageRef, 'approval' | 'slot'>): string {
  const { fingerprint, phase, continuation } = approval;
  if (slot.kind === 'card') return isOver(approval) ? `${fingerprint}:settled` : fingerprint;
  return slot.kind === 'result' ? `${fingerprint}:${continuation?.state}` : `${fingerprint}:${phase === 'open'}`;
}

/** Whose the job is, and what the buttons carry: the approval, or the digest. */
export function subjectOf({ approval, digest }: MessageRef): string {
  return digest?.id ?? approval.id;
}

/** The approvals that the message shows. */
export function approvalsOn({ approval, digest }: MessageRef): readonly Approval[] {
  return digest === null ? [approval] : digest.members.filter((member) => isInDigest(member, digest.id));
}

/** The same for every attempt of one message, and another once that message was deleted. */
export function postKeyOf(message: MessageRef): string {
  const { slotName, slot } = message;
  return [subjectOf(message), slotName, ...(slot.deletions === 0 ? [] : [slot.deletions])].join(':');
}

/** There is nothing to decide any more, and the message was never posted. */
export function isUnneeded(message: MessageRef, clock: Clock): boolean {
  return approvalsOn(message).every(
    (one) => endedBeforePosting(one) || isTooLateToPost(one, message.slot, clock.now()),
  );
}

/**
 * All messages of a run are in the thread of its first card, or of the latest one that resurfaced in the room.
 * @param postRoot posts that card if it is not posted yet; null where it never will be, and the next one is the first
 */
export async function threadOf(
  { approval, digest, slot }: MessageRef,
  store: Store,
  postRoot: (root: Approval) => Promise<Receipt | null> = async () => null,
): Promise<Thread | null> {
  const { backend, runId } = approval.pause;
  if (digest !== null && digest.runId === null) return null;
  let thread: Thread | null = null;
  for (const member of await store.list({ backend, runId })) {
    if (digest !== null && isInDigest(member, digest.id)) continue;
    if (member.pause.kind === 'note' || (member.id !== approval.id && !mayStandBelow(approval, member))) continue;
    const own = member.slots[slotKey('card', slot.place)];
    const isSelf = member.id === approval.id;
    if (isSelf && slot.kind === 'card') return own?.resurfaced === true ? null : thread;
    if (thread === null || own?.resurfaced === true) {
      const root = own?.receipt ?? (await postRoot(member));
      if (root !== null) thread = { root, title: titleOf(member) };
    }
    if (isSelf && thread !== null) break;
  }
  return thread;
}

/** A message in the room itself needs no broadcast there. */
export function withoutEcho(card: Card, thread: Thread | null): Card {
  const { broadcast, inRoom, ...quiet } = card;
  return thread === null ? quiet : card;
}

/** When the latest card of the run was posted in this room, ms since 1970; null: there is no other. */
export async function lastCardAt({ approval, slot }: MessageRef, store: Store): Promise<number | null> {
  const { backend, runId } = approval.pause;
  const name = slotKey('card', slot.place);
  const times = (await store.list({ backend, runId })).flatMap((other) => {
    const { id, pause, createdAt, slots } = other;
    const isOther = id !== approval.id && pause.kind !== 'note' && mayStandBelow(approval, other);
    const known = isOther ? slots[name] : undefined;
    return known === undefined || known.receipt === null ? [] : [known.shownAt ?? createdAt];
  });
  return times.length === 0 ? null : Math.max(...times);
}

/**
 * A hash of what the message with this receipt shows. It covers what the platform sends, so that an upgrade whose
 * renderer draws something else counts as a difference.
 */
export function contentHash({ render }: Platform, { room, message }: Receipt, card: Card, clock: Clock): string {
  // Who may decide counts, and what they are called does not: a name alone is not a reason for an edit.
  const { deciders, ...rest } = card;
  // The card itself where nothing is left out: what the platform has rendered of it is sent, too.
  const shown = render === undefined ? rest : render(deciders === undefined ? card : rest);
  return clock.hash(JSON.stringify([room, message, shown, ...(deciders === undefined ? [] : [deciders.key])]));
}
