/** The job `draw`: sends one message as its approval is now. Tested in test/engine/outbox/draw-job.test.ts and test/engine/outbox/faults.test.ts. */

import { digestIdOf } from '../../core/approval/digest.ts';
import { isPressed } from '../../core/approval/lanes.ts';
import { isTooNew, TOO_NEW } from '../../core/approval/parts/shape.ts';
import type { Receipt, Slot } from '../../core/approval/parts/slot.ts';
import type { Pause } from '../../core/approval/pause/pause.ts';
import { coerceError, PlatformError, StoreError } from '../../core/ports/errors.ts';
import type { Job } from '../../core/ports/ports.ts';
import { incompleteIn } from '../../core/view/cards/digest/lines.ts';
import { reportProgress } from '../ingest/run-progress.ts';
import type { DrawDeps } from './draw-deps.ts';
import {
  approvalsOn,
  type BeginEdit,
  contentHash,
  findMessage,
  isUnneeded,
  lastCardAt,
  type Message,
  type MessageRef,
  refusalOf,
  renderContent,
  subjectOf,
  threadOf,
  withoutEcho,
} from './message.ts';
import { canBeDecided, edit, post, postRoot, reconcile, record } from './reconcile.ts';
import { splitRefused, withSmallestForm } from './refused-content.ts';
import { reportThreadWaits } from './thread-waits.ts';

/** `sent`: the hash of what the message shows now. `answered`: the platform accepted a call, so the room works. */
export type DrawOutcome =
  | { type: 'done'; outcome: string; answered: boolean; sent?: string }
  /** Nothing can be done until the next start. */
  | { type: 'parked'; outcome: string }
  /** The edit may begin in `waitMs`. */
  | { type: 'paced'; waitMs: number }
  /**
   * `notArrived`: this attempt certainly left no new message. `sent` null: it may have changed the message. `byPress`: no call
   * failed.
   */
  | { type: 'failed'; error: PlatformError; notArrived: boolean; sent?: null; byPress?: boolean };

/** `about` is for the log. */
export type DrawEnd = DrawOutcome & {
  about: { approval: string; backend: string | undefined; platform: string | undefined; slot: string | null };
};

/**
 * Posts a message that is not posted yet, and edits it where its content differs from what was sent last. An attempt that
 * may have arrived, also one that a crash interrupted, is looked for before it is repeated, and what is found is edited.
 */
export function createDrawJob(deps: DrawDeps): (job: Job, signal: AbortSignal, begin?: BeginEdit) => Promise<DrawEnd> {
  const { store, apply, platforms } = deps;

  return async function draw(job, signal, begin = () => ({ by: 'call' })) {
    const first = job.slot === null ? null : await findMessage(store, job.subject, job.slot);
    if (first !== null && approvalsOn(first).some(isTooNew)) throw new StoreError(TOO_NEW);
    const found = first === null ? null : await withoutIncomplete(first, deps);
    const about = {
      approval: job.subject,
      backend: found?.approval.pause.backend,
      platform: found?.slot.place.platform,
      slot: job.slot,
    };
    if (found === null) return { ...nothing('nothing to draw'), about };
    const { approval, digest, slot } = found;
    const platform = platforms.get(slot.place.platform);
    if (platform === undefined) {
      // The message shows what was true when the platform was removed: it is sent again once that is back.
      const outcome = 'platform not configured';
      return { ...(slot.receipt === null ? nothing(outcome) : { type: 'parked', outcome }), about };
    }
    if (digest === null && digestIdOf(slot) !== null) return { ...nothing('in digest'), about };
    const beginIt = (receipt: Receipt | null) => begin(receipt, digest !== null || isPressed(approval));
    const turn = beginIt(slot.receipt);
    if ('waitMs' in turn) return { type: 'paced', ...turn, about };
    const { by } = turn;
    // The members of a digest have one backend, and often one run.
    const byRun = new Map((digest?.members ?? [approval]).map(({ pause }) => [pause.runId, pause]));
    /** In a thread with others. What joins a run later reports itself. */
    const threaded: Pause[] = [];
    for (const pause of byRun.values()) {
      const isThreaded = pause.kind === 'run' || (await reportProgress(store, apply, pause));
      if (isThreaded || (slot.waits ?? 0) > 0) threaded.push(pause);
    }
    const card = await renderContent(found, store, deps);
    if (card === null) return { ...nothing('nothing to draw'), about };
    const { mayHaveArrivedSince } = job;
    const refusal = refusalOf(found);
    const sending = { platform, by, begin: beginIt, signal, mayHaveArrivedSince, mayBeDuplicate: false };
    const message: Message = { ...found, card, refusal, ...sending };
    const end = await drawMessage(message, job.lastSent, deps);
    if (slot.kind === 'card') for (const pause of threaded) await reportThreadWaits(store, apply, pause, slot.place);
    return { ...end, about };
  };
}

