/** What a message shows, and where. Tested in test/engine/outbox/draw-job.test.ts. */
import { type Approval, type Receipt, type Slot, slotKey } from '../../core/approval/approval.ts';
import { type Digest, digestIdOf, digestOf, isInDigest } from '../../core/approval/digest.ts';
import { toolTitle } from '../../core/approval/names.ts';
import { endedBeforePosting, isTooLateToPost } from '../../core/approval/steps/transitions.ts';
import type { Clock, Platform, Store, Thread } from '../../core/ports/ports.ts';
import type { Card } from '../../core/view/card.ts';
import { renderCard } from '../../core/view/cards/approval-card.ts';
import { renderDigest } from '../../core/view/cards/digest-card.ts';
import { renderDigestReminder, renderReminder, renderResult } from '../../core/view/cards/thread-notes.ts';

/** The shortest limit of a thread's name on any platform. */
const THREAD_TITLE_MAX = 100;

export interface MessageRef {
  /** One of the members, where the message is a digest. */
  approval: Approval;
  digest: Digest | null;
  slotName: string;
  slot: Slot;
}

/** One message, and everything that is needed to send it. */
export interface Message extends MessageRef {
  card: Card;
  platform: Platform;
  /** When the first attempt began that may have arrived, ms since 1970; null: there was none. */
  mayHaveArrivedSince: number | null;
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

/** The content, drawn from the current state: a job holds no text, so a late one can't show an old decision. */
export async function renderContent(
  { approval, digest, slotName, slot }: MessageRef,
  store: Store,
  { backendTitle, readFirst = true }: { backendTitle: (backend: string) => string; readFirst?: boolean | undefined },
): Promise<Card | null> {
  const backend = backendTitle(approval.pause.backend);
  if (digest !== null) return renderDigest(digest, backend);
  if (slot.kind === 'card') return renderCard(approval, backend, readFirst);
  const sharedId = digestIdOf(approval.slots[slotKey('card', slot.place)] ?? {});
  if (slot.kind === 'result') return renderResult(approval, backend, { shared: sharedId !== null });
  const shared = sharedId === null ? null : digestOf(sharedId, await store.digestMembers(sharedId));
  return shared === null
    ? renderReminder(approval, backend)
    : renderDigestReminder(shared, approval, slotName, backend);
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
 * All messages of a run are in the thread of its first card.
 * @param postRoot posts that card if it is not posted yet; null where it never will be, and the next one is the first
 */
export async function threadOf(
  { approval, digest, slot }: MessageRef,
  store: Store,
  postRoot: (root: Approval) => Promise<Receipt | null> = async () => null,
): Promise<Thread | null> {
  const { backend, runId } = approval.pause;
  if (digest !== null && digest.runId === null) return null;
  for (const member of await store.list({ backend, runId })) {
    if (digest !== null && isInDigest(member, digest.id)) continue;
    if (member.pause.kind === 'note') continue;
    if (member.id === approval.id && slot.kind === 'card') return null;
    const root = member.slots[slotKey('card', slot.place)]?.receipt ?? (await postRoot(member));
    if (root !== null) return { root, title: toolTitle(member.pause, THREAD_TITLE_MAX) };
  }
  return null;
}

/** A message in the channel itself needs no broadcast there. */
export function withoutEcho(card: Card, thread: Thread | null): Card {
  const { broadcast = false, ...quiet } = card;
  return broadcast && thread === null ? quiet : card;
}

/**
 * A hash of what the message with this receipt shows. It covers what the platform sends, so that an upgrade whose
 * renderer draws something else counts as a difference.
 */
export function contentHash({ render }: Platform, { room, message }: Receipt, card: Card, clock: Clock): string {
  return clock.hash(JSON.stringify([room, message, render === undefined ? card : render(card)]));
}
