import type { GatedCall, Script } from '../types.ts';

const cancel: GatedCall = {
  toolName: 'cancel_subscription',
  description: 'Cancel a subscription at the end of its period.',
  reason: 'The customer moves abroad.',
  parameters: { customer: 'Café Amsel', plan: 'Service, monthly', at: '2026-12-31' },
  timeoutMs: 7_200_000,
  result: { cancelled: true },
};
const payOut: GatedCall = {
  toolName: 'pay_out_balance',
  description: 'Pay out what is left on an account.',
  reason: 'The account is closed.',
  parameters: { customer: 'Café Amsel', amount: 118.4, currency: 'EUR' },
  timeoutMs: 7_200_000,
  result: { paid: true },
};

const done = 'The subscription of Café Amsel is cancelled, and the balance is paid out.';

/** Two approvals in one stream. */
export const twoApprovals: Script = {
  name: 'two-approvals',
  kind: 'agent',
  title: 'Account desk',
  steps: [
    { do: 'text', text: 'Closing the account takes two steps, and each needs a yes.' },
    { do: 'pauses', approvals: [cancel, payOut] },
    { do: 'text', text: 'Both steps are done.' },
    { do: 'complete', finalOutput: done },
  ],
};

/** Two approvals and two questions in one stream. */
export const approvalsAndQuestions: Script = {
  name: 'approvals-and-questions',
  kind: 'agent',
  title: 'Account desk',
  steps: [
    {
      do: 'pauses',
      approvals: [cancel, payOut],
      calls: [
        { toolName: 'pick_contact', parameters: { customer: 'Café Amsel' } },
        { toolName: 'pick_account', parameters: { customer: 'Café Amsel' } },
      ],
    },
    { do: 'complete', finalOutput: done },
  ],
};
