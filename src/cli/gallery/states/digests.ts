/** Digests in every state, reached by `step` as the bot reaches them. Tested in test/browser/gallery.test.ts. */
import type { Approval } from '../../../core/approval/approval.ts';
import { type Digest, digestOf } from '../../../core/approval/digest.ts';
import type { Input } from '../../../core/approval/inputs.ts';
import type { Actor } from '../../../core/approval/parts/decision.ts';
import type { Action, Pause } from '../../../core/approval/pause/pause.ts';
import { step } from '../../../core/approval/steps/step.ts';
import { dana, MINUTE_MS, sam } from '../build-state.ts';

export interface DigestState {
  name: string;
  caption: string;
  digest: Digest;
}

const ID = 'digest';
const place = { platform: 'slack', room: 'C0000000001' };
const slot = `card@${place.platform}:${place.room}`;
const orders = [
  ['Mara Lindqvist', 42.5, 'Broken shade'],
  ['Jon Abara', 18, 'Arrived late'],
  ['Ida Sørli', 129.9, 'Wrong colour'],
  ['Café Amsel', 640, 'Order was doubled'],
  ['Tomasz Wilk', 9.99, 'Missing cable'],
  ['Noor Haddad', 75, 'Scratched'],
  ['Lena Voss', 33.2, 'Arrived late'],
  ['Otto Brandt', 2_480, 'Cancelled before it was sent'],
] as const;

function pauseOf(index: number, deadline: number): Pause {
  const [customer, amount, note] = orders[index % orders.length] ?? orders[0];
  return {
    backend: 'runtype',
    key: `appr_${index}`,
    kind: 'approval',
    groupId: `appr_${index}`,
    runId: `exec_${index}`,
    tool: 'refund_order',
    description: 'Refund an order, in full or in part, to the payment method it was paid with.',
    asker: 'Order desk',
    reason: null,
    parameters: { orderId: `A-${2_001 + index}`, amount, currency: 'EUR', customer, note },
    hidden: [],
    actions: ['approve', 'reject', 'take_over'],
    deadline,
    wire: {},
  };
}

function member(index: number, now: number, inputs: readonly Input[]): Approval {
  const deadline = now + 15 * MINUTE_MS;
  const pause = pauseOf(index, deadline);
  const asked: Input[] = [
    {
      type: 'announced',
      id: `ap${index}`,
      pause,
      fingerprint: 'd1',
      via: 'stream',
      streamOpen: false,
      recurs: false,
      places: [place],
    },
    { type: 'gathered', slot, digest: { id: ID, at: now, runId: null }, receipt: null, deletions: 0 },
    { type: 'posted', slot, receipt: { ...place, message: '1' }, digest: ID },
  ];
  let approval: Approval | null = null;
  for (const [at, input] of [...asked, ...inputs].entries()) {
    approval = step(approval, input, now + (at >= asked.length ? 2 * MINUTE_MS : 0)).state;
  }
  if (approval === null) throw new Error(`The member ${index} can't be reached.`);
  return approval;
}

export function digestStates(now: number): DigestState[] {
  const sending: Input = { type: 'sending', resendable: true };
  const pressed = (action: Action, actor: Actor, text: string | null = null): Input[] => [
    { type: 'pressed', action, actor, text, fingerprint: 'd1', right: 'allowed' },
    sending,
  ];
  const sent = (action: Action, actor: Actor, text: string | null = null): Input[] => [
    ...pressed(action, actor, text),
    { type: 'sent', result: { type: 'recorded', following: false }, resendable: true, last: false },
  ];
  const state = (name: string, caption: string, ...histories: readonly (readonly Input[])[]): DigestState => {
    const digest = digestOf(
      ID,
      histories.map((inputs, index) => member(index, now, inputs)),
    );
    if (digest === null) throw new Error(`The state ${name} can't be reached.`);
    return { name, caption, digest };
  };
  const waiting: Input[] = [];
  const refused: Input = {
    type: 'sent',
    result: { type: 'refused', reason: 'Runtype answered 402: Credit is used up' },
    resendable: true,
    last: true,
  };
  const held: Input = { type: 'held', actor: dana, fingerprint: 'd1', until: now + 30 * MINUTE_MS, right: 'allowed' };
  const left: Input = { type: 'released', slot, actor: sam };
  const many = Array.from({ length: 20 }, () => waiting);
  return [
    state('digest-open', 'A digest: eight refunds wait', ...orders.map(() => waiting)),
    state(
      'digest-mixed',
      'A digest: some are decided',
      sent('approve', dana),
      sent('reject', sam, 'Ask for the receipt first.'),
      pressed('approve', dana),
      [...pressed('approve', dana), refused],
      [held],
      [{ type: 'resolved', verdict: 'timeout', reason: null }],
      waiting,
      waiting,
    ),
    state('digest-full', 'A digest: as many as fit', ...many),
    state('digest-apart', 'A digest: shown one by one', sent('approve', dana), [left], [left], [left]),
    state('digest-over', 'A digest: all decided alike', ...orders.map(() => sent('approve', dana))),
    state(
      'digest-over-mixed',
      'A digest: all decided',
      ...orders.map((_, index) => (index % 3 === 1 ? sent('reject', sam, 'No.') : sent('approve', dana))),
    ),
  ];
}
