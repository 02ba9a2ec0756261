/** Cards that were decided without a press, and those of a stop. Tested in test/browser/gallery.test.ts. */
import { GRANT_ID, RULE_ID } from '../../../core/approval/names.ts';
import type { Stop } from '../../../core/policy/operators/stop.ts';
import { type BuildState, dana, type GalleryState, MINUTE_MS, mara, onItsWay, recorded, sam } from '../build-state.ts';
import { largeRefund, orderRead, refund, run } from '../pauses.ts';
import { galleryPolicy, pressedBy, ruledBy } from '../policy.ts';

export function automaticStates(state: BuildState, now: number): GalleryState[] {
  const policy = galleryPolicy();
  const stop: Stop = { by: mara, at: now, reason: 'The payment provider is down.' };
  const ruled = (pause: typeof refund) => ({ pause, more: ruledBy(policy, pause, now) });
  const byRule = { platform: 'policy', id: `${RULE_ID}reads`, name: 'reads' };
  const byGrant = { platform: 'policy', id: `${GRANT_ID}1`, name: mara.name };
  const stood = { type: 'stood', action: 'approve', fingerprint: 'd1' } as const;
  const granted = { ...stood, actor: byGrant, standing: { by: mara, use: 3, of: 5 } };
  const approved = pressedBy(policy, 'approve', dana);
  return [
    state('rule-approved', 'Approved by a rule', ruled(orderRead), { ...stood, actor: byRule }, onItsWay, recorded),
    state('rule-sending', 'Approved by a rule, on its way', ruled(orderRead), { ...stood, actor: byRule }, onItsWay),
    state('standing-approved', 'Approved by a standing answer', ruled(refund), granted, onItsWay, recorded),
    {
      ...state(
        'standing-offered',
        'Approved, and the same can be allowed',
        ruled(refund),
        approved,
        onItsWay,
        recorded,
      ),
      grant: { given: null, offer: { forMs: 30 * MINUTE_MS } },
    },
    {
      ...state('standing-given', 'Approved, and the same is allowed', ruled(refund), approved, onItsWay, recorded),
      grant: { given: { by: mara, until: now + 30 * MINUTE_MS, used: 2, uses: 5, end: null }, offer: null },
    },
    { ...state('stopped-open', 'Stopped: it waits', ruled(refund)), policy, stop },
    {
      ...state(
        'stopped-signed',
        'Stopped: one of two has signed',
        ruled(largeRefund),
        pressedBy(policy, 'approve', sam),
      ),
      policy,
      stop,
    },
    { ...state('stopped-decided', 'Stopped: decided and not sent', ruled(refund), approved), policy, stop },
    { ...state('stopped-run', 'Stopped: a run is not started', run), stop },
  ];
}
