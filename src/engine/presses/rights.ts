/**
 * What a person may do with an approval as a whole, and what a person reads who may not.
 * Tested in test/engine/presses/rights.test.ts.
 */
import type { Approval } from '../../core/approval/approval.ts';
import type { Ignored, Right } from '../../core/approval/inputs.ts';
import type { Action } from '../../core/approval/pause/pause.ts';
import type { Press } from '../../core/ports/ports.ts';
import { stoppedText } from '../../core/view/operators/stopped.ts';
import { refusalText, wrongButtonText } from '../../core/view/refusals.ts';
import type { PressDeps } from './contract.ts';

/** Their right to decide it in some way: one of its actions is enough. */
export function rightToDecide(press: Press, approval: Approval, { policy }: Pick<PressDeps, 'policy'>): Right {
  return strongest(approval.pause.actions.map((action) => policy.right(action, press, approval)));
}

/** The private answer to a press that changes nothing; it says who may decide where this person may not. */
export function refusalOfPress(
  ignored: Ignored,
  approval: Approval | null,
  press: Pick<Press, 'roles' | 'platform' | 'actor' | 'buttonId'>,
  { deciders, stopped, clock, policy }: Pick<PressDeps, 'deciders' | 'stopped' | 'clock' | 'policy'>,
): string {
  const stop = stopped?.() ?? null;
  if (ignored === 'stopped' && stop !== null) return stoppedText(stop);
  const { roles, platform } = press;
  const pressed = ignored === 'not_allowed' ? approval?.pause.actions.find(isAction(press)) : undefined;
  const whoCan = approval === null ? undefined : deciders?.(approval, platform, pressed);
  if (approval !== null && pressed !== undefined) {
    const open = approval.pause.actions.filter((action) => policy.right(action, press, approval) === 'allowed');
    if (open.length > 0 && !open.includes(pressed)) return wrongButtonText(pressed, open, approval.pause, whoCan);
  }
  const actions = approval === null || ignored !== 'unverified' ? [] : approval.pause.actions;
  const failed = actions.flatMap((action) =>
    approval === null ? [] : policy.judge(action, press, approval).unverified,
  );
  return refusalText(ignored, approval, roles, whoCan, clock.now(), [...new Set(failed)]);
}

function isAction({ buttonId }: Pick<Press, 'buttonId'>): (action: Action) => boolean {
  return (action) => action === buttonId.action;
}

export function strongest(rights: readonly Right[]): Right {
  if (rights.includes('allowed')) return 'allowed';
  return rights.includes('unverified') ? 'unverified' : 'denied';
}
