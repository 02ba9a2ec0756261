/** How a message is posted at least once and seen once. Tested in test/engine/outbox/draw-job.test.ts and test/faults/platform/. */
import type { Approval } from '../../core/approval/approval.ts';
import { digestIdOf } from '../../core/approval/digest.ts';
import type { InputOf } from '../../core/approval/inputs.ts';
import { placeKey, type Receipt, slotKey } from '../../core/approval/parts/slot.ts';
import { PlatformError } from '../../core/ports/errors.ts';
import type { FindQuery, Posted, Thread } from '../../core/ports/ports.ts';
import { retryUntilRecorded } from '../../core/ports/retry-until-recorded.ts';
import type { Card } from '../../core/view/card.ts';
import { pingsOf } from '../../core/view/cards/approval-card.ts';
import { plainName } from '../../core/view/cards/smallest-form.ts';
import type { DrawDeps } from './draw-deps.ts';
import {
  approvalsOn,
  findMessage,
  isUnneeded,
  type Message,
  postKeyOf,
  refusalOf,
  renderContent,
  subjectOf,
  threadOf,
  withoutEcho,
} from './message.ts';
import { withSmallestForm } from './refused-content.ts';

/** To each approval of the message, in one turn and so in one commit. */
export async function record(
  message: Message,
  input: InputOf<'posted' | 'unposted'>,
  { apply }: DrawDeps,
  to: readonly Approval[] = approvalsOn(message),
): Promise<void> {
  const shared = message.digest === null ? input : { ...input, digest: message.digest.id };
  await Promise.all(to.map(({ id }) => apply(id, shared)));
}

/**
 * Looks for a message that an earlier attempt may have posted, and removes every other copy of it.
 * @returns the one that is kept; null: there is none
 */
export async function reconcile(message: Message, receipt: Receipt | null, deps: DrawDeps): Promise<Receipt | null> {
  const { platform, slot, slotName, card, signal, mayHaveArrivedSince: since } = message;
  const { store, clock, log } = deps;
  if (platform.find === undefined || since === null) return receipt;
  const subject = subjectOf(message);
  const thread = await threadOf(message, store);
  const approvalId = slot.kind === 'card' ? subject : null;
  const last = receipt === null && isUnneeded(message, clock);
  const query: FindQuery = {
    place: slot.place,
    thread,
    card,
    key: postKeyOf(message),
    approvalId,
    since,
    receipt,
    last,
  };
  const about = { approval: subject, slot: slotName, place: placeKey(slot.place) };
  const copies = await platform.find(query, signal);
  if (copies === null) {
    message.mayBeDuplicate = true;
    log.warn(about, 'possible duplicate: could not verify an earlier post');
    return receipt;
  }
  const kept = receipt ?? copies[0] ?? null;
  if (receipt === null && kept !== null) {
    await record(message, { ...postedInput(message, kept), at: since }, deps);
    log.info(about, 'found a message whose receipt was lost');
  }
  for (const copy of copies.filter(({ message: id }) => id !== kept?.message)) {
    await platform.remove?.(copy, signal);
    log.warn(about, 'removed a second copy of a message');
  }
  return kept;
}

/** @returns the receipt, and the card that the message shows */
export async function post(
  message: Message,
  thread: Thread | null,
  deps: DrawDeps,
): Promise<{ receipt: Receipt; card: Card }> {
  const { platform, approval, slot, signal } = message;
  const card = withoutEcho(message.card, thread);
  // A card that was split from a digest has mentioned them already.
  const pings =
    slot.digest === undefined ? pingsOf(approval, slot, deps.mentions?.(approval, message.slotName) ?? []) : [];
  const mentioning = pings.length === 0 ? card : { ...card, pings };
  const named = thread !== null && message.refusal !== null ? { ...thread, title: plainName(thread.title) } : thread;
  const posted = await platform.post(slot.place, named, mentioning, postKeyOf(message), signal);
  if (thread === null || posted.isAstray === true) deps.onPlaced?.(slot.place, posted.isAstray === true);
  const input = postedInput(message, posted);
  const { receipt } = input;
  // It is posted: without its receipt it would be posted twice.
  await retryUntilRecorded(deps.clock, deps.log, () => record(message, input, deps), signal);
  if (message.mayHaveArrivedSince === null) return { receipt, card };
  // The first attempt may have arrived while we looked; a platform that knows the key answers with that first message,
  // which shows what was true then.
  await reconcile(message, receipt, deps);
  return { receipt, card: await update(message, receipt, deps) };
}

/** @returns the card that the message shows now: its smallest form where the full one is refused */
export function update(message: Message, receipt: Receipt, deps: DrawDeps): Promise<Card> {
  return withSmallestForm(message, deps, async ({ platform, card, signal }) => {
    await platform.update(receipt, card, signal);
    return card;
  });
}

/**
 * Edits a message by its press where it was to be, and by a call where that had no effect.
 * @returns the card that it shows now; or when such a call may begin
 */
export async function edit(message: Message, receipt: Receipt, deps: DrawDeps): Promise<Card | { waitMs: number }> {
  const { platform, card, signal, begin } = message;
  if (message.by === 'call' || platform.pressEdits === undefined) return update(message, receipt, deps);
  try {
    await platform.pressEdits.update(receipt, card, signal);
  } catch (error) {
    if (!(error instanceof PlatformError) || error.kind !== 'unsent') throw error;
    message.by = 'call';
    const turn = begin(receipt);
    return 'waitMs' in turn ? turn : update(message, receipt, deps);
  }
  if (canBeDecided(card)) await platform.verify?.(receipt, signal);
  return card;
}

/** What can be read or allowed for ever is not a reason to post a card again. */
const settledButtons: ReadonlySet<string> = new Set(['details', 'grant', 'end_grant']);

export function canBeDecided({ buttons }: Card): boolean {
  return buttons.some(({ action }) => !settledButtons.has(action));
}

function postedInput({ slotName: slot }: Message, { inThread, isAstray: _, ...receipt }: Posted) {
  return { type: 'posted' as const, slot, receipt, ...(inThread !== undefined && { inThread }) };
}

/**
 * Posts the first card of a run, whose own job is waiting for another attempt, for a message that belongs in its thread.
 * A room has one lane for posts, so that job is not running; it is marked as attempted, as this one is.
 * @returns null where that card will never be posted
 */
export async function postRoot(message: Message, root: Approval, deps: DrawDeps): Promise<Receipt | null> {
  const { store, clock } = deps;
  const slotName = slotKey('card', message.slot.place);
  const own = root.slots[slotName];
  const found = own === undefined ? null : await findMessage(store, digestIdOf(own) ?? root.id, slotName);
  const card = found === null ? null : await renderContent(found, store, deps);
  if (found === null || card === null || isUnneeded(found, clock)) return null;
  const mayHaveArrivedSince = await store.markAttempted(subjectOf(found), slotName);
  const first: Message = { ...message, ...found, card, refusal: refusalOf(found), mayHaveArrivedSince };
  try {
    const known = await reconcile(first, null, deps);
    return known ?? (await withSmallestForm(first, deps, (one) => post(one, null, deps))).receipt;
  } catch (thrown) {
    if (thrown instanceof PlatformError && thrown.permanent) return null;
    throw thrown;
  }
}