/** A digest decides only what its lines show whole: the others get a message of their own before it is drawn. */
async function withoutIncomplete(found: MessageRef, { store, apply }: DrawDeps): Promise<MessageRef | null> {
  const { digest, slotName } = found;
  const incomplete = digest === null ? [] : [...incompleteIn(digest)];
  if (digest === null || incomplete.length === 0) return found;
  await Promise.all(incomplete.map((id) => apply(id, { type: 'released', slot: slotName, actor: null })));
  return findMessage(store, digest.id, slotName);
}

async function drawMessage(message: Message, lastSent: string | null, deps: DrawDeps): Promise<DrawOutcome> {
  const { approval, digest, slot, slotName, mayHaveArrivedSince } = message;
  let { receipt } = slot;
  if (mayHaveArrivedSince !== null) {
    const kept = await attempt(true, () => reconcile(message, receipt, deps));
    if ('error' in kept) return kept;
    receipt = kept.value;
  }
  if (receipt === null) {
    if (isUnneeded(message, deps.clock)) return nothing('settled before posting');
    const isNew = digest === null && mayHaveArrivedSince === null;
    if (isNew && (await deps.groupIntoDigest?.(approval, slotName))) return nothing('grouped into digest');
  }
  const end = await (receipt === null ? postMessage(message, deps) : editMessage(message, receipt, lastSent, deps));
  const isSplit = end.type === 'failed' && (await splitRefused(message, end.error, deps));
  return isSplit ? nothing('digest split: its content was refused') : end;
}

async function postMessage(message: Message, deps: DrawDeps): Promise<DrawOutcome> {
  const { platform, mayHaveArrivedSince } = message;
  const found = await attempt(true, () => threadOf(message, deps.store, (root) => postRoot(message, root, deps)));
  if ('error' in found) return found;
  const thread = found.value !== null && (await resurfaces(message, deps)) ? null : found.value;
  const posted = await attempt(false, () => withSmallestForm(message, deps, (one) => post(one, thread, deps)));
  if ('error' in posted) return posted;
  const { receipt, card } = posted.value;
  const sent = contentHash(platform, receipt, card, deps.clock);
  if (mayHaveArrivedSince === null) return done('posted', sent);
  return done(message.mayBeDuplicate ? 'posted, perhaps twice' : 'posted after doubt', sent);
}

/** The run has been silent in this room for so long that its thread is out of sight: recorded before it is posted. */
async function resurfaces(message: Message, { store, apply, clock, resurfaceAfterMs = null }: DrawDeps) {
  const { approval, digest, slot, slotName, mayHaveArrivedSince } = message;
  if (slot.kind !== 'card' || digest !== null || mayHaveArrivedSince !== null || resurfaceAfterMs === null)
    return false;
  const last = approval.phase === 'open' ? await lastCardAt(message, store) : null;
  if (last === null || clock.now() - last < resurfaceAfterMs) return false;
  await apply(approval.id, { type: 'resurfaced', slot: slotName });
  return true;
}

