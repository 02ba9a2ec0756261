/** Any environment: it starts, or the operator reads which setting is wrong. Any row of the store: it is read, or refused. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { inboxItem } from '../../../src/backends/inbox/item.ts';
import { readConfig } from '../../../src/config/config.ts';
import { settings } from '../../../src/config/settings.ts';
import { type Approval, approvalSchema } from '../../../src/core/approval/approval.ts';
import type { Input } from '../../../src/core/approval/inputs.ts';
import { step } from '../../../src/core/approval/steps/step.ts';
import { SetupError } from '../../../src/core/ports/errors.ts';
import { shallow } from '../../../src/core/text/json.ts';
import { renderCard } from '../../../src/core/view/cards/approval-card.ts';
import { renderResult } from '../../../src/core/view/cards/thread-notes.ts';
import { after, announced, application, dana, pauseOf, pressed, sentAs } from '../../support/data/pauses.ts';
import { secretOf } from '../../support/data/secrets.ts';
import { runs } from '../../support/property.ts';
import { anyJson, oddText, spoiled } from '../arbitrary.ts';

const names = Object.keys(settings.shape);
const good: Record<string, string> = {
  SLACK_BOT_TOKEN: 'xoxb-1',
  SLACK_APP_TOKEN: 'xapp-1',
  SLACK_CHANNEL: 'C0ROOM',
  DISCORD_TOKEN: 'a.b.c',
  DISCORD_CHANNEL: '4100',
  RUNTYPE_API_KEY: 'rt_1',
  REVIEWERS: 'slack:U0DANA,discord:9001',
  ASK_TOKENS: secretOf('ask'),
};
const value = fc.oneof(
  { weight: 3, arbitrary: oddText(60) },
  fc.constantFrom(
    '',
    ' ',
    'on',
    'off',
    '0',
    '-1',
    '65536',
    '99999999999',
    'http://x',
    'https://a.example/p',
    'file:x',
    'file:',
  ),
  fc.constantFrom(
    'slack:U0DANA',
    'slack:constructor:U1',
    'discord:role:1',
    'a=slack:U1',
    'whsec_',
    'whsec_AAAA',
    'C0ROOM',
  ),
);

describe('the environment', () => {
  test('of any values starts, or names what is wrong in words, without a secret', () => {
    const some = fc.array(fc.tuple(fc.constantFrom(...names), value), { maxLength: 8 });
    fc.assert(
      fc.property(some, fc.boolean(), (given, onGoodGround) => {
        const environment = { ...(onGoodGround ? good : {}), ...Object.fromEntries(given) };
        try {
          const config = readConfig(environment);
          assert.ok(Object.isFrozen(config) && config.platforms.length > 0);
          assert.ok(
            config.secrets.every((secret) => secret.trim() !== ''),
            'an empty secret would blacken every line',
          );
        } catch (thrown) {
          assert.ok(thrown instanceof SetupError, String(thrown));
          assert.match(thrown.message, /can't start with these settings:\n {2}- [A-Z]/);
          const { SLACK_BOT_TOKEN: token = '', ...others } = environment;
          // What another setting holds as well is not a secret, and may be named as that one's.
          const isSecret = token.length > 12 && !Object.values(others).includes(token);
          if (isSecret) assert.ok(!thrown.message.includes(token));
        }
      }),
      { numRuns: runs(400) },
    );
  });
});

describe('a row of the store', () => {
  const wild = fc
    .tuple(anyJson, oddText(40), oddText(200), oddText(60))
    .map(([parameters, tool, text, name]): [Input, string, string] => [
      announced({
        pause: pauseOf({ parameters: { parameters: shallow(parameters) }, tool, reason: text, description: text }),
      }),
      text,
      name,
    ]);
  const sending: Input = { type: 'sending', resendable: true };
  const stories: ((text: string, name: string) => Input[])[] = [
    () => [],
    (text, name) => [pressed({ text, actor: { ...dana, name } })],
    (text) => [pressed(), sending, sentAs({ type: 'unsent', reason: text })],
    (text) => [pressed(), sending, sentAs({ type: 'ambiguous', reason: text }, { resendable: false })],
    (text) => [
      pressed({ action: 'take_over', text }),
      sending,
      sentAs({ type: 'recorded', following: true }),
      { type: 'continued', continuation: { state: 'failed', text } },
    ],
    (text) => [
      { type: 'claimed', action: 'approve', actor: application, text },
      sentAs({ type: 'ambiguous', reason: text }),
    ],
    (text) => [{ type: 'unreachable', reason: text }],
    () => [{ type: 'resolved', verdict: 'timeout', reason: null }],
  ];
  const state = fc
    .tuple(wild, fc.constantFrom(...stories))
    .map(([[asked, text, name], story]) => after(asked, ...story(text, name)));

  test('is read back as it was written', () => {
    fc.assert(
      fc.property(state, (given) => {
        const row = JSON.stringify(given);
        const read = approvalSchema.parse(JSON.parse(row));
        assert.deepEqual(read, JSON.parse(row));
        // The schema lists the fields of every phase before those of one phase; below that, the order is kept too.
        const inOrder = Object.keys(given).map((key) => [key, read[key as keyof Approval]]);
        assert.equal(JSON.stringify(Object.fromEntries(inOrder)), row);
      }),
      { numRuns: runs(400) },
    );
  });

  test('of another hand is refused, or can be drawn, told and moved on', () => {
    const inputs: Input[] = [
      announced(),
      pressed(),
      sending,
      sentAs({ type: 'gone', reason: 'w' }),
      { type: 'recovered' },
    ];
    fc.assert(
      fc.property(spoiled(state as fc.Arbitrary<unknown>), (given) => {
        const read = approvalSchema.safeParse(given);
        if (!read.success) return;
        const kept: Approval = read.data;
        renderCard(kept, { backend: 'Runtype' });
        renderResult(kept, 'Runtype');
        inboxItem(kept);
        for (const input of inputs) step(kept, input, 5_000);
      }),
      { numRuns: runs(400) },
    );
  });
});
