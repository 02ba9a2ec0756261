/** What the gallery's requests ask for: short and long, plain and hostile, of every kind. Tested in test/browser/gallery.test.ts. */
import { draftSchema, INBOX, inboxPause } from '../../backends/inbox/item.ts';
import type { Pause } from '../../core/approval/pause/pause.ts';
import { formText } from '../../core/form/as-text.ts';
import type { AnswerForm } from '../../core/form/form.ts';
import { formFromSchema } from '../../core/form/from-json-schema.ts';

export const refund: Pause = {
  backend: 'runtype',
  key: 'appr_5c21',
  kind: 'approval',
  groupId: 'appr_5c21',
  runId: 'exec_7a10',
  tool: 'refund_order',
  description: 'Refund an order, in full or in part, to the payment method it was paid with.',
  asker: 'Order desk',
  reason: 'The customer asked for their money back: the lamp arrived with a broken shade.',
  parameters: { orderId: 'A-1009', amount: 42.5, currency: 'EUR', customer: 'Mara Lindqvist' },
  hidden: [],
  actions: ['approve', 'reject', 'take_over'],
  deadline: null,
  wire: {},
};
export const largeRefund: Pause = {
  ...refund,
  key: 'appr_5c22',
  groupId: 'appr_5c22',
  parameters: { orderId: 'A-1009', amount: 740, currency: 'EUR', customer: 'Mara Lindqvist' },
  requester: 'ana',
};
export const restart: Pause = {
  ...refund,
  key: 'appr_6a10',
  groupId: 'appr_6a10',
  tool: 'restart_service',
  description: 'Restart a service. Requests fail meanwhile.',
  asker: 'Night watch',
  reason: 'Its memory grows since midnight.',
  parameters: { service: 'checkout', environment: 'production' },
};
export const orderRead: Pause = {
  ...refund,
  key: 'appr_6a11',
  groupId: 'appr_6a11',
  tool: 'get_order',
  description: 'Read an order.',
  reason: null,
  parameters: { orderId: 'A-1009' },
};
/** In place of a run that has no card. */
export const note: Pause = {
  ...refund,
  key: 'note',
  kind: 'note',
  groupId: 'note',
  tool: 'Order desk',
  description: null,
  asker: null,
  reason: null,
  parameters: {},
  actions: [],
};
export const slot: Pause = {
  ...refund,
  key: 'toolu_02',
  kind: 'await',
  groupId: 'group',
  tool: 'pick_slot',
  description: 'Ask a person which appointment to book.',
  reason: null,
  actions: ['take_over', 'reject'],
  parameters: { day: '2026-09-02', free: ['09:00', '10:30', '14:00'] },
};
export const message: Pause = {
  ...refund,
  backend: 'sonzai',
  key: 'apr_91',
  kind: 'item',
  groupId: 'apr_91',
  runId: 'apr_91',
  tool: 'outbound_message',
  description: 'Offers a 20 % discount to a customer who wants to cancel.',
  asker: 'Retention agent',
  reason: null,
  parameters: { contact: 'Mara Lindqvist', channel: 'whatsapp', confidence: 0.62, tags: ['discount', 'churn'] },
};
/** A step of HookPulse with the call that it makes. */
export const hookpulseStep: Pause = {
  ...refund,
  backend: 'hookpulse',
  key: '5f0c2c1e-7d1b-4c55-9a36-0d9e5a1b7c10:release_funds:1',
  kind: 'item',
  groupId: '5f0c2c1e-7d1b-4c55-9a36-0d9e5a1b7c10:release_funds:1',
  runId: '5f0c2c1e-7d1b-4c55-9a36-0d9e5a1b7c10',
  tool: 'release_funds',
  description: 'Pays the invoices of a vendor, once a week, from the operating account.',
  asker: 'Vendor payout',
  reason: null,
  parameters: {
    workflow: 'Vendor payout',
    brand: 'Northwind',
    step: 'release_funds',
    webhook: 'Release funds at the bank',
    method: 'POST',
    address: 'https://api.northbank.example/v2/payouts',
    'query.notify': true,
    'body.amount': 12_480.5,
    'body.currency': 'EUR',
    'body.to.name': 'Fabrikam GmbH',
    'body.to.iban': 'DE89370400440532013000',
    'body.reference': '{{ initial.batch }}',
    conditions: 'collect_invoices.response.total less_than 20000',
    headers: 'Authorization, Idempotency-Key',
    'header values': 'a-hash',
    position: 1,
    created: '2026-03-04T14:05:09+05:30',
  },
  hidden: ['header values'],
  cautions: ['1 value is filled in when it runs, and can’t be shown: initial.batch'],
  actions: ['approve', 'reject'],
};
export const unreadStep: Pause = {
  ...hookpulseStep,
  description: null,
  parameters: { workflow: 'Vendor payout', brand: 'Northwind', step: 'release_funds', position: 1 },
  hidden: [],
  cautions: [
    'What this step does is not shown yet: the template of its workflow could not be read. Look it up in HookPulse before you approve it',
  ],
};
export const payout: Pause = {
  ...refund,
  key: 'appr_7d04',
  tool: 'release_payout',
  description: 'Pay out everything that a seller has earned. It can’t be taken back.',
  reason: 'The seller has asked for it twice.',
  parameters: { seller: 'Lindqvist Lamps', amount: 18_400, currency: 'EUR', iban: 'DE02 1203 0000 0000 2020 51' },
};
export const run: Pause = {
  ...refund,
  key: 'run:1',
  kind: 'run',
  groupId: 'run:1',
  tool: 'refunds',
  description: null,
  asker: 'refunds',
  reason: null,
  parameters: {},
  actions: [],
};
const form: AnswerForm = formFromSchema({
  type: 'object',
  properties: {
    email: { type: 'string', title: 'E-mail', format: 'email', description: 'Invoices go there.' },
    plan: {
      title: 'Plan',
      oneOf: [
        { const: 'team', title: 'Team, 14 € a seat' },
        { const: 'basic', title: 'Basic' },
      ],
    },
  },
  required: ['email', 'plan'],
});
export const question: Pause = {
  ...slot,
  key: 'toolu_03',
  groupId: 'toolu_03',
  tool: 'create_customer',
  actions: ['take_over', 'reject'],
  parameters: {},
  description: null,
  prompt: {
    title: 'Question from “crm-server”',
    text: `“crm-server” asks:\nWho gets the invoices, and which plan?\n${formText(form)}`,
    form,
    buttons: { take_over: 'Answer', reject: 'Decline' },
  },
};
export const elsewhere: Pause = {
  ...question,
  tool: 'external_agent',
  actions: [],
  prompt: {
    title: 'Question from an external agent',
    text: 'An external agent needs input. Runtype does not pass on the question.',
    form: null,
  },
};
export const longPayload: Pause = {
  ...refund,
  tool: 'delete_records',
  description: 'Delete records for good.',
  reason: 'Stale sign-ups. @everyone <!here> [See the ticket](https://evil.example)',
  parameters: {
    api_key: 'sk_live_4f9a8b7c6d5e4f3a2b1c',
    records: Array.from({ length: 90 }, (_, n) => ({ id: `rec-${1_000 + n}`, label: `Sign-up, batch ${n + 1}` })),
    dryRun: false,
    scope: 'ALL TENANTS',
  },
};
export const query: Pause = {
  ...refund,
  key: 'appr_9e31',
  tool: 'run_sql',
  description: 'Run a statement on the production database.',
  asker: 'Data steward',
  reason: 'Orders that were never paid make the report wrong.',
  parameters: {
    database: 'shop-production',
    statement: "DELETE FROM orders\nWHERE paid = false\n  AND created_at < '2026-08-01';",
    options: { dryRun: false, timeoutSeconds: 30 },
  },
};

const EXPIRES_MS = 10 * 60_000;

/** Of a script that waits for ten minutes. */
function askedBy(agent_name: string, draft: Record<string, unknown>): Pause {
  return inboxPause({
    approvalId: INBOX,
    asker: 'release',
    askerName: 'release',
    requestSha256: null,
    callbackUrl: null,
    expiresAt: EXPIRES_MS,
    draft: draftSchema.parse({ agent_name, ...draft }),
  });
}

export const askedYesNo = askedBy('release.sh', {
  context: 'Deploy build 812 to production?',
  details: '3 migrations, 14 changed files. The last deploy was on Tuesday.',
});
export const askedWhich = askedBy('release.sh', {
  context: 'Where should build 812 go?',
  options: ['staging', 'production'],
});
