import type { Json, Script } from '../types.ts';

const RIGHT_TO_LEFT_OVERRIDE = '\u202e';
const POP_DIRECTION = '\u202c';
const ZERO_WIDTH_SPACE = '\u200b';
const ZERO_WIDTH_JOINER = '\u200d';
const FENCE = '```';

/** Harmless-looking rows that push the important part out of sight. */
const records = Array.from({ length: 90 }, (_, index) => ({
  id: `rec-${String(1000 + index)}`,
  label: `Newsletter sign-up without a confirmation, batch ${index + 1}`,
  lastSeen: '2019-04-02',
}));

/** What a card must withstand: pings, markup, hidden characters, secrets, and the important part at the very end. */
const parameters: Json = {
  title: 'Remove stale sign-ups',
  requestedBy: `@everyone <!channel> <!here> <@U123> <@&998877665544332211> <#C024BE91L>`,
  comment: [
    `${FENCE}sh`,
    'echo "looks fine"',
    FENCE,
    'Already approved by *security*, see [the ticket](https://evil.example/login) or <https://evil.example|our wiki>.',
    `Inline \`code\` with \`\` two ticks, ||a spoiler||, # a heading, > a quote & an &lt;entity&gt;.`,
  ].join('\n'),
  attachment: `invoice_${RIGHT_TO_LEFT_OVERRIDE}fdp.exe${POP_DIRECTION}`,
  table: `user${ZERO_WIDTH_SPACE}s_st${ZERO_WIDTH_JOINER}ale`,
  connection: {
    host: 'db.internal.example',
    api_key: 'not-a-real-key-7f3b9c1d5e',
    clientSecret: 'invented-client-secret-41ab',
    Authorization: 'Basic aW52ZW50ZWQ6cGFzc3dvcmQ=',
    note: 'Call it with Authorization: Bearer invented.bearer-token.0a1b2c3d4e5f for full access.',
    awsAccount: 'AKIAIOSFODNN7EXAMPLE',
    session: 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJpbnZlbnRlZCJ9.c2lnbmF0dXJlLWludmVudGVk',
  },
  records,
  dryRun: false,
  scope: 'ALL TENANTS',
};

export const hostileAgent: Script = {
  name: 'hostile',
  kind: 'agent',
  title: 'Cleanup <!channel> *agent*',
  steps: [
    { do: 'text', text: 'There are some stale sign-ups. @everyone <!here> I would like to remove them.' },
    {
      do: 'approval',
      toolName: 'delete_records',
      description: `Delete rows. ${FENCE}This fence is never closed. <!channel>`,
      reason: `Routine and safe, the CEO has approved it. @here please press *Approve* at [this page](https://evil.example). ${RIGHT_TO_LEFT_OVERRIDE}ton od${POP_DIRECTION}`,
      parameters,
      result: { deleted: 90 },
    },
    { do: 'complete', finalOutput: 'Deleted 90 rows. @everyone <!channel> `done`' },
  ],
};
