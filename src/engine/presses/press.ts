import type { Action, Approval } from '../../core/approval/approval.ts';
import type { Ignored, InputOf, Right } from '../../core/approval/inputs.ts';
import { step } from '../../core/approval/steps/step.ts';
import type { Policy } from '../../core/policy/policy.ts';
import type { Clock, Log, Press, PressAnswer, Store } from '../../core/ports/ports.ts';
import { detailsOf } from '../../core/view/cards/details.ts';
import { isSharedAction } from '../../core/view/forms/bulk-form.ts';
import { defaultForms, type FormSettings } from '../../core/view/forms/decision-form.ts';
import { ROLES_UNSEEN, refusalText } from '../../core/view/refusals.ts';
import type { Apply } from '../apply.ts';
import { createFormSessions, type FilledIn } from './form-session.ts';

/** Long enough to do the work and write it up, short enough that a forgotten one is free again within the hour. */
const HOLD_MS = 30 * 60_000;

/**
 * What a press does. It resolves once the decision is committed, and the platform's acknowledgement follows at once;
 * it rejects when nothing was recorded.
 */
export function createPressHandler(options: {
  store: Store;
  apply: Apply;
  policy: Policy;
  forms?: FormSettings;
  /** How long who takes over has it to themselves, ms. */
  holdMs?: number;
  clock: Clock;
  backendTitle: (backend: string) => string;
  log: Log;
}): (press: Press) => Promise<PressAnswer> {
  const { store, apply, policy, forms = defaultForms, holdMs = HOLD_MS, clock, backendTitle, log } = options;
  const filling = createFormSessions({ drafts: store.drafts, settings: forms, log });

  return async function onPress(press) {
    const startedAt = clock.monotonic();
    const approval = await store.get(press.aim.approvalId);
    const note = (outcome: string) => {
      const { actor, aim, platform } = press;
      const ms = Math.round(clock.monotonic() - startedAt);
      const fields = { approval: aim.approvalId, backend: approval?.pause.backend, platform, actor: actor.id };
      log.info({ ...fields, action: aim.action, form: press.form !== null, outcome, ms }, 'press');
    };
    const { aim } = press;
    if (aim.action === 'details') {
      note(approval === null ? 'unknown' : 'details');
      return approval === null ? refused('unknown', null, press) : await showDetails(approval, aim.shown);
    }
    if (aim.action === 'hand_back') {
      const handed = await apply(aim.approvalId, { type: 'handed_back', actor: press.actor }, press.id);
      const ignored = handed.duplicate ? null : handed.ignored;
      note(ignored ?? 'accepted');
      return ignored === null ? { type: 'accepted' } : refused(ignored, handed.state, press);
    }
    // Not of one approval: `several.ts` has those.
    if (isSharedAction(aim.action)) return refused('unknown', null, press);
    const filled = await filling.read(press, approval);
    const input = inputOf({ ...press, aim: { ...aim, action: aim.action } }, approval, policy, filled);

    // What can't apply is told at once; its audit row joins a later commit. Nothing else has changed by then.
    const outlook = step(approval, asConfirmed(input), clock.now());
    if (outlook.ignored !== undefined) {
      apply(press.aim.approvalId, input, press.id, outlook.ignored).catch((error: unknown) => {
        log.error({ approval: press.aim.approvalId, err: error }, 'a refused press is missing from the audit log');
      });
      const again = isSameDecision(press, approval, filled);
      note(again ? 'repeated' : outlook.ignored);
      return again ? { type: 'accepted' } : refused(outlook.ignored, approval, press);
    }

    if (approval !== null && filling.isNeeded(press, approval)) {
      const ignored = aim.action === 'take_over' ? await hold(press, approval, input) : null;
      if (ignored !== null) {
        note(ignored);
        return refused(ignored, await store.get(approval.id), press);
      }
      note('form');
      return { type: 'form', form: await filling.open(press, approval) };
    }
    if (filled !== null && filled.answer !== null) {
      await filling.keep(press, filled);
      note(filled.answer.type);
      return filled.answer;
    }

    const others = input.type === 'retried' && approval !== null ? await othersToRetry(approval) : [];
    const [changed] = await Promise.all([
      apply(press.aim.approvalId, input, press.id),
      ...others.map((id) => apply(id, input, `${press.id}:${id}`)),
    ]);
    // A second delivery hears what the first one heard: it may have come second to somebody else's press.
    const ignored = changed.duplicate ? refusalNow(changed.state, input) : changed.ignored;
    note(changed.duplicate ? 'duplicate' : (ignored ?? 'accepted'));
    if (ignored !== null && !isSameDecision(press, changed.state, filled))
      return refused(ignored, changed.state, press);
    filling.discard(press);
    return { type: 'accepted' };
  };

  /** What a press is told whose first delivery was heard already. */
  function refusalNow(state: Approval | null, input: InputOf<'pressed' | 'retried' | 'held'>): Ignored | null {
    // A decision that was sent again is under way.
    if (input.type === 'retried') return null;
    // A press that would count now did not count then, and is not in force: what stood in its way has gone since.
    return step(state, input, clock.now()).ignored ?? (input.type === 'pressed' ? 'changed' : null);
  }

  /** Theirs before the form opens, so that nobody decides while they write. @returns why not */
  async function hold(press: Press, approval: Approval, { right }: { right: Right }): Promise<Ignored | null> {
    // What an application's doubtful call left to people has no buttons to hold.
    if (approval.phase !== 'open') return null;
    const { deadline } = approval.pause;
    const now = clock.now();
    const most = now + holdMs;
    const until = deadline !== null && deadline > now ? Math.min(most, deadline) : most;
    const { actor, aim } = press;
    const input = { type: 'held', actor, shown: aim.shown, until, right } as const;
    const held = await apply(approval.id, input, press.id);
    return held.duplicate ? refusalNow(held.state, input) : held.ignored;
  }

  /** Whoever sees the card may read all of it; nothing is decided, so nothing is committed. */
  async function showDetails(approval: Approval, page: string): Promise<PressAnswer> {
    const details = detailsOf(approval, await store.audit(approval.id), backendTitle(approval.pause.backend));
    return {
      type: 'details',
      view: { approvalId: approval.id, details, page: /^\d{1,4}$/.test(page) ? Number(page) : 0 },
    };
  }

  /** What was sent together is sent together again: asked for in one turn, so that it is one commit. */
  async function othersToRetry(approval: Approval): Promise<readonly string[]> {
    const group = await store.list({ groupId: approval.pause.groupId });
    return group.map(({ id }) => id).filter((id) => id !== approval.id);
  }
}

