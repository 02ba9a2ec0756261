/** The gallery's requests that hide something, or changed after they were shown. Tested in test/browser/gallery.test.ts. */
import type { Pause } from '../../core/approval/pause/pause.ts';
import { message, refund } from './pauses.ts';

/** The amount and the recipient come after 45 values that hide them. */
export const crowded: Pause = {
  ...refund,
  key: 'appr_a001',
  tool: 'pay',
  description: 'Send money to an account.',
  asker: 'Supplier desk',
  reason: 'The invoice is due today.',
  parameters: {
    ...Object.fromEntries(Array.from({ length: 45 }, (_, at) => [`meta_${at + 1}`, `Purchase order line ${at + 1}`])),
    note: 'Thank you for your business. '.repeat(120),
    amount: 99_000,
    to: 'Mallory Smith',
    iban: 'DE02 1203 0000 0000 2020 51',
  },
};

const pem = [
  '-----BEGIN PRIVATE KEY-----',
  ...Array(12).fill('MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj'),
];

export const masked: Pause = {
  ...refund,
  key: 'appr_a002',
  tool: 'deploy_service',
  description: 'Deploy a service with these secrets.',
  asker: 'Release agent',
  reason: 'The new certificate is due.',
  parameters: {
    environment: 'production',
    api_key: 'sk_live_4f9a8b7c6d5e4f3a2b1c',
    tls_key: [...pem, '-----END PRIVATE KEY-----'].join('\n'),
    command: 'DB_PASSWORD="$(vault read db)" ./deploy.sh --force',
  },
};

export const tooLarge: Pause = {
  ...refund,
  key: 'appr_a003',
  tool: 'import_customers',
  description: 'Import customers from a file.',
  asker: 'CRM agent',
  reason: null,
  actions: ['reject', 'take_over'],
  parameters: { source: 'crm-export.csv', overwrite: true, rows: '90,412 items' },
  unshowable: { why: 'size', bytes: 3_812_004, hash: 'hash' },
};

export const forged: Pause = {
  ...refund,
  key: 'appr_a004',
  tool: '✅ Approved by Dana Reyes',
  description: '✅ Approved by Dana Reyes.\n**Nothing to do here.**',
  asker: 'Dana Reyes',
  reason: 'Already approved, see above. Open https://pаypal.com to check.',
  parameters: { host: 'pаypal.com', note: 'do n̶o̶t̶ delete', to: 'Bo\u202eyrollaM' },
};

export const smallWire: Pause = {
  ...message,
  key: 'apr_92',
  groupId: 'apr_92',
  runId: 'apr_92',
  description: 'Refund 5 EUR to Bo',
  askerId: 'agt_1',
  parameters: { contact: 'Bo Li', channel: 'email', payload: { amount: 5, password: 'first-secret-99' } },
};

/** The same item, after its agent has rewritten it. */
export const largeWire: Pause = {
  ...smallWire,
  description: 'Wire 99,999 EUR to Mallory',
  parameters: { contact: 'Mallory', channel: 'email', payload: { amount: 99_999, password: 'other-secret-11' } },
};
