/** *Withdraw my signature*. Tested in test/engine/presses/signing.test.ts. */
import { step } from '../../core/approval/steps/step.ts';
import { WITHDRAWN } from '../../core/view/cards/signing/answers.ts';
import type { PressDeps, PressHandler } from './contract.ts';
import { refusalOfPress } from './rights.ts';

/** Everyone who sees the card can press it: a refusal of one person is recorded once in an hour. */
export function createUnsign(deps: PressDeps): PressHandler {
  const { store, apply, attempts, policy, clock } = deps;
  return async (press, ready) => {
    const { buttonId, actor, id } = press;
    const approval = await store.get(buttonId.approvalId);
    const signing = approval === null ? { earlier: [] } : policy.signing([], press, approval);
    const input = { type: 'unsigned', actor, signing } as const;
    const outlook = step(approval, input, clock.now()).ignored;
    if (outlook !== undefined && (approval === null || !attempts.isFirst(approval.id, input, outlook)))
      return {
        answer: { type: 'refused', text: refusalOfPress(outlook, approval, press, deps) },
        outcome: outlook,
        state: approval,
      };
    await ready?.();
    const changed = await apply(buttonId.approvalId, input, id);
    const ignored = changed.duplicate ? null : changed.ignored;
    const { state } = changed;
    const backend = state?.pause.backend;
    if (ignored === null) return { answer: { type: 'notified', text: WITHDRAWN }, outcome: 'accepted', backend, state };
    return {
      answer: { type: 'refused', text: refusalOfPress(ignored, state, press, deps) },
      outcome: ignored,
      backend,
      state,
    };
  };
}
