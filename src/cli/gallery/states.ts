/** Every state of a card, reached by `step` as the bot reaches it. Tested in test/browser/gallery.test.ts. */
import type { Actor, Approval } from '../../core/approval/approval.ts';
import type { Input } from '../../core/approval/inputs.ts';
import { type Pause, WEBSITE_LABEL } from '../../core/approval/pause/pause.ts';
import { step } from '../../core/approval/steps/step.ts';
import type { Ping } from '../../core/view/card.ts';
import { crowded, forged, largeWire, masked, smallWire, tooLarge } from './hiding.ts';
import {
  askedWhich,
  askedYesNo,
  elsewhere,
  hookpulseStep,
  longPayload,
  message,
  note,
  payout,
  query,
  question,
  refund,
  run,
  slot,
  unreadStep,
} from './pauses.ts';

export interface GalleryState {
  name: string;
  caption: string;
  /** Its name for people. */
  backend: string;
  approval: Approval;
  /** The note in the thread rather than the card. */
  sheet: 'card' | 'result' | 'reminder' | 'pointer';
  /** Why the platform refused the full card: its smallest form is drawn. */
  refused?: string;
  /** How many other decisions wait in its thread. */
  waits?: number;
  /** Whom it calls, on each platform. */
  pings?: Readonly<Record<'slack' | 'discord', readonly Ping[]>>;
}

const titles: Record<string, string> = { sonzai: 'Sonzai', hookpulse: 'HookPulse', inbox: 'Countersign' };
const dana: Actor = { platform: 'slack', id: 'U0000000001', name: 'Dana Reyes' };
const sam: Actor = { platform: 'discord', id: '9000000000000000001', name: 'Sam Okafor' };
const places = [
  { platform: 'slack', room: 'C0000000001' },
  { platform: 'discord', room: '4100000000000000001' },
];
const MINUTE_MS = 60_000;

const sending: Input = { type: 'sending', resendable: true };
const recorded: Extract<Input, { type: 'sent' }> = {
  type: 'sent',
  result: { type: 'recorded', following: false },
  resendable: true,
  last: false,
};

function sheetOf(name: string): GalleryState['sheet'] {
  if (name.startsWith('result')) return 'result';
  if (name.startsWith('pointer')) return 'pointer';
  return name.startsWith('reminder') ? 'reminder' : 'card';
}

/** Builds states by `step`, the way the bot reaches them. @param now when everything began, ms since 1970 */
function createState(now: number) {
  return (name: string, caption: string, pause: Pause, ...inputs: Input[]): GalleryState => {
    const known = { id: `ap-${name}`, fingerprint: 'd1', places };
    const deadline = pause.deadline === null ? null : now + pause.deadline;
    const asked: Input =
      pause.kind === 'run'
        ? { type: 'started', ...known, pause, actor: dana, text: 'Mara’s lamp came broken, A-1009.', right: 'allowed' }
        : {
            type: 'announced',
            ...known,
            pause: { ...pause, deadline },
            via: 'stream',
            streamOpen: false,
            recurs: false,
          };
    const first: Input = pause.kind === 'note' ? { type: 'noted', ...known, pause, why: 'asynchronous' } : asked;
    const refused = inputs.flatMap((input) => (input.type === 'content_refused' ? [input.slot] : []));
    const seen = places.flatMap(({ platform, room }): Input[] => {
      const slot = `card@${platform}:${room}`;
      return refused.includes(slot) ? [] : [{ type: 'posted', slot, receipt: { platform, room, message: '1' } }];
    });
    let approval: Approval | null = null;
    for (const [index, input] of [first, ...seen, ...inputs].entries()) {
      approval = step(approval, input, now + (index > places.length ? 2 * MINUTE_MS : 0)).state;
    }
    if (approval === null) throw new Error(`The state ${name} can't be reached.`);
    const backend = titles[pause.backend] ?? 'Runtype';
    return { name, caption, backend, approval, sheet: sheetOf(name) };
  };
}

