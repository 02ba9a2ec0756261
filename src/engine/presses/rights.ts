/** What a person may do with an approval as a whole. */
import type { Approval } from '../../core/approval/approval.ts';
import type { Right } from '../../core/approval/inputs.ts';
import type { Press } from '../../core/ports/ports.ts';
import type { PressDeps } from './contract.ts';

/** Their right to decide it in some way: one of its actions is enough. */
export function rightToDecide(press: Press, approval: Approval, { policy }: Pick<PressDeps, 'policy'>): Right {
  return strongest(approval.pause.actions.map((action) => policy.right(action, press, approval)));
}

export function strongest(rights: readonly Right[]): Right {
  if (rights.includes('allowed')) return 'allowed';
  return rights.includes('unverified') ? 'unverified' : 'denied';
}
