/** *Approve*, *Reject*, *Answer* or *Take over*, and *Try again*. Tested in test/engine/presses/confirm.test.ts and twice.test.ts. */
import type { Approval } from '../../core/approval/approval.ts';
import type { Ignored, InputOf, Right, Step } from '../../core/approval/inputs.ts';
import type { Actor, Decision } from '../../core/approval/parts/decision.ts';
import type { Action } from '../../core/approval/pause/pause.ts';
import { isSamePerson } from '../../core/approval/person.ts';
import { actionsOf } from '../../core/approval/steps/signing/rules.ts';
import { step } from '../../core/approval/steps/step.ts';
import { isLeftToPeople } from '../../core/approval/steps/transitions.ts';
import type { Policy } from '../../core/policy/rules/policy.ts';
import type { Judgement } from '../../core/policy/rules/rights.ts';
import type { Press, PressAnswer, Store } from '../../core/ports/ports.ts';
import { signedAnswer, signedBeforeAnswer } from '../../core/view/cards/signing/answers.ts';
import { hasRead, hasSeenAll, isWhole } from '../../core/view/content/seen.ts';
import { canBeKept } from '../../core/view/forms/take-over-form.ts';
import { whyIgnored } from '../apply.ts';
import { UNKNOWN_APPROVAL } from './attempts.ts';
import type { Claims, Handled, PressDeps, PressHandler, Ready } from './contract.ts';
import type { DetailsHandlers } from './details.ts';
import { createFormSessions, type FilledIn, type FormSessions } from './form-session.ts';
import { refusalOfPress } from './rights.ts';

/** Opens the form where one is needed, else records the decision. */
export function createPressHandler(
  deps: PressDeps,
  claims: Claims,
  details: Pick<DetailsHandlers, 'open'>,
): PressHandler {
  const { store, apply, attempts, policy, forms, clock, log } = deps;
  const sessions = createFormSessions({ drafts: store.drafts, settings: forms, log });

  return async (press, ready) => {
    const { buttonId } = press;
    const approval = await store.get(buttonId.approvalId);
    const handled = (answer: PressAnswer, outcome: string, state = approval): Handled => ({
      answer,
      outcome,
      backend: approval?.pause.backend,
      state,
    });
    const filled = await sessions.read(press, approval);
    const unread = approval !== null && (await isUnread(press as Deciding, approval, filled, deps));
    const input = { ...inputOf(press as Deciding, approval, policy, filled), ...(unread && { unread }) };

    // What can't apply is answered first; its audit row joins a later commit. Nothing has changed by then.
    const outlook = outlookOf(step(approval, asConfirmed(input), clock.now()), deps);
    if (outlook.ignored === 'not_read' && approval !== null) {
      const opened = await details.open(press, approval);
      if (filled !== null && buttonId.action === 'take_over') await sessions.save(press, filled);
      return handled(opened, 'not_read');
    }
    const obstacle = attempts.refusedBefore(press.id) ?? outlook.ignored;
    // What is missing is asked for by the form.
    const isFormNeeded = approval !== null && sessions.isNeeded(press, approval);
    const isAsked = obstacle === 'note_missing' && (isFormNeeded || (filled?.answer ?? null) !== null);
    if (obstacle !== undefined && !isAsked) {
      // An id that names no approval has no log of its own.
      const about = approval === null ? UNKNOWN_APPROVAL : approval.id;
      attempts.record(about, about, input, press.id, obstacle);
      if (obstacle === 'signed' && approval !== null) return handled(signedBefore(press, approval), obstacle);
      if (isSameDecision(press, approval, filled)) return handled({ type: 'accepted' }, 'repeated');
      if (obstacle === 'changed' && buttonId.inDetails && approval !== null)
        return handled(await details.open({ ...press, id: `${press.id}:read` }, approval), 'changed');
      return handled(refused(obstacle, approval, press, deps), obstacle);
    }

    if (approval !== null && isFormNeeded) {
      const opening = { ...deps, claims, sessions, ready };
      return handled(...(await openForm(press as Deciding, approval, input.right, opening)));
    }
    if (filled !== null && filled.answer !== null) {
      if (buttonId.page !== undefined) await sessions.save(press, filled);
      return handled(filled.answer, filled.answer.type);
    }
    if (approval !== null && keepsClaim(press, approval, filled)) {
      const { ignored, state } = await claims.keep(press, approval, input.right, ready);
      if (ignored !== null) return handled(refused(ignored, state, press, deps), ignored, state);
      return handled({ type: 'accepted' }, 'kept', state);
    }

    const others = input.type === 'retried' && approval !== null ? await othersToRetry(approval, store) : [];
    await ready?.();
    const [changed] = await Promise.all([
      apply(buttonId.approvalId, input, press.id),
      ...others.map((id) => apply(id, input, `${press.id}:${id}`)),
    ]);
    const ignored = whyIgnored(changed, input, clock.now());
    const outcome = changed.duplicate ? 'duplicate' : (ignored ?? 'accepted');
    const { duplicate, state } = changed;
    if (ignored === 'signed' && state !== null) return handled(signedBefore(press, state), outcome, state);
    if (ignored !== null && !isSameDecision(press, state, filled)) {
      // Its first delivery has opened the details. This one has committed nothing.
      if (duplicate && state?.phase === 'open' && !isWhole(state, press.platform)) {
        return handled(await details.open(press, state), outcome, state);
      }
      return handled(refused(ignored, state, press, deps), outcome, state);
    }
    sessions.discard(press);
    return handled(recorded(press, state), outcome, state);
  };
}

