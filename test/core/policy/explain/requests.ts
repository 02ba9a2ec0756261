/** Ten requests of different kinds, each explained by an example. */
import type { Pause } from '../../../../src/core/approval/pause/pause.ts';
import type { Circumstances } from '../../../../src/core/policy/rules/route.ts';

const plain: Pause = {
  backend: 'runtype',
  key: 'appr_1',
  kind: 'approval',
  groupId: 'appr_1',
  runId: 'exec_1',
  tool: 'refund_order',
  description: null,
  asker: 'Order desk',
  reason: null,
  parameters: {},
  hidden: [],
  actions: ['approve', 'reject', 'take_over'],
  deadline: null,
  wire: {},
};

/** Tuesday, 11:00 in Berlin. */
const NOW = Date.parse('2026-12-01T10:00:00Z');

export interface AskedFor {
  title: string;
  /** In `examples/`. */
  file: string;
  pause: Pause;
  at: Circumstances;
}

function asked(title: string, file: string, more: Partial<Pause>, at: Partial<Circumstances> = {}): AskedFor {
  return { title, file, pause: { ...plain, ...more }, at: { now: NOW, ...at } };
}

export const requests: readonly AskedFor[] = [
  asked('a large refund, and ana asked for it', 'money-two-people.yml', {
    parameters: { orderId: 'A-1009', amount: 900, currency: 'EUR' },
    requester: 'ana',
  }),
  asked('a small refund', 'money-two-people.yml', { parameters: { orderId: 'A-1010', amount: 42.5, currency: 'EUR' } }),
  asked('an amount that is a text', 'money-two-people.yml', {
    parameters: { orderId: 'A-1011', amount: '900', currency: 'EUR' },
  }),
  asked('a refund without a currency', 'money-two-people.yml', { parameters: { orderId: 'A-1012', amount: 12 } }),
  asked('a read', 'agent-platform.yml', { tool: 'get_customer', parameters: { id: 77 }, asker: 'Research agent' }),
  asked('what only a watching rule would pass', 'agent-platform.yml', {
    parameters: { orderId: 'A-1013', amount: 5 },
    asker: 'Billing agent',
  }),
  asked(
    'a deployment to production at night',
    'on-call.yml',
    {
      tool: 'deploy_service',
      parameters: { service: 'checkout', environment: 'production' },
      asker: 'Release agent',
    },
    { now: Date.parse('2026-12-09T01:30:00Z') },
  ),
  asked('a ban', 'discord-moderation.yml', {
    tool: 'ban_member',
    parameters: { member: 'Spam “King”', reason: 'advertising' },
    asker: 'Watchdog',
    requester: 'jon',
  }),
  asked('an answer that an agent waits for', 'one-room.yml', {
    kind: 'await',
    tool: 'ask_person',
    parameters: { question: 'Which warehouse?' },
    actions: ['take_over', 'reject'],
  }),
  asked('a deletion by one developer', 'solo-developer.yml', {
    tool: 'delete_branch',
    parameters: { branch: 'main' },
    asker: 'Coding agent',
  }),
];