const press = (action: 'approve' | 'reject' | 'take_over', actor: Actor, text: string | null = null): Input => {
  return { type: 'pressed', action, actor, text, fingerprint: 'd1', right: 'allowed' };
};
const reason = 'connection refused';
const runs: Input = { ...recorded, result: { type: 'recorded', following: true } };
const ended = (kind: 'paused' | 'completed' | 'failed' | 'lost', text: string | null): Input => {
  return { type: 'continued', continuation: { state: kind, text } };
};

/** Cards that can still be decided. */
function openStates(state: ReturnType<typeof createState>, now: number): GalleryState[] {
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
    state('unreachable', 'Open, its backend is away', refund, { type: 'unreachable', reason }),
  ];
}

/** Cards after a decision, or after their end without one. */
function decidedStates(state: ReturnType<typeof createState>, now: number): GalleryState[] {
  return [
    state('sending', 'Pressed, on its way', refund, press('approve', dana), sending),
    state('waiting-claimed', 'Pressed, waits for what somebody has claimed', slot, press('take_over', sam, '10:30'), {
      type: 'waiting',
      others: 1,
      claims: [{ approvalId: 'ap-held', claim: { actor: dana, since: now, until: now + 30 * MINUTE_MS } }],
    }),
    state('waiting', 'Pressed, waits for the rest', slot, press('take_over', sam, '10:30'), {
      type: 'waiting',
      others: 2,
    }),
    state('retrying', 'Pressed, not there yet', refund, press('approve', dana), sending, {
      type: 'sent',
      result: { type: 'unsent', reason },
      resendable: true,
      last: false,
    }),
    state('approved', 'Approved', refund, press('approve', dana), sending, recorded),
    state('rejected', 'Rejected', refund, press('reject', sam, 'Ask for the receipt first.'), sending, recorded),
    state(
      'taken-over',
      'Taken over',
      refund,
      press('take_over', dana, 'Called her, sent a new shade.'),
      sending,
      recorded,
    ),
    {
      ...state('approved-more', 'Approved, and one more waits', refund, press('approve', dana), sending, recorded),
      waits: 1,
    },
    state('answered', 'Answered', slot, press('take_over', sam, '10:30'), sending, recorded),
    state(
      'question-answered',
      'Answered in a form',
      question,
      press('take_over', sam, '{"email":"mara@amsel.example","plan":"team"}'),
      sending,
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
    state('failed', 'Not delivered', refund, press('approve', dana), sending, {
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

/** Cards of runs that were started from chat, and notes in threads. */
function runStates(state: ReturnType<typeof createState>): GalleryState[] {
  return [
    state('run-starting', 'A run from chat: being started', run, sending),
    state('run-refused', 'A run from chat: not taken', run, sending, {
      type: 'sent',
      result: { type: 'refused', reason: 'Runtype answered 402: Credit is used up' },
      resendable: false,
      last: true,
    }),
    state(
      'run-unconfirmed',
      'A run from chat: perhaps started',
      run,
      { type: 'sending', resendable: false },
      {
        type: 'sending',
        resendable: false,
      },
    ),
    state('run-running', 'A run from chat: running', run, sending, runs),
    state('run-waiting', 'A run from chat: waits', run, sending, runs, ended('paused', 'Refund order')),
    state('run-finished', 'A run from chat: finished', run, sending, runs, ended('completed', 'Refunded 42.50 EUR.')),
    state('run-failed', 'A run from chat: failed', run, sending, runs, ended('failed', 'No such order.')),
    state('run-lost', 'A run from chat: cut off', run, sending, runs, ended('lost', null)),
    state('note', 'In the room: a run that is not followed', note),
    state('pointer', 'In the room: a card waits in its thread', { ...refund, deadline: 5 * MINUTE_MS }),
    state('reminder', 'In the room: a reminder', { ...refund, deadline: 5 * MINUTE_MS }),
    state('result-complete', 'In the thread: the result', refund, ended('completed', 'Refunded 42.50 EUR for A-1009.')),
    state('result-failed', 'In the thread: an error', refund, ended('failed', 'The payment provider did not answer.')),
    state('result-lost', 'In the thread: cut off', refund, ended('lost', null)),
  ];
}

/** @param now when everything began, ms since 1970 */
export function galleryStates(now: number): GalleryState[] {
  const state = createState(now);
  return [...openStates(state, now), ...decidedStates(state, now), ...runStates(state)];
}