/** A decision is on the cards; a signature that waits for others is answered in private, too. */
function recorded({ actor, buttonId }: Press, state: Approval | null): PressAnswer {
  const isWaiting = state !== null && buttonId.action !== 'retry' && (state.phase === 'open' || isLeftToPeople(state));
  const text = isWaiting ? signedAnswer(state, actor) : null;
  return text === null ? { type: 'accepted' } : { type: 'notified', text };
}

/** A second press, also by another account of the same person, or the same one delivered twice. */
function signedBefore({ actor }: Press, state: Approval): PressAnswer {
  return { type: 'notified', text: signedBeforeAnswer(state, actor) };
}

/** A take-over claims before its form opens. @returns the answer, and its outcome for the log */
async function openForm(
  press: Deciding,
  approval: Approval,
  right: Right,
  {
    claims,
    sessions,
    ready,
    ...deps
  }: PressDeps & { claims: Claims; sessions: FormSessions; ready: Ready | undefined },
): Promise<[PressAnswer, string, Approval | null]> {
  const isTakeOver = press.buttonId.action === 'take_over';
  const draft = await sessions.draftOf(press);
  const { ignored, claim, state } = isTakeOver
    ? await claims.takeForForm(press, approval, right, ready)
    : { ignored: null, claim: null, state: approval };
  if (ignored !== null) return [refused(ignored, state, press, deps), ignored, state];
  const form = sessions.open(press, approval, draft, claims.keptMs(approval, press));
  return [{ type: 'form', form, ...(claim !== null && { claim }) }, 'form', state];
}

/** *Take over* without a word of what was done: the person is to do it now. A program says all of it in one call. */
function keepsClaim({ buttonId, readWhole }: Press, approval: Approval, filled: FilledIn | null): boolean {
  const isTakeOver = buttonId.action === 'take_over' && buttonId.done !== true && readWhole !== true;
  const isEmpty = filled?.checked.ok === true && filled.checked.text === null;
  return isTakeOver && isEmpty && approval.phase === 'open' && canBeKept(approval.pause);
}

/**
 * The press approves what its card does not show whole, and this person has not read the rest. The audit log is read only
 * for such a card. A mask that hides much is opened first, or the approval comes from the end of *Details*.
 */
async function isUnread(
  { buttonId, actor, form, readWhole, platform }: Deciding,
  approval: Approval,
  filled: FilledIn | null,
  { store, readFirst }: PressDeps,
): Promise<boolean> {
  const { action, inDetails } = buttonId;
  const approves = action !== 'retry' && actionsOf(action, textOf(filled), approval.pause).includes('approve');
  if (!readFirst || !approves || readWhole === true || isWhole(approval, platform)) return false;
  const rows = await store.audit(approval.id);
  // A form was opened by a press that has passed this.
  const isEnd = inDetails === true || form !== null;
  return !(isEnd ? hasRead(approval, rows, actor) : hasSeenAll(approval, rows, actor));
}

