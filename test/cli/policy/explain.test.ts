/** `npm run policy -- explain`: a stored approval, and events as backends send them. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { explain } from '../../../src/cli/policy/explain.ts';
import { noLookups } from '../../../src/core/policy/rules/belonging.ts';
import { createPolicy } from '../../../src/core/policy/rules/policy.ts';
import { documentOfText, exampleText } from '../../support/data/example-policies.ts';
import { after, announced, pauseOf } from '../../support/data/pauses.ts';
import { inFolder } from './support.ts';

const money = exampleText('money-two-people.yml');

describe('an event', () => {
  const events = {
    'of Runtype': {
      type: 'approval_start',
      executionId: 'exec_1',
      approvalId: 'appr_1',
      toolCallId: 'call_1',
      toolName: 'refund_order',
      parameters: { amount: 900, currency: 'EUR' },
      startedAt: '2026-11-30T09:00:00Z',
    },
    'in our own words': { tool: 'refund_order', params: { amount: 900, currency: 'EUR' } },
  };
  for (const [what, event] of Object.entries(events)) {
    test(`${what}: who may decide, and why`, () =>
      inFolder(async ({ write, run }) => {
        const file = write('policy.yml', money);
        const path = write('event.json', JSON.stringify(event));
        const { code, out } = await run(explain, path, '--file', file, '--requester', 'ana');
        assert.equal(code, 0);
        assert.match(
          out,
          /2 different people must approve it: one from finance and one from legal, but not ana, who asked for it\./,
        );
        assert.match(out, /Rule 1 of 4 in .*, “large refunds”, is the first that fits/);
        const asJson = await run(explain, path, '--file', file, '--json');
        assert.equal(JSON.parse(asJson.out).decides, 'people');
      }));
  }

  test('a question, an item of Sonzai and a step of HookPulse', () =>
    inFolder(async ({ write, run }) => {
      const file = write('policy.yml', exampleText('one-room.yml'));
      const items = {
        'ask.json': { context: 'May I?' },
        'sonzai.json': { approval_id: 'a1', type: 'message', status: 'pending', context: 'Hello', payload: {} },
        'hookpulse.json': { execution_plan_uuid: 'p1', workflow_uuid: 'w1', step_identifier: 's1', workflow_index: 0 },
      };
      for (const [name, item] of Object.entries(items)) {
        const { out } = await run(explain, write(name, JSON.stringify(item)), '--file', file);
        assert.match(out, /mara or jon may /, name);
      }
    }));

  test('of a rule that lets nobody approve, and some reject', () =>
    inFolder(async ({ write, run }) => {
      const rule = '  - name: all\n    rooms: [slack:C1]\n    answer: { by: [] }\n    reject: { by: [slack:U1] }\n';
      const file = write('policy.yml', `version: 1\nrules:\n${rule}`);
      const decided = async (event: object) => {
        const { out } = await run(explain, write('event.json', JSON.stringify(event)), '--file', file, '--json');
        const { actions } = JSON.parse(out) as { actions: { verb: string; text: string }[] };
        return Object.fromEntries(actions.map(({ verb, text }) => [verb, text]));
      };
      const approval = await decided({ tool: 'refund_order', params: {} });
      assert.deepEqual([approval['approve'], approval['take_over']], ['no one may.', 'no one may.']);
      assert.match(approval['reject'] ?? '', /^the Slack account U1; a reason must be written/);
      const question = await decided({ context: 'Where?', options: ['a', 'b'] });
      assert.equal(question['answer'], 'no one may.');
      assert.match(question['reject'] ?? '', /^the Slack account U1/);
    }));

  test('what is not a request says what can be read', () =>
    inFolder(async ({ write, run }) => {
      const file = write('policy.yml', money);
      await assert.rejects(run(explain, write('a.json', '[]'), '--file', file), /not a JSON object/);
      await assert.rejects(run(explain, write('b.json', '{"tol":"x"}'), '--file', file), /can’t be read.*understands/);
      await assert.rejects(run(explain, write('c.json', '{'), '--file', file), /can’t be read as JSON/);
      await assert.rejects(run(explain, '--file', file), /Name one approval or one file/);
    }));
});

describe('a stored approval', () => {
  const pause = pauseOf({ parameters: { amount: 900, currency: 'EUR' } });
  const { requirement } = createPolicy(documentOfText(money, 'policy.yml'), noLookups).route(pause, { now: 0 });

  test('by its id: what it takes, and how far it is', () =>
    inFolder(async ({ write, store, run }) => {
      const file = write('policy.yml', money);
      await store([after(announced({ pause, requirement }))]);
      const { out } = await run(explain, 'ap1', '--file', file);
      assert.match(out, /2 different people must approve it/);
      assert.match(out, /No one has decided it yet\./);
      assert.doesNotMatch(out, /has changed since/);
      for (const known of ['appr_1', pause.key]) {
        const byAsker = await run(explain, known, '--file', file);
        assert.match(byAsker.out, /2 different people must approve it/, known);
      }
      await assert.rejects(run(explain, 'ap9', '--file', file), /There is no approval ap9.* countersign audit WORD/);
    }));

  test('with who stands in for a person who is away, and what that person can’t pass on', () =>
    inFolder(async ({ write, store, run }) => {
      const file = write('policy.yml', money);
      const absent = { platform: 'slack', id: 'U0MARA001', name: 'Mara' };
      const deputy = { platform: 'slack', id: 'U0ANA0001', name: 'Ana' };
      const value = { absent, deputy, since: 0, until: Date.parse('2026-12-07T09:00:00Z') };
      await store([after(announced({ pause, requirement }))], [{ kind: 'absence', id: 'mara', value }]);
      const { out } = await run(explain, 'ap1', '--file', file, '--at', '2026-12-01T09:00:00Z');
      assert.match(out, /Mara is away until 2026-12-07 09:00 UTC: Ana may decide in place of Mara\./);
      assert.match(
        out,
        /in their own name, and fills one place\. What Mara may by a Discord role alone is not passed on\./,
      );
      const later = await run(explain, 'ap1', '--file', file, '--at', '2026-12-08T09:00:00Z');
      assert.doesNotMatch(later.out, /is away/);
    }));

  test('after a change of the file: what it takes stays, and what would apply today is said', () =>
    inFolder(async ({ write, store, run }) => {
      const file = write('policy.yml', money.replaceAll('large refunds', 'big refunds'));
      await store([after(announced({ pause, requirement }))]);
      const { out } = await run(explain, 'ap1', '--file', file);
      assert.match(out, /2 different people must approve it/);
      assert.match(out, /has changed since it was asked/);
      assert.match(out, /Asked today, the rule “big refunds” would apply\./);
    }));
});