/** A press that is to change something. */
type Deciding = Press & { aim: { action: Action | 'retry' } };

function inputOf(
  press: Deciding,
  approval: Approval | null,
  policy: Policy,
  filled: FilledIn | null,
): InputOf<'pressed' | 'retried'> {
  const { aim, actor } = press;
  const text = textOf(filled);
  const right = (action: Action): Right => (approval === null ? 'denied' : policy.right(action, press, approval));
  if (aim.action === 'retry') {
    return { type: 'retried', actor, right: right(approval?.decision?.action ?? 'approve') };
  }
  const rights = [right(aim.action), ...approvedWithin(aim.action, text).map(right)];
  const confirmed = filled?.confirmed === true;
  return { type: 'pressed', action: aim.action, actor, text, shown: aim.shown, right: weakest(rights), confirmed };
}

/** The confirmation is what the form is about to ask for: only what stands in the way before it is looked for. */
function asConfirmed(input: InputOf<'pressed' | 'retried'>): InputOf<'pressed' | 'retried'> {
  return input.type === 'pressed' ? { ...input, confirmed: true } : input;
}

/** A free answer that says `approved` is an approval or a rejection, and needs that right. */
function approvedWithin(action: Action, text: string | null): Action[] {
  if (action !== 'take_over' || text === null) return [];
  try {
    const answer: unknown = JSON.parse(text);
    if (typeof answer !== 'object' || answer === null || !('approved' in answer)) return [];
    return [answer.approved === true ? 'approve' : 'reject'];
  } catch {
    return [];
  }
}

function weakest(rights: readonly Right[]): Right {
  if (rights.includes('denied')) return 'denied';
  return rights.includes('unverified') ? 'unverified' : 'allowed';
}

function textOf(filled: FilledIn | null): string | null {
  return filled?.checked.ok ? filled.checked.text : null;
}

/** A double click, or the same press delivered twice: what the person wanted is what stands. */
function isSameDecision({ aim, actor }: Press, approval: Approval | null, filled: FilledIn | null): boolean {
  const decision = approval?.decision ?? null;
  if (decision === null || decision.action !== aim.action) return false;
  const sameText = filled === null || (filled.checked.ok && decision.text === filled.checked.text);
  return decision.actor.platform === actor.platform && decision.actor.id === actor.id && sameText;
}

function refused(ignored: Ignored, approval: Approval | null, { roles }: Press): PressAnswer {
  const unseen = ignored === 'unverified' && roles === null;
  return { type: 'refused', text: unseen ? ROLES_UNSEEN : refusalText(ignored, approval) };
}