/** No form and no details are opened for a decision that a stop would refuse. */
function outlookOf({ ignored }: Step, { stopped }: Pick<PressDeps, 'stopped'>): { ignored?: Ignored } {
  const mayApply = ignored === undefined || ignored === 'not_read' || ignored === 'note_missing';
  if (mayApply && (stopped?.() ?? null) !== null) return { ignored: 'stopped' };
  return ignored === undefined ? {} : { ignored };
}

/** What was sent together is sent together again: asked for in one turn, and so in one commit. */
async function othersToRetry(approval: Approval, store: Store): Promise<readonly string[]> {
  const group = await store.list({ groupId: approval.pause.groupId });
  return group.map(({ id }) => id).filter((id) => id !== approval.id);
}

/** A press that is to change something. */
type Deciding = Press & { buttonId: { action: Action | 'retry' } };

function inputOf(
  press: Deciding,
  approval: Approval | null,
  policy: Policy,
  filled: FilledIn | null,
): InputOf<'pressed' | 'retried'> {
  const { buttonId } = press;
  if (buttonId.action === 'retry') {
    const { actor } = press;
    const sent = approval?.decision?.action ?? 'approve';
    return { type: 'retried', actor, right: approval === null ? 'denied' : policy.right(sent, press, approval) };
  }
  const { action, fingerprint } = buttonId;
  const text = textOf(filled);
  const used = approval === null ? [action] : actionsOf(action, text, approval.pause);
  const judged = approval === null ? null : used.map((one) => policy.judge(one, press, approval));
  const confirmed = filled?.confirmed === true;
  const sentAs = filled?.checked.ok ? filled.checked.sentAs : undefined;
  return {
    type: 'pressed',
    action,
    actor: inPlace(press.actor, judged ?? []),
    text,
    ...(sentAs !== undefined && { sentAs }),
    fingerprint,
    right: judged === null ? 'denied' : weakest(judged.map(({ right }) => right)),
    ...(approval?.requirement !== undefined && { signing: policy.signing(used, press, approval) }),
    confirmed,
  };
}

/** The actor, and in whose place they decide, where that is not by their own right. */
function inPlace(actor: Actor, judged: readonly Judgement[]): Actor {
  const inPlaceOf = judged.find((one) => one.inPlaceOf !== undefined)?.inPlaceOf;
  return inPlaceOf === undefined ? actor : { ...actor, inPlaceOf };
}

/** As if confirmed: the form is about to ask for that, so only earlier obstacles count. */
function asConfirmed(input: InputOf<'pressed' | 'retried'>): InputOf<'pressed' | 'retried'> {
  return input.type === 'pressed' ? { ...input, confirmed: true } : input;
}

function weakest(rights: readonly Right[]): Right {
  if (rights.includes('denied')) return 'denied';
  return rights.includes('unverified') ? 'unverified' : 'allowed';
}

function textOf(filled: FilledIn | null): string | null {
  return filled?.checked.ok ? filled.checked.text : null;
}

/** A double click, or the same press delivered twice: the person’s decision, or their part of it, is the one in force. */
function isSameDecision({ buttonId, actor }: Press, approval: Approval | null, filled: FilledIn | null): boolean {
  const { checked } = filled ?? {};
  const isTheirs = (one: Decision) => {
    const isSameText =
      checked === undefined || (checked.ok && one.text === checked.text && one.sentAs === checked.sentAs);
    return one.action === buttonId.action && isSamePerson(one.actor, actor) && isSameText;
  };
  const decision = approval?.decision ?? null;
  return decision !== null && [decision, ...(approval?.signatures ?? [])].some(isTheirs);
}

function refused(ignored: Ignored, approval: Approval | null, press: Press, deps: PressDeps): PressAnswer {
  const text = refusalOfPress(ignored, approval, press, deps);
  return { type: 'refused', text, ...(ignored === 'stopped' && { isStopped: true }) };
}
