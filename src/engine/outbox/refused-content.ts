/**
 * The platform refuses what a message says or how it is built: its smallest form is sent instead, once. Tested in
 * test/engine/outbox/refused-content.test.ts.
 */
import { canLeaveDigest } from '../../core/approval/digest.ts';
import { PlatformError } from '../../core/ports/errors.ts';
import type { DrawDeps } from './draw-deps.ts';
import { approvalsOn, type Message, refusedContentOf, renderContent, subjectOf } from './message.ts';

/** Refusals of a smallest form: nothing smaller is left. */
const finals = new WeakSet<PlatformError>();

/**
 * Sends a message, and its smallest form if the content is refused. That is recorded before the second call, so that a
 * press on the smallest card never counts as one on the full card, and later drawings start with it.
 * @throws PlatformError, of the smallest form where there is one
 */
export async function withSmallestForm<T>(
  message: Message,
  deps: DrawDeps,
  send: (message: Message) => Promise<T>,
): Promise<T> {
  try {
    return await send(message);
  } catch (thrown) {
    if (!isRefusedContent(thrown) || finals.has(thrown) || leavers(message).length > 0) throw thrown;
    const small = message.refusal === null ? await inSmallestForm(message, thrown, deps) : null;
    if (small === null) return await giveUp(message, thrown, deps);
    try {
      return await send(small);
    } catch (again) {
      if (!isRefusedContent(again) || finals.has(again)) throw again;
      return await giveUp(small, again, deps);
    }
  }
}

/**
 * A digest whose content is refused is split: each open member gets a card of its own, and only those that need it the
 * smallest one. @returns false where the error is another one, or nothing can be split
 */
export async function splitRefused(message: Message, error: PlatformError, { apply, log }: DrawDeps): Promise<boolean> {
  const leaving = leavers(message);
  if (!isRefusedContent(error) || leaving.length === 0) return false;
  const { slotName: slot } = message;
  log.warn(
    { digest: subjectOf(message), slot, error: error.message },
    'the content of a digest was refused; it is split',
  );
  await Promise.all(leaving.map(({ id }) => apply(id, { type: 'released', slot, actor: null, refused: true })));
  return true;
}

function isRefusedContent(thrown: unknown): thrown is PlatformError {
  return thrown instanceof PlatformError && thrown.kind === 'content';
}

function leavers(message: Message) {
  return message.digest === null ? [] : approvalsOn(message).filter(canLeaveDigest);
}

async function inSmallestForm(message: Message, error: PlatformError, deps: DrawDeps): Promise<Message | null> {
  const { approval, digest, slotName: slot } = message;
  const about = { approval: subjectOf(message), slot, error: error.message };
  deps.log.warn(about, 'the content of a message was refused; its smallest form is sent');
  // A digest has no record of its own: it is tried in full again.
  if (digest === null) await deps.apply(approval.id, refusalOf(message, error, false));
  const refusal = { platform: message.slot.place.platform, reason: error.reason };
  const card = await renderContent(message, deps.store, deps, refusal);
  return card === null ? null : { ...message, card, refusal };
}

/** The other copies of the card say so, and the operator is alerted. */
async function giveUp(message: Message, error: PlatformError, { apply }: DrawDeps): Promise<never> {
  finals.add(error);
  await Promise.all(approvalsOn(message).map(({ id }) => apply(id, refusalOf(message, error, true))));
  throw error;
}

function refusalOf(message: Message, { reason }: PlatformError, final: boolean) {
  const { slotName: slot } = message;
  return { type: 'content_refused', slot, refused: { content: refusedContentOf(message), reason, final } } as const;
}
