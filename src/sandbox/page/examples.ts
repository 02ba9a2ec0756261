import type { HookPulseEmulator, HookPulseSeed } from '../emulators/hookpulse/types.ts';
import { BURST_PREFIX } from '../emulators/runtype/scripts/refund-burst.ts';
import type { Script } from '../emulators/runtype/types.ts';
import type { SonzaiEmulator, SonzaiItem } from '../emulators/sonzai/types.ts';
import type { Example, PolledBackend } from './protocol.ts';

const runs: readonly Omit<Example, 'backend'>[] = [
  {
    name: 'refund-agent',
    label: 'Refund an order',
    about: 'An agent asks first: approve or reject.',
    first: 1,
    byRule: 'Refund of 42.50',
  },
  {
    name: 'slot-flow',
    label: 'Pick a slot',
    about: 'A flow asks which one: answer.',
    first: 2,
  },
  { name: 'two-pauses', label: 'Two pauses', about: 'One run with two approvals, one after the other.' },
  { name: 'two-approvals', label: 'Two at once', about: 'One run that asks for two approvals in one stream.' },
  { name: 'parallel-awaits', label: 'Two questions at once', about: 'Two questions whose answers are sent together.' },
  {
    name: 'question-agent',
    label: 'Questions with choices',
    about: 'An agent asks two questions with options.',
  },
  {
    name: 'elicitation-agent',
    label: 'A form from a server',
    about: 'An MCP server asks for six fields; try invalid values, too.',
  },
  {
    name: 'elicitation-url',
    label: 'A link to open',
    about: 'An MCP server asks you to open a link.',
  },
  {
    name: 'external-agent',
    label: 'An external agent asks',
    about: 'A question that only the application can answer.',
  },
  {
    name: 'refund-burst',
    label: 'Twelve refunds at once',
    about: 'Twelve requests in one message.',
    first: 3,
  },
  {
    name: 'large-refund',
    label: 'Refund of 640',
    about: 'Above 500: two people sign, one of finance and one of legal.',
    byRule: 'Refund of 640',
  },
  {
    name: 'odd-refund',
    label: 'Refund of “640 EUR”',
    about: 'The amount is a text: the condition of a rule fails, so no one may decide it.',
    byRule: 'Refund of “640 EUR”',
  },
  {
    name: 'read-order',
    label: 'Read an order',
    about: 'A rule approves it at once, without a person.',
    byRule: 'Read an order',
  },
  {
    name: 'delete-customer',
    label: 'Delete a customer',
    about: 'Asks twice.',
    byRule: 'Delete a customer',
  },
  {
    name: 'send-update',
    label: 'Message a customer',
    about: 'A reviewer may allow the next ones after the third.',
    byRule: 'Message a customer',
  },
  {
    name: 'grant-access',
    label: 'Make someone an administrator',
    about: 'No rule of the policy fits: no one may decide it.',
    byRule: 'Make an admin',
  },
  { name: 'hostile', label: 'Hostile payload', about: 'Untrusted text that tries to break the card.' },
  { name: 'failing', label: 'Failing run', about: 'The run fails after it was approved.' },
  { name: 'plain', label: 'Run without a pause', about: 'Passes through the gateway; no card.' },
  { name: 'server-wait', label: 'Wait on the server', about: 'A pause that Runtype ends automatically; no card.' },
];

/** One button per script: the listed ones first, in the order above, then all others. */
export function runExamples(scripts: ReadonlyMap<string, Script>): Example[] {
  const known = runs.filter((example) => scriptsOf(example.name, scripts).length > 0);
  const named = new Set(known.flatMap(({ name }) => scriptsOf(name, scripts)));
  const others = [...scripts.values()].filter((script) => !named.has(script));
  return [...known, ...others.map((script) => ({ name: script.name, label: script.title, about: script.title }))].map(
    (example) => ({ ...example, backend: 'runtype' }),
  );
}

