/** Cards that can still be decided. Tested in test/browser/gallery.test.ts. */
import { WEBSITE_LABEL } from '../../../core/approval/pause/pause.ts';
import { type BuildState, dana, type GalleryState, MINUTE_MS, places, REASON } from '../build-state.ts';
import { crowded, forged, largeWire, masked, smallWire, tooLarge } from '../hiding.ts';
import {
  askedWhich,
  askedYesNo,
  elsewhere,
  hookpulseStep,
  longPayload,
  message,
  payout,
  query,
  question,
  refund,
  slot,
  unreadStep,
} from '../pauses.ts';

export function openStates(state: BuildState, now: number): GalleryState[] {
  return [
    state('open', 'Open', { ...refund, deadline: 5 * MINUTE_MS, hidden: ['customer'] }),
    {
      ...state('open-calling', 'Open, calls a group', refund),
      pings: { slack: [{ kind: 'group', id: 'S0000000001' }], discord: [{ kind: 'role', id: '200000000000000010' }] },
    },
    state('overdue', 'Open, its deadline has passed', { ...refund, deadline: MINUTE_MS }, { type: 'deadline_passed' }),
    state('website', 'Open, asked for in a website chat', { ...refund, labels: [WEBSITE_LABEL] }),
    state('open-await', 'Open, an answer is wanted', slot),
    state('question', 'Open, a question with a form', question),
    state('question-elsewhere', 'Open, only the application can answer', elsewhere),
    state('open-item', 'Open, an inbox item', message),
    state('open-ask', 'Open, a script asks for a yes or no', askedYesNo),
    state('open-ask-which', 'Open, a script offers options', askedWhich),
    state('open-hookpulse', 'Open, a step with the call that it makes', hookpulseStep),
    state('open-hookpulse-unread', 'Open, a step whose template can’t be read', unreadStep),
    state('open-code', 'Open, with code', query),
    state('open-long', 'Open, long and hostile', longPayload),
    state('held', 'Taken over, not finished yet', refund, {
      type: 'held',
      actor: dana,
      fingerprint: 'd1',
      until: now + 30 * MINUTE_MS,
      right: 'allowed',
    }),
    state(
      'dangerous',
      'Open, marked as dangerous',
      { ...payout, deadline: 15 * MINUTE_MS },
      { type: 'recovered', confirm: true },
    ),
    state('changed', 'Open, asked again with other arguments', refund, {
      type: 'announced',
      id: 'ap-changed',
      pause: { ...refund, parameters: { ...refund.parameters, amount: 420 } },
      fingerprint: 'd2',
      via: 'stream',
      streamOpen: false,
      recurs: false,
      places,
    }),
    state('changed-item', 'Open, rewritten by its agent', smallWire, {
      type: 'announced',
      id: 'ap-changed-item',
      pause: largeWire,
      fingerprint: 'd2',
      via: 'stream',
      streamOpen: false,
      recurs: false,
      places,
    }),
    state('unseen', 'Open, with more than its card shows', crowded),
    state('masked', 'Open, with masked values', masked),
    state('too-large', 'Open, too large to be approved here', tooLarge),
    state('forged', 'Open, with text that imitates ours', forged),
    { ...state('refused', 'Open, its full card was refused', payout), refused: 'too long' },
    {
      ...state('refused-dangerous', 'Open, dangerous, its full card was refused', payout, {
        type: 'recovered',
        confirm: true,
      }),
      refused: 'too long',
      waits: 2,
    },
    state('refused-elsewhere', 'Open, not shown in Discord', refund, {
      type: 'content_refused',
      slot: 'card@discord:4100000000000000001',
      refused: { content: 'd1', reason: 'blocked by AutoMod', final: true },
    }),
    state('unreachable', 'Open, its backend is away', refund, { type: 'unreachable', reason: REASON }),
  ];
}
