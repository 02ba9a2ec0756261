/** How a message is posted at least once and seen once. Tested in test/engine/outbox/draw-job.test.ts and test/faults/platform/. */
import { type Approval, placeKey, type Receipt, slotKey } from '../../core/approval/approval.ts';
import { digestIdOf } from '../../core/approval/digest.ts';
import type { InputOf } from '../../core/approval/inputs.ts';
import type { Reviewer } from '../../core/policy/reviewers.ts';
import { PlatformError } from '../../core/ports/errors.ts';
import type { Clock, FindQuery, Log, Platform, Store, Thread } from '../../core/ports/ports.ts';
import { retryUntilRecorded } from '../../core/ports/retry-until-recorded.ts';
import { pingsOf } from '../../core/view/cards/approval-card.ts';
import type { Apply } from '../apply.ts';
import type { GroupIntoDigest } from './group-into-digest.ts';
import {
  approvalsOn,
  findMessage,
  isUnneeded,
  type Message,
  postKeyOf,
  renderContent,
  subjectOf,
  threadOf,
} from './message.ts';

export interface DrawDeps {
  store: Store;
  apply: Apply;
  platforms: ReadonlyMap<string, Platform>;
  backendTitle: (backend: string) => string;
  /** What a card does not show is read before it is approved. Default: yes. */
  readFirst?: boolean | undefined;
  /** Who is mentioned on a new card. Default: no one. */
  pings?: readonly Reviewer[];
  /** Default: each approval has a message of its own. */
  groupIntoDigest?: GroupIntoDigest;
  clock: Clock;
  log: Log;
}

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
    await record(message, { type: 'posted', slot: slotName, receipt: kept, at: since }, deps);
    log.info(about, 'found a message whose receipt was lost');
  }
  for (const copy of copies.filter(({ message: id }) => id !== kept?.message)) {
    await platform.remove?.(copy, signal);
    log.warn(about, 'removed a second copy of a message');
  }
  return kept;
}

export async function post(message: Message, thread: Thread | null, deps: DrawDeps): Promise<Receipt> {
  const { platform, approval, slot, slotName, card, signal } = message;
  // A card that was split from a digest has mentioned them already.
  const pings = slot.digest === undefined ? pingsOf(approval, slot, deps.pings ?? []) : [];
  const mentioning = pings.length === 0 ? card : { ...card, pings };
  const receipt = await platform.post(slot.place, thread, mentioning, postKeyOf(message), signal);
  // It is posted: without its receipt it would be posted twice.
  const recorded = () => record(message, { type: 'posted', slot: slotName, receipt }, deps);
  await retryUntilRecorded(deps.clock, deps.log, recorded, signal);
  if (message.mayHaveArrivedSince === null) return receipt;
  // The first attempt may have arrived while we looked; a platform that knows the key answers with that first message,
  // which shows what was true then.
  await reconcile(message, receipt, deps);
  await platform.update(receipt, card, signal);
  return receipt;
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
  const first: Message = { ...message, ...found, card, mayHaveArrivedSince };
  try {
    return (await reconcile(first, null, deps)) ?? (await post(first, null, deps));
  } catch (thrown) {
    if (thrown instanceof PlatformError && (thrown.kind === 'refused' || thrown.kind === 'gone')) return null;
    throw thrown;
  }
}
