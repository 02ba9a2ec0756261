/** Cards with what is new about their requests. Tested in test/browser/gallery.test.ts. */
import type { Pause } from '../../../core/approval/pause/pause.ts';
import type { Precedent } from '../../../core/approval/precedent.ts';
import { noveltyOf } from '../../../core/view/precedents/novelty.ts';
import { type BuildState, type GalleryState, MINUTE_MS } from '../build-state.ts';
import { payout, refund } from '../pauses.ts';
import { galleryPolicy, ruledBy } from '../policy.ts';

export function newsStates(state: BuildState, now: number): GalleryState[] {
  const policy = galleryPolicy();
  const before = (pause: Pause, minutesAgo: number, changes: Record<string, unknown> = {}): Precedent => ({
    id: `ap-${minutesAgo}`,
    decision: null,
    pause: { ...pause, parameters: { ...pause.parameters, ...changes } },
    settledAt: now - minutesAgo * MINUTE_MS,
  });
  const asked = (name: string, caption: string, pause: Pause, ...precedents: Precedent[]): GalleryState => ({
    ...state(name, caption, { pause, more: ruledBy(policy, pause, now, noveltyOf(pause, precedents)) }),
    policy,
  });
  const wire = {
    ...refund,
    tool: 'refund_order',
    parameters: { ...refund.parameters, webhook: 'https://pay.example' },
  };
  return [
    asked('news-first', 'New: the first time', refund),
    asked('news-same', 'New: the same was approved two minutes ago', refund, before(refund, 2)),
    asked('news-one-field', 'New: one field differs', refund, before(refund, 60, { amount: 40 })),
    asked(
      'news-more',
      'New: another customer and more than ever',
      refund,
      before(refund, 60, { orderId: 'A-1', customer: 'Jon Abara', amount: 12 }),
      before(refund, 90, { orderId: 'A-2', customer: 'Ida Sørli', amount: 18 }),
    ),
    asked(
      'news-host',
      'New: another host',
      wire,
      before(wire, 60, { orderId: 'A-1', webhook: 'https://shop.example' }),
    ),
    asked(
      'news-payee',
      'New: a payout to another account',
      payout,
      before(payout, 60, { iban: 'DE89 3704 0044 0532 0130 00', amount: 20_000, seller: 'Amsel GmbH' }),
    ),
  ];
}
