import type { Script } from '../types.ts';
import { scriptsByRule } from './by-rule.ts';
import { hostileAgent } from './hostile.ts';
import { elicitationAgent, elicitationUrl, externalAgent, questionAgent } from './questions.ts';
import { refundBurst } from './refund-burst.ts';
import { approvalsAndQuestions, twoApprovals } from './together.ts';

/** Fresh copies of the example agents and flows: an emulator may change its own. */
export function exampleScripts(): Script[] {
  return structuredClone([
    refundAgent,
    slotFlow,
    twoPauses,
    twoApprovals,
    approvalsAndQuestions,
    parallelAwaits,
    questionAgent,
    elicitationAgent,
    elicitationUrl,
    externalAgent,
    approvalFlow,
    hostileAgent,
    serverWait,
    plainAgent,
    failingAgent,
    ...scriptsByRule,
    ...refundBurst(),
  ]);
}

const refundAgent: Script = {
  name: 'refund-agent',
  kind: 'agent',
  title: 'Order desk',
  steps: [
    { do: 'text', text: 'Let me look at order A-1009 first.' },
    {
      do: 'tool',
      toolName: 'lookup_order',
      parameters: { orderId: 'A-1009', tenantId: 'tenant_4471' },
      hiddenParameterNames: ['tenantId'],
      result: {
        orderId: 'A-1009',
        customer: 'Mara Lindqvist',
        items: [{ sku: 'LAMP-OAK', name: 'Oak desk lamp', quantity: 1 }],
        total: 42.5,
        currency: 'EUR',
        deliveredOn: '2026-08-28',
      },
    },
    {
      do: 'text',
      text: 'The lamp arrived four days ago with a broken shade, so the refund is within the 30-day limit. I am asking for approval now.',
    },
    {
      do: 'approval',
      toolName: 'refund_order',
      description: 'Refund an order, in full or in part, to the original payment method.',
      reason: 'The customer asked for their money back: the lamp arrived with a broken shade.',
      parameters: {
        orderId: 'A-1009',
        amount: 42.5,
        currency: 'EUR',
        customer: 'Mara Lindqvist',
        note: 'Broken shade, photo in ticket 5521. The customer does not want a replacement.',
        tenantId: 'tenant_4471',
      },
      hiddenParameterNames: ['tenantId'],
      timeoutMs: 300_000,
      result: { refundId: 'RF-20417', status: 'booked', amount: 42.5, currency: 'EUR' },
    },
    { do: 'text', text: 'Done. The refund is booked as RF-20417 and Mara gets a confirmation by e-mail.' },
    {
      do: 'complete',
      finalOutput: 'Refunded 42.50 EUR for order A-1009 to Mara Lindqvist. The money arrives in three to five days.',
    },
  ],
};

const slotFlow: Script = {
  name: 'slot-flow',
  kind: 'flow',
  title: 'Book a visit',
  steps: [
    { do: 'text', text: 'Two engineers are free on 2 September. Someone who knows the routes should pick the slot.' },
    {
      do: 'awaits',
      calls: [
        {
          toolName: 'pick_slot',
          origin: 'sdk',
          parameters: {
            customer: 'Café Amsel, Hafenstr. 12',
            job: 'Espresso machine loses pressure',
            day: '2026-09-02',
            options: [
              { id: 'early', label: '08:30 to 10:00, Ines' },
              { id: 'noon', label: '12:00 to 13:30, Tomasz' },
              { id: 'late', label: '16:00 to 17:30, Ines' },
            ],
          },
        },
      ],
    },
    { do: 'text', text: 'Thank you, I am booking {{pick_slot}}.' },
    { do: 'complete', finalOutput: 'The visit at Café Amsel is booked: {{pick_slot}}.' },
  ],
};

