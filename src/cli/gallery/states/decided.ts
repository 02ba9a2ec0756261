/** Cards after a decision, or after their end without one. Tested in test/browser/gallery.test.ts. */

import type { Input } from '../../../core/approval/inputs.ts';
import type { Actor } from '../../../core/approval/parts/decision.ts';
import {
  type BuildState,
  dana,
  type GalleryState,
  MINUTE_MS,
  onItsWay,
  REASON,
  recorded,
  sam,
} from '../build-state.ts';
import { askedYesNo, message, question, refund, slot } from '../pauses.ts';

const press = (action: 'approve' | 'reject' | 'take_over', actor: Actor, text: string | null = null): Input => {
  return { type: 'pressed', action, actor, text, fingerprint: 'd1', right: 'allowed' };
};

export function decidedStates(state: BuildState, now: number): GalleryState[] {
  return [
    state('sending', 'Pressed, on its way', refund, press('approve', dana), onItsWay),
    state('waiting-claimed', 'Pressed, waits for what somebody has claimed', slot, press('take_over', sam, '10:30'), {
      type: 'waiting',
      others: 1,
      claims: [{ approvalId: 'ap-held', claim: { actor: dana, since: now, until: now + 30 * MINUTE_MS } }],
    }),
    state('waiting', 'Pressed, waits for the rest', slot, press('take_over', sam, '10:30'), {
      type: 'waiting',
      others: 2,
    }),
    state('retrying', 'Pressed, not there yet', refund, press('approve', dana), onItsWay, {
      type: 'sent',
      result: { type: 'unsent', reason: REASON },
      resendable: true,
      last: false,
    }),
    state('approved', 'Approved', refund, press('approve', dana), onItsWay, recorded),
    state('rejected', 'Rejected', refund, press('reject', sam, 'Ask for the receipt first.'), onItsWay, recorded),
    state(
      'taken-over',
      'Taken over',
      refund,
      press('take_over', dana, 'Called her, sent a new shade.'),
      onItsWay,
      recorded,
    ),
    {
      ...state('approved-more', 'Approved, and one more waits', refund, press('approve', dana), onItsWay, recorded),
      waits: 1,
    },
    state('answered', 'Answered', slot, press('take_over', sam, '10:30'), onItsWay, recorded),
    state(
      'question-answered',
      'Answered in a form',
      question,
      press('take_over', sam, '{"email":"mara@amsel.example","plan":"team"}'),
      onItsWay,
      recorded,
    ),
    state('expired', 'Expired', refund, { type: 'resolved', verdict: 'timeout', reason: null }),
    state('elsewhere', 'Decided elsewhere', message, { type: 'resolved', verdict: 'approve', reason: null }),
    state('withdrawn', 'Withdrawn by its asker', askedYesNo, { type: 'withdrawn' }),
    state('cancelled', 'Cancelled', refund, { type: 'cancelled', reason: 'The run ended with an error.' }),
    state(
      'unconfirmed',
      'Unconfirmed',
      slot,
      press('take_over', sam, '10:30'),
      { type: 'sending', resendable: false },
      {
        type: 'sent',
        result: { type: 'ambiguous', reason: 'Runtype answered 502' },
        resendable: false,
        last: true,
      },
    ),
    state('failed', 'Not delivered', refund, press('approve', dana), onItsWay, {
      type: 'sent',
      result: {
        type: 'refused',
        reason: 'Runtype refused the key (403): it lacks the scope DISPATCH:*. Fix RUNTYPE_API_KEY',
      },
      resendable: true,
      last: true,
    }),
  ];
}
