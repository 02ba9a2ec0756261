import type { Approval } from '../../../src/core/approval/approval.ts';
import type { Input } from '../../../src/core/approval/inputs.ts';
import type { Actor } from '../../../src/core/approval/parts/decision.ts';
import type { Place } from '../../../src/core/approval/parts/slot.ts';
import type { Pause } from '../../../src/core/approval/pause/pause.ts';
import { step } from '../../../src/core/approval/steps/step.ts';

export const slackRoom: Place = { platform: 'slack', room: 'C0ROOM' };
export const discordRoom: Place = { platform: 'discord', room: '4100' };
export const dana: Actor = { platform: 'slack', id: 'U0DANA', name: 'Dana Reyes' };
export const sam: Actor = { platform: 'discord', id: '9001', name: 'Sam Okafor' };
export const application: Actor = { platform: 'application', id: 'k1', name: 'application' };

export function pauseOf(more: Partial<Pause> = {}): Pause {
  const key = more.key ?? 'approval:appr_1';
  return {
    backend: 'runtype',
    key,
    kind: 'approval',
    groupId: key,
    runId: 'exec_1',
    tool: 'refund_order',
    description: 'Refund an order by id',
    asker: 'Order desk',
    reason: 'The customer asked for their money back.',
    parameters: { orderId: 'A-1009', amount: 42.5 },
    hidden: [],
    actions: ['approve', 'reject', 'take_over'],
    deadline: null,
    wire: { executionId: 'exec_1', approvalId: 'appr_1' },
    ...more,
  };
}

export function announced(more: Partial<Extract<Input, { type: 'announced' }>> = {}): Input {
  return {
    type: 'announced',
    id: 'ap1',
    pause: pauseOf(),
    fingerprint: 'd1',
    via: 'stream',
    streamOpen: false,
    recurs: false,
    places: [slackRoom, discordRoom],
    ...more,
  };
}

/** The pause that represents a run to be started. */
export function runOf(more: Partial<Pause> = {}): Pause {
  const key = more.key ?? 'run:slack:1';
  const wire = { kind: 'run', target: 'agent', id: 'agent_1' };
  const nothing = { description: null, reason: null, parameters: {}, actions: [] };
  return pauseOf({ key, kind: 'run', runId: key, tool: 'refunds', asker: 'refunds', ...nothing, wire, ...more });
}

export function started(more: Partial<Extract<Input, { type: 'started' }>> = {}): Input {
  const places = [slackRoom, discordRoom];
  return {
    type: 'started',
    id: 'run1',
    pause: runOf(),
    fingerprint: 'd1',
    actor: dana,
    text: 'Mara wants her money back',
    right: 'allowed',
    places,
    ...more,
  };
}

export function pressed(more: Partial<Extract<Input, { type: 'pressed' }>> = {}): Input {
  return { type: 'pressed', action: 'approve', actor: dana, text: null, fingerprint: 'd1', right: 'allowed', ...more };
}

export function sentAs(result: Extract<Input, { type: 'sent' }>['result'], more: object = {}): Input {
  return { type: 'sent', result, resendable: true, last: false, ...more };
}

/** For tests that pass states that no input leads to. */
export function asApproval(state: object): Approval {
  return state as Approval;
}

/** The state after these inputs, from none. @throws Error when one of them produces no state */
export function after(...inputs: readonly Input[]): Approval {
  let state: Approval | null = null;
  for (const [index, input] of inputs.entries()) state = step(state, input, 1_000 + index).state;
  if (state === null) throw new Error('no state');
  return state;
}
