/**
 * Claims: only the person who pressed *Take over* can decide for a while.
 * Tested in test/engine/presses/claims.test.ts and test/stories/deciding/take-over.test.ts.
 */
import type { Approval } from '../../core/approval/approval.ts';
import type { InputOf } from '../../core/approval/inputs.ts';
import { step } from '../../core/approval/steps/step.ts';
import { isClaimedByOther } from '../../core/approval/steps/take-over.ts';
import { byApplication } from '../../core/approval/steps/transitions.ts';
import type { Handlers, Press } from '../../core/ports/ports.ts';
import { whyIgnored } from '../apply.ts';
import type { Claims, PressDeps } from './contract.ts';
import { refusalOfPress, rightToDecide } from './rights.ts';

/** Long enough to do the work and describe it; a forgotten claim ends within the hour. */
const DEFAULT_CLAIM_MS = 30 * 60_000;

export function createClaims(deps: PressDeps, claimMs = DEFAULT_CLAIM_MS): Claims {
  const { apply, attempts, store, clock } = deps;
  return {
    async take({ id, actor, buttonId }, approval, right) {
      // An application's own unconfirmed call is left to people without a claim.
      if (approval.phase !== 'open') return null;
      const { deadline } = approval.pause;
      const now = clock.now();
      const latest = now + claimMs;
      const until = deadline !== null && deadline > now ? Math.min(latest, deadline) : latest;
      const input = { type: 'held', actor, fingerprint: buttonId.fingerprint, until, right, press: id } as const;
      return whyIgnored(await apply(approval.id, input, id), input, clock.now());
    },

    async release(press) {
      const { buttonId, actor, id } = press;
      const approval = await store.get(buttonId.approvalId);
      const input = { type: 'handed_back', actor, ...(await waitedFor(press, approval, deps)) } as const;
      // Everyone who sees the button can press it: the same refusal is recorded once in an hour.
      const outlook = step(approval, input, clock.now()).ignored;
      if (outlook !== undefined && (approval === null || !attempts.isFirst(approval.id, input, outlook))) {
        return { answer: { type: 'refused', text: refusalOfPress(outlook, approval, press, deps) }, outcome: outlook };
      }
      const changed = await apply(buttonId.approvalId, input, id);
      const ignored = changed.duplicate ? null : changed.ignored;
      if (ignored === null) return { answer: { type: 'accepted' }, outcome: 'accepted' };
      return {
        answer: { type: 'refused', text: refusalOfPress(ignored, changed.state, press, deps) },
        outcome: ignored,
      };
    },
  };
}

/** A claim whose form can't be shown ends. Never rejects: if the store refuses, the claim ends with its lease. */
export function createFormNotShown({ apply, log }: Pick<PressDeps, 'apply' | 'log'>): Handlers['onFormNotShown'] {
  return async ({ buttonId: { approvalId, action }, actor, id }) => {
    if (action !== 'take_over') return;
    await apply(approvalId, { type: 'form_not_shown', actor, press: id }).catch((error: unknown) => {
      log.warn({ approval: approvalId, err: error }, 'the claim of a form that did not open is not ended');
    });
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
