import type { Approval } from '../../core/approval/approval.ts';
import { canBeDecided, canBeReleased, type Digest, digestOf, isStaying } from '../../core/approval/digest.ts';
import type { Right } from '../../core/approval/inputs.ts';
import { checkForm } from '../../core/form/check.ts';
import type { Filled } from '../../core/form/form.ts';
import type { Policy } from '../../core/policy/policy.ts';
import { coerceError } from '../../core/ports/errors.ts';
import type { Handlers, Log, Press, PressAnswer, Store } from '../../core/ports/ports.ts';
import { isDangerous } from '../../core/view/cards/danger.ts';
import { digestDetails } from '../../core/view/cards/digest-details.ts';
import {
  type BulkAction,
  bulkActions,
  bulkForm,
  bulkText,
  type Chosen,
  chosenIn,
  isSharedAction,
  reasonForm,
  type Told,
  WHICH,
} from '../../core/view/forms/bulk-form.ts';
import { defaultForms, type FormSettings } from '../../core/view/forms/decision-form.ts';
import { ROLES_UNSEEN, refusalText } from '../../core/view/refusals.ts';
import type { Apply } from '../apply.ts';

const NOT_RECORDED = 'Countersign could not record it. Please press again.';
const ON_ITS_CARD = 'It needs a card of its own: press Show one by one.';
const ON_THEIR_CARDS = 'These are marked as dangerous and are approved one at a time: press Show one by one.';

/**
 * The buttons of a digest. Deciding several is deciding each: one press, one decision and one call of its own, all of
 * them asked for in one turn, and so recorded in one commit.
 */