const twoPauses: Script = {
  name: 'two-pauses',
  kind: 'agent',
  title: 'Release manager',
  steps: [
    { do: 'text', text: 'Release 4.12 needs one migration before the service can be deployed.' },
    {
      do: 'approval',
      toolName: 'run_migration',
      description: 'Run a schema migration against a database.',
      reason: 'Release 4.12 reads invoices.paid_at, which this migration adds.',
      parameters: { database: 'billing-eu', migration: '0042_add_paid_at', lockTimeoutSeconds: 5, rollback: true },
      timeoutMs: 900_000,
      result: { applied: true, tookSeconds: 3.1 },
    },
    { do: 'text', text: 'The migration took 3.1 seconds. Next comes the service itself.' },
    {
      do: 'approval',
      toolName: 'deploy_service',
      description: 'Roll a service out to an environment.',
      reason: 'All checks of build 8817 are green and the migration is in.',
      parameters: { service: 'billing-api', version: '4.12.0', environment: 'production', canaryPercent: 10 },
      timeoutMs: 900_000,
      result: { status: 'rolled out', instances: 6 },
    },
    { do: 'text', text: 'All six instances report version 4.12.0.' },
    { do: 'complete', finalOutput: 'billing-api 4.12.0 is in production, with migration 0042_add_paid_at applied.' },
  ],
};

const parallelAwaits: Script = {
  name: 'parallel-awaits',
  kind: 'flow',
  title: 'Check a delivery',
  steps: [
    { do: 'text', text: 'Two things on this delivery look wrong. Both need a person before the van leaves.' },
    {
      do: 'awaits',
      calls: [
        {
          toolName: 'confirm_address',
          parameters: {
            orderId: 'B-3307',
            onOrder: 'Lindenweg 4, 20099 Hamburg',
            onInvoice: 'Lindenweg 14, 20099 Hamburg',
          },
        },
        {
          toolName: 'confirm_phone',
          parameters: { orderId: 'B-3307', customer: 'Jo Adeyemi', phone: '+49 40 5550 0142' },
        },
      ],
    },
    { do: 'complete', finalOutput: 'B-3307 goes to {{confirm_address}}; the driver calls {{confirm_phone}}.' },
  ],
};

const approvalFlow: Script = {
  name: 'approval-flow',
  kind: 'flow',
  title: 'Publish a price list',
  steps: [
    { do: 'text', text: 'The autumn price list is ready: 214 items, 31 of them change.' },
    {
      do: 'approval',
      toolName: 'publish_prices',
      description: 'Publish a price list to the shop.',
      reason: 'The list was checked against the supplier sheet of 30 August.',
      parameters: { list: 'autumn-2026', items: 214, changed: 31, validFrom: '2026-09-15' },
      timeoutMs: 600_000,
      result: { published: 214 },
    },
    { do: 'complete', finalOutput: 'The autumn price list is published and valid from 15 September.' },
  ],
};

const serverWait: Script = {
  name: 'server-wait',
  kind: 'flow',
  title: 'Read a help centre',
  steps: [
    { do: 'text', text: 'I am reading the help centre. This takes a moment.' },
    { do: 'server_wait', awaitReason: 'durable_poll', ms: 200 },
    { do: 'text', text: 'Read 38 pages.' },
    { do: 'complete', finalOutput: 'The help centre has 38 pages; 4 of them still show the old prices.' },
  ],
};

const plainAgent: Script = {
  name: 'plain',
  kind: 'agent',
  title: 'Opening hours',
  steps: [
    { do: 'text', text: 'The shop is open from ten to six, and on Saturdays until four.' },
    { do: 'complete', finalOutput: 'The shop is open from ten to six, and on Saturdays until four.' },
  ],
};

const failingAgent: Script = {
  name: 'failing',
  kind: 'agent',
  title: 'Invoice clerk',
  steps: [
    { do: 'text', text: 'Invoice 2026-118 is ready to send.' },
    {
      do: 'approval',
      toolName: 'send_invoice',
      description: 'Send an invoice by e-mail.',
      reason: 'The work was accepted yesterday.',
      parameters: { invoice: '2026-118', to: 'accounts@kestrel.example', total: 1840, currency: 'EUR' },
      result: { queued: true },
    },
    { do: 'error', message: 'The mail server refused the message: 550 no such mailbox accounts@kestrel.example.' },
  ],
};
