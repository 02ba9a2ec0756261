/** `npm run policy -- test`: an operator's own cases. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { test as command } from '../../../src/cli/policy/cases.ts';
import { exampleText } from '../../support/data/example-policies.ts';
import { inFolder } from './support.ts';

const good = `cases:
  - name: a large refund needs two
    request: { tool: refund_order, params: { amount: 900, currency: EUR }, requester: ana }
    expect:
      rule: large refunds
      decides: people
      by: [legal, finance]
      count: 2
      each: 1
      not_requester: true
      confirm: true
      rooms: [slack:C0MONEY01, discord:310000000000000002]
      mention: [finance, legal]
      may: [mara, jon]
      may_not: [ana]
  - name: finance can't approve its own small refund
    request: { tool: refund_order, params: { amount: 5, currency: EUR }, requester: mara }
    expect: { rule: small refunds, may_not: [mara, jon] }
  - name: an event beside the file
    event: event.json
    at: 2026-11-30T09:00:00Z
    expect: { rule: everything else, action: reject, may: [ana] }
`;

test('all as expected: exit code 0', () =>
  inFolder(async ({ write, run }) => {
    const file = write('policy.yml', exampleText('money-two-people.yml'));
    write('event.json', '{"tool":"send_mail"}');
    const { code, out } = await run(command, write('cases.yml', good), '--file', file);
    assert.match(out, /3 cases, all as expected\.$/);
    assert.equal(code, 0);
  }));

test('what differs is named, with the verdict: exit code 1', () =>
  inFolder(async ({ write, run }) => {
    const file = write('policy.yml', exampleText('money-two-people.yml'));
    write('event.json', '{"tool":"send_mail"}');
    const wrong = good.replace('count: 2', 'count: 3').replace('may: [mara, jon]', 'may: [mara, ana, eve]');
    const { code, out } = await run(command, write('cases.yml', wrong), '--file', file);
    assert.equal(code, 1);
    assert.match(out, /^FAIL {2}a large refund needs two\n {6}count: expected 3, and it is 2\.$/m);
    assert.match(out, /may: ana may not approve it\./);
    assert.match(out, /may: eve may not approve it, as people does not name them\./);
    assert.match(out, /2 different people must approve it/);
    assert.match(out, /3 cases, 1 not as expected\.$/);
  }));

test('a key that is not known is refused', () =>
  inFolder(async ({ write, run }) => {
    const file = write('policy.yml', exampleText('one-room.yml'));
    const cases = write('cases.yml', 'cases:\n  - { name: a, request: { tool: x }, expect: { rules: b } }\n');
    await assert.rejects(run(command, cases, '--file', file), /cases\.0\.expect/);
  }));