export function createBulkDecisions(options: {
  store: Store;
  apply: Apply;
  policy: Policy;
  forms?: FormSettings;
  /** What a press on one card does. */
  onPress: Handlers['onPress'];
  log: Log;
}): Handlers['onPress'] {
  const { store, apply, policy, forms = defaultForms, onPress, log } = options;

  return async function onSharedPress(press) {
    const { approvalId, action, shown } = press.aim;
    if (action === 'details') {
      const bundle = (await store.get(approvalId)) === null ? await find(approvalId) : null;
      if (bundle === null) return onPress(press);
      const page = /^\d{1,4}$/.test(shown) ? Number(shown) : 0;
      return { type: 'details', view: { approvalId, details: digestDetails(bundle), page } };
    }
    if (!isSharedAction(action)) return onPress(press);
    const bundle = await find(approvalId);
    const answer = bundle === null ? refused(refusalText('unknown', null)) : await answerTo(press, action, bundle);
    const { platform, actor } = press;
    log.info({ bundle: approvalId, platform, actor: actor.id, action, outcome: answer.type }, 'press on several');
    return answer;
  };

  function answerTo(press: Press, action: BulkAction | 'one_by_one', bundle: Digest): Promise<PressAnswer> {
    if (action === 'one_by_one') return showOneByOne(press, bundle);
    return press.form === null ? open(press, action, bundle) : decide(press, press.form, action, bundle);
  }

  async function find(id: string): Promise<Digest | null> {
    return digestOf(id, await store.digestMembers(id));
  }

  function rightOf(press: Press, action: BulkAction, member: Approval): Right {
    return policy.right(bulkActions[action], press, member);
  }

  /** Those that this person may decide now. */
  function offered(press: Press, action: BulkAction, bundle: Digest): Approval[] {
    return bundle.members.filter(
      (member) =>
        canBeDecided(member, bundle.id) &&
        rightOf(press, action, member) === 'allowed' &&
        // One form is one yes; what is dangerous asks for its own.
        !(action === 'approve_several' && isDangerous(member)),
    );
  }

  /** Nothing is decided, so nothing is committed. */
  async function open(press: Press, action: BulkAction, bundle: Digest): Promise<PressAnswer> {
    const theirs = offered(press, action, bundle);
    if (theirs.length === 0) return refused(whyNone(press, action, bundle));
    const draft = await store.drafts.find(draftKey(press, action));
    return { type: 'form', form: bulkForm(action, bundle, theirs, forms, draft) };
  }

  function whyNone(press: Press, action: BulkAction, bundle: Digest): string {
    const waiting = bundle.members.filter((member) => canBeDecided(member, bundle.id));
    const [first] = waiting;
    if (first === undefined) return 'None of these waits for a decision here any more.';
    const rights = waiting.map((member) => rightOf(press, action, member));
    return rights.includes('allowed') ? ON_THEIR_CARDS : notTheirs(press, rights, first);
  }

  async function decide(press: Press, filled: Filled, action: BulkAction, bundle: Digest): Promise<PressAnswer> {
    const chosen = chosenIn(filled);
    const { [WHICH]: _, ...words } = filled;
    const [first] = bundle.members;
    const checked = first === undefined ? null : checkForm(reasonForm(action, first, forms), words);
    const errors = {
      ...(chosen === null || chosen.length === 0 ? { [WHICH]: 'Choose one or more.' } : {}),
      ...(checked === null || checked.ok ? {} : checked.errors),
    };
    if (chosen === null || Object.keys(errors).length > 0) {
      // Discord can't keep a form open: what was filled in is there when it is opened again.
      if (press.aim.page !== undefined) await store.drafts.save(draftKey(press, action), filled);
      return {
        type: 'invalid',
        form: bulkForm(action, bundle, offered(press, action, bundle), forms, filled),
        errors,
      };
    }
    const ended = await Promise.allSettled(chosen.map((one) => decideOne(press, one, words, action, bundle)));
    const failed = ended.filter((end) => end.status === 'rejected');
    // Nothing of it is recorded, and so it is told.
    if (failed.length === ended.length) throw coerceError(failed[0]?.reason);
    if (press.aim.page !== undefined) forget(press, action);
    const told = ended.map((end, index): Told => {
      if (end.status === 'fulfilled') return end.value;
      log.error({ err: coerceError(end.reason), bundle: bundle.id }, 'one of several presses was not recorded');
      return { approvalId: chosen[index]?.approvalId ?? '', text: NOT_RECORDED };
    });
    const text = bulkText(bulkActions[action], bundle, told);
    return told.every((one) => one.text !== null) ? refused(text) : { type: 'told', text };
  }

  /** As if it had been pressed on a card of its own, by the same person with the same words. */
  async function decideOne(
    press: Press,
    { approvalId, shown }: Chosen,
    words: Filled,
    action: BulkAction,
    bundle: Digest,
  ): Promise<Told> {
    const isMember = bundle.members.some(({ id }) => id === approvalId);
    if (!isMember) return { approvalId, text: refusalText('unknown', null) };
    const aim = { approvalId, action: bulkActions[action], shown };
    const answer = await onPress({ ...press, id: `${press.id}:${approvalId}`, aim, form: words });
    if (answer.type === 'accepted') return { approvalId, text: null };
    return { approvalId, text: answer.type === 'refused' ? answer.text : ON_ITS_CARD };
  }

  /** Whoever may decide one of them may have them shown apart. */
  async function showOneByOne({ id, actor, roles }: Press, bundle: Digest): Promise<PressAnswer> {
    const staying = bundle.members.filter((member) => isStaying(member, bundle.id) && canBeReleased(member));
    const [first] = staying;
    if (first === undefined) return refused('There is nothing left here to show on a card of its own.');
    const rights = staying.flatMap((member) =>
      member.pause.actions.map((action) => policy.right(action, { actor, roles }, member)),
    );
    if (!rights.includes('allowed')) {
      return refused(notTheirs({ roles }, rights, first));
    }
    const input = { type: 'released', slot: bundle.slotName, actor } as const;
    await Promise.all(staying.map((member) => apply(member.id, input, `${id}:${member.id}`)));
    return { type: 'accepted' };
  }

  function draftKey({ aim, actor }: Press, action: BulkAction) {
    return { approvalId: aim.approvalId, action: bulkActions[action], actor, shown: '0' };
  }

  /** They are through with it; the next time it opens empty. */
  function forget(press: Press, action: BulkAction): void {
    store.drafts.save(draftKey(press, action), {}).catch((error: unknown) => {
      log.warn({ bundle: press.aim.approvalId, err: error }, 'what was kept of a form is not removed yet');
    });
  }
}

function notTheirs({ roles }: Pick<Press, 'roles'>, rights: readonly Right[], first: Approval): string {
  const unsure = rights.includes('unverified');
  return unsure && roles === null ? ROLES_UNSEEN : refusalText(unsure ? 'unverified' : 'not_allowed', first);
}

function refused(text: string): PressAnswer {
  return { type: 'refused', text };
}
