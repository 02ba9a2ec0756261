/**
 * Claims: only the person who pressed *Take over* can decide for a while.
 * Tested in test/engine/presses/claims.test.ts and test/stories/deciding/take-over.test.ts.
 */
import type { Approval } from '../../core/approval/approval.ts';
import type { InputOf, Right } from '../../core/approval/inputs.ts';
import { isSamePerson } from '../../core/approval/person.ts';
import { step } from '../../core/approval/steps/step.ts';
import { claimUntil, isClaimedByOther } from '../../core/approval/steps/take-over.ts';
import { byApplication } from '../../core/approval/steps/transitions.ts';
import type { Handlers, Press } from '../../core/ports/ports.ts';
import { whyIgnored } from '../apply.ts';
import type { Claims, PressDeps, Ready } from './contract.ts';
import { refusalOfPress, rightToDecide } from './rights.ts';

export function createClaims(deps: PressDeps): Claims {
  const { apply, attempts, policy, store, clock } = deps;

  async function claim(
    { id, actor, buttonId }: Press,
    approval: Approval,
    { right, form, ready }: { right: Right; form: string | null; ready: Ready | undefined },
  ) {
    const { fingerprint } = buttonId;
    const until = claimUntil(approval, actor, clock.now(), { kept: form === null, max: policy.document.claimMs });
    const input = { type: 'held', actor, fingerprint, until, right, ...(form !== null && { press: form }) } as const;
    await ready?.();
    const changed = await apply(approval.id, input, id);
    return { ignored: whyIgnored(changed, input, clock.now()), state: changed.state };
  }

  return {
    keptMs: (approval, { actor }) => {
      const now = clock.now();
      return claimUntil(approval, actor, now, { kept: true, max: policy.document.claimMs }) - now;
    },

    async takeForForm(press, approval, right, ready) {
      // An application's own unconfirmed call is left to people without a claim.
      if (approval.phase !== 'open') return { ignored: null, claim: null, state: approval };
      const form = press.claimForm ?? press.id;
      const { ignored, state } = await claim(press, approval, { right, form, ready });
      const made = state?.claim ?? null;
      const isForForm = made !== null && isSamePerson(made.actor, press.actor) && made.forms?.includes(form) === true;
      return { ignored, claim: isForForm ? { form, until: made.until } : null, state };
    },

    keep: (press, approval, right, ready) => claim(press, approval, { right, form: null, ready }),

    async release(press, ready) {
      const { buttonId, actor, id } = press;
      const approval = await store.get(buttonId.approvalId);
      const input = { type: 'handed_back', actor, ...(await waitedFor(press, approval, deps)) } as const;
      // Everyone who sees the button can press it: the same refusal is recorded once in an hour.
      const outlook = step(approval, input, clock.now()).ignored;
      if (outlook !== undefined && (approval === null || !attempts.isFirst(approval.id, input, outlook))) {
        return {
          answer: { type: 'refused', text: refusalOfPress(outlook, approval, press, deps) },
          outcome: outlook,
          state: approval,
        };
      }
      await ready?.();
      const changed = await apply(buttonId.approvalId, input, id);
      const { state } = changed;
      const ignored = changed.duplicate ? null : changed.ignored;
      if (ignored === null) return { answer: { type: 'accepted' }, outcome: 'accepted', state };
      return {
        answer: { type: 'refused', text: refusalOfPress(ignored, state, press, deps) },
        outcome: ignored,
        state,
      };
    },
  };
}

/** A claim whose form is not open ends. Never rejects: if the store refuses, the claim ends with its lease. */
export function createFormGone({
  apply,
  log,
}: Pick<PressDeps, 'apply' | 'log'>): Pick<Handlers, 'onFormNotShown' | 'onFormClosed'> {
  async function end(approvalId: string, input: InputOf<'form_not_shown' | 'form_closed'>) {
    const { press, type, actor } = input;
    await apply(approvalId, input, `${press}:${type}:${actor.platform}:${actor.id}`).catch((error: unknown) => {
      log.warn({ approval: approvalId, err: error }, 'the claim of a form that is not open is not ended');
    });
  }
  return {
    async onFormNotShown({ buttonId: { approvalId, action }, actor, id, claimForm = id }) {
      if (action === 'take_over') await end(approvalId, { type: 'form_not_shown', actor, press: claimForm });
    },
    onFormClosed: ({ approvalId, actor, form }) => end(approvalId, { type: 'form_closed', actor, press: form }),
  };
}

/**
 * What others than the holder need to end a claim: that a decision of people waits for it, and the right to decide what is
 * claimed. Both are read before the change; a claim that is another one by then stays.
 */
async function waitedFor(
  press: Press,
  claimed: Approval | null,
  deps: PressDeps,
): Promise<Pick<InputOf<'handed_back'>, 'waited'>> {
  const { buttonId, actor } = press;
  const { store, clock } = deps;
  if (claimed === null || !isClaimedByOther(claimed, actor, clock.now())) return {};
  const group = await store.list({ groupId: claimed.pause.groupId });
  const isWaitedFor = group.some((one) => one.id !== claimed.id && one.phase === 'decided' && !byApplication(one));
  if (!isWaitedFor) return {};
  return { waited: { right: rightToDecide(press, claimed, deps), shown: buttonId.fingerprint } };
}
