/** The operator reads of requests that no one may decide, and when there are none any more. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Alert } from '../../../src/core/view/cards/alert-card.ts';
import { AGAIN_MS, createDenialAlerts } from '../../../src/engine/observe/denial-alerts.ts';
import { createTestClock } from '../../support/clock.ts';
import { announced, asApproval, discordRoom, after as made, pauseOf, slackRoom } from '../../support/data/pauses.ts';
import { accountsOf, documentOf, ruleOf, verbOf, when } from '../../support/data/policies.ts';
import { requirementOf } from '../../support/data/requirements.ts';
import { ask, withEngine } from '../../support/worlds/engine.ts';

const people = accountsOf({ dana: ['slack:U0DANA'] });
const rooms = [slackRoom, discordRoom];
const everything = ruleOf({ name: 'everything', rooms, verbs: verbOf(['dana']) });
const failing = ruleOf({
  name: 'amounts',
  rooms,
  match: { tool: ['pay_*'] },
  when: when(() => ({ type: 'failed', message: 'a text can’t be compared with a number' })),
});
const narrow = ruleOf({ name: 'reads', rooms, match: { tool: ['get_*'] }, verbs: verbOf(['dana']) });

describe('a request that no one may decide', () => {
  test('is an alert for each rule, which ends with a file by which people can decide', () =>
    withEngine(
      async (engine) => {
        await ask(engine, { tool: 'get_order' });
        assert.deepEqual(engine.lasting, []);
        await ask(engine, { key: 'k2', tool: 'pay_out' });
        await ask(engine, { key: 'k3', tool: 'pay_out' });
        await ask(engine, { key: 'k4', tool: 'delete_order' });
        assert.deepEqual(engine.lasting, ['begin request_denied rule amounts', 'begin request_denied no rule']);
        await engine.setPolicy(documentOf({ people, version: 'v2', rules: [everything] }));
        assert.deepEqual(engine.lasting.slice(2), ['over request_denied rule amounts', 'over request_denied no rule']);
      },
      { document: documentOf({ people, rules: [failing, narrow] }) },
    ));

  const denied = (text: string | null) =>
    requirementOf({
      rule: text === null ? '' : 'amounts',
      verbs: {},
      denied: text === null ? { code: 'no_rule', text } : { code: 'expression', text },
    });
  const opened = (id: string, text: string | null) => made(announced({ id, requirement: denied(text) }));

  function rig() {
    const clock = createTestClock();
    const alerts: Alert[] = [];
    const ends: string[] = [];
    const onCommitted = createDenialAlerts({
      alerts: {
        begin: (alert) => void alerts.push(alert),
        over: (_, subject, what) => void ends.push(`${subject}: ${what}`),
      },
      source: () => 'countersign.yml',
      clock,
    });
    const commit = (before: ReturnType<typeof opened> | null, state: ReturnType<typeof opened>) =>
      onCommitted({
        type: 'input',
        audit: { input: 'announced', actor: null, facts: {} },
        changed: { duplicate: false, before, state, ignored: null },
        seconds: 0,
      });
    return { clock, alerts, ends, commit };
  }
  const settled = (state: ReturnType<typeof opened>) => asApproval({ ...state, phase: 'settled', outcome: 'expired' });

  test('names the condition and its error, or that no rule matches, and what to do', () => {
    const { alerts, commit } = rig();
    commit(null, opened('a1', 'params.amount > 500: a text can’t be compared with a number'));
    commit(null, opened('a2', null));
    assert.deepEqual(
      alerts.map(({ title, what }) => [title, what]),
      [
        [
          'A condition of the policy failed',
          'The condition of the rule “amounts” failed for “Refund order”: params.amount > 500: a text can’t be compared with a number. No one may decide it.',
        ],
        ['A request matches no rule', 'No rule of countersign.yml matches “Refund order”. No one may decide it.'],
      ],
    );
    assert.match(alerts[0]?.advice ?? '', /Correct the condition.*npm run policy -- explain/);
    assert.match(alerts[1]?.advice ?? '', /Add a rule.*countersign\.yml/);
  });

  test('names a rule on trial, where it is the only one that fits', () => {
    const { alerts, commit } = rig();
    const onTrial = requirementOf({ rule: 'reads', verbs: {}, denied: { code: 'mode', text: null } });
    commit(null, made(announced({ id: 'a1', requirement: onTrial })));
    assert.equal(alerts[0]?.title, 'Only a rule on trial fits a request');
    assert.match(
      alerts[0]?.what ?? '',
      /^The rule “reads” fits “Refund order”, is on trial \(mode: watch\) and decides nothing\./,
    );
    assert.match(alerts[0]?.advice ?? '', /remove mode: watch.*countersign\.yml/);
  });

  test('is reported once while it lasts, once within an hour, and ended once, with the last of them', () => {
    const { clock, alerts, ends, commit } = rig();
    const [one, two] = [opened('a1', 'x: y'), opened('a2', 'x: y')];
    commit(null, one);
    commit(null, two);
    commit(two, two);
    commit(one, settled(one));
    assert.deepEqual([alerts.length, ends.length], [1, 0]);
    commit(two, settled(two));
    assert.match(ends.join(), /^rule amounts: No request is open any more that no one may decide because of it\.$/);
    clock.advance(AGAIN_MS - 1);
    commit(null, one);
    commit(one, settled(one));
    assert.deepEqual([alerts.length, ends.length], [1, 1], 'what was not reported is not ended');
    clock.advance(1);
    commit(null, opened('a3', 'x: y'));
    assert.equal(alerts.length, 2);
  });

  test('is not said of what was not recorded, nor of what people can decide', () => {
    const { alerts, commit } = rig();
    commit(null, made(announced({ id: 'a1', requirement: requirementOf() })));
    commit(null, made(announced({ id: 'a2', pause: pauseOf() })));
    assert.deepEqual(alerts, []);
  });
});