/** Sends the content unless the message is known to show it already. */
async function editMessage(
  message: Message,
  receipt: Receipt,
  lastSent: string | null,
  deps: DrawDeps,
): Promise<DrawOutcome> {
  const { platform, slot, slotName, signal, mayHaveArrivedSince } = message;
  await recordForAll(message, receipt, deps);
  const { broadcast, inRoom } = message.card;
  const isAloud = broadcast !== undefined || inRoom !== undefined;
  const card = isAloud ? withoutEcho(message.card, await threadOf(message, deps.store)) : message.card;
  const sent = contentHash(platform, receipt, card, deps.clock);
  const unchanged = mayHaveArrivedSince === null && lastSent === sent;
  // An open card that shows the right content may have been deleted by a person.
  if (unchanged && (platform.verify === undefined || !canBeDecided(card))) return nothing('unchanged');
  const shown = { ...message, card };
  const edited = await attempt(true, async () => {
    if (!unchanged) return edit(shown, receipt, deps);
    await platform.verify?.(receipt, signal);
    return card;
  });
  if (!('error' in edited)) {
    if ('waitMs' in edited.value) return { type: 'paced', ...edited.value };
    await recordShown(message, receipt, deps);
    if (unchanged) return done('unchanged', sent);
    const now = edited.value === card ? sent : contentHash(platform, receipt, edited.value, deps.clock);
    if (shown.by === 'press') return { type: 'done', outcome: 'updated by its press', answered: false, sent: now };
    return done(slot.receipt === null ? 'found and updated' : 'updated', now);
  }
  // A message that we may not read is taken to be there.
  if (unchanged && (edited.error.kind === 'refused' || edited.error.kind === 'content')) return nothing('unchanged');
  if (!wasDeleted(edited.error, receipt, slot)) {
    if (edited.error.kind !== 'ambiguous' || unchanged) return edited;
    return { ...edited, sent: null, byPress: shown.by === 'press' };
  }
  // A settled card that was deleted stays deleted; one that can be decided is posted again.
  if (!canBeDecided(card)) return done('card was deleted and is settled');
  await record(message, { type: 'unposted', slot: slotName, receipt }, deps);
  deps.log.warn({ approval: subjectOf(message), slot: slotName }, 'an open card was deleted; posting it again');
  return done('deleted, to be posted again');
}

/** A crash may have come between the records of two members of a digest. */
async function recordForAll(message: Message, receipt: Receipt, deps: DrawDeps): Promise<void> {
  const { digest, slotName } = message;
  if (digest === null) return;
  const unaware = approvalsOn(message).filter(({ slots }) => slots[slotName]?.receipt?.message !== receipt.message);
  const { inThread } = message.slot;
  const input = { type: 'posted' as const, slot: slotName, receipt, ...(inThread !== undefined && { inThread }) };
  await record(message, input, deps, unaware);
}

/** What joined a posted digest is shown there from now on, and so is what was refused before. */
async function recordShown(message: Message, receipt: Receipt, deps: DrawDeps): Promise<void> {
  const { digest, slotName } = message;
  const news = approvalsOn(message).filter(({ slots: { [slotName]: slot } }) => {
    return slot?.refused?.final === true || (digest !== null && slot?.shownAt === null);
  });
  await record(message, { type: 'posted', slot: slotName, receipt }, deps, news);
}

/** Platform errors become outcomes; anything else is thrown. */
async function attempt<T>(
  notArrived: boolean,
  work: () => Promise<T>,
): Promise<{ value: T } | Extract<DrawOutcome, { type: 'failed' }>> {
  try {
    return { value: await work() };
  } catch (thrown) {
    const error = coerceError(thrown);
    if (!(error instanceof PlatformError)) throw thrown;
    return { type: 'failed', error, notArrived: notArrived || error.kind !== 'ambiguous' };
  }
}

/** A thread that was deleted took our message with it; a room that was deleted can't take another one. */
function wasDeleted({ kind, deleted, scope }: PlatformError, receipt: Receipt, { place }: Slot): boolean {
  return kind === 'gone' && deleted && (scope === 'message' || receipt.room !== place.room);
}

function nothing(outcome: string): DrawOutcome {
  return { type: 'done', outcome, answered: false };
}

function done(outcome: string, sent?: string): DrawOutcome {
  return { type: 'done', outcome, answered: true, ...(sent !== undefined && { sent }) };
}