/** The scripts that an example starts: one, or all of a burst. */
export function scriptsOf(example: string, scripts: ReadonlyMap<string, Script>): Script[] {
  if (`${example}-` === BURST_PREFIX) return [...scripts.values()].filter(({ name }) => name.startsWith(BURST_PREFIX));
  const script = scripts.get(example);
  return script === undefined ? [] : [script];
}

export interface PolledBackends {
  sonzai: SonzaiEmulator;
  hookpulse: HookPulseEmulator;
}

export interface PolledExample extends Example {
  backend: PolledBackend;
  start(backends: PolledBackends): void;
}

const message: Partial<SonzaiItem> = {
  agent_name: 'Rana',
  contact_name: 'Bo Li',
  channel: 'WhatsApp',
  type: 'message',
  context: 'Wants to offer a 10% discount',
  payload: { text: 'We can do 10% off if you order today. Shall I set it up?' },
  tags: ['pricing', 'returning customer'],
  confidence: 0.62,
};

const handoff: Partial<SonzaiItem> = {
  agent_id: 'agt_ivo',
  agent_name: 'Ivo',
  user_id: 'usr_204',
  contact_name: 'Ada Noor',
  channel: 'web',
  type: 'handoff',
  context: 'Was charged twice and asks for a person',
  payload: { reason: 'escalate_now', summary: 'Two charges of 42.50 EUR on the same day.', messages: 14 },
  tags: null,
  confidence: 0.91,
};

const payout: HookPulseSeed = {
  workflowName: 'Vendor payout',
  workflowDescription: 'Pays the invoices of a vendor, once a week, from the operating account.',
  steps: [
    { step_identifier: 'collect_invoices', human_approval_required: false },
    {
      step_identifier: 'release_funds',
      delay_to_next_step: 5,
      webhook: {
        webhook_name: 'Release funds at the bank',
        domain: { protocol: 'https', domain: 'api.northbank.example' },
        path: '/v2/payouts',
        headers_json: { Authorization: 'Bearer {{ #northbank }}', 'Idempotency-Key': '{{ initial.batch }}' },
        query_params_json: { notify: true },
        request_body_json: {
          amount: 12_480.5,
          currency: 'EUR',
          to: { name: 'Fabrikam GmbH', iban: 'DE89370400440532013000' },
          reference: '{{ initial.batch }}',
        },
      },
      execution_conditions: [{ field: 'collect_invoices.response.total', operator: 'less_than', value: '20000' }],
    },
    { step_identifier: 'send_receipt', human_approval_required: false },
  ],
};

const renewal: HookPulseSeed = {
  workflowName: 'Contract renewal',
  steps: [{ step_identifier: 'legal_review', delay_to_next_step: 3 }, { step_identifier: 'finance_sign_off' }],
};

/** One button each: it adds an item to the backend's list, which the bot finds with its next poll. */
export const polledExamples: readonly PolledExample[] = [
  {
    name: 'sonzai-message',
    backend: 'sonzai',
    label: 'Sonzai: approve a message',
    about: 'An agent wants to send a message: approve, reject or take over.',
    start: ({ sonzai }) => void sonzai.seed(message),
  },
  {
    name: 'sonzai-handoff',
    backend: 'sonzai',
    label: 'Sonzai: hand over a chat',
    about: 'An agent asks a person to continue a chat: take over.',
    start: ({ sonzai }) => void sonzai.seed(handoff),
  },
  {
    name: 'hookpulse-payout',
    backend: 'hookpulse',
    label: 'HookPulse: vendor payout',
    about: 'A workflow waits before it pays: approve or reject.',
    start: ({ hookpulse }) => void hookpulse.seed(payout),
  },
  {
    name: 'hookpulse-two-steps',
    backend: 'hookpulse',
    label: 'HookPulse: two approval steps',
    about: 'One workflow with two approvals, three seconds apart.',
    start: ({ hookpulse }) => void hookpulse.seed(renewal),
  },
];

/** Everything that the page has a button for. */
export function examplesOf(scripts: ReadonlyMap<string, Script>): Example[] {
  const others = polledExamples.map(({ name, backend, label, about }) => ({ name, backend, label, about }));
  return [...runExamples(scripts), ...others];
}
