import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Lookups } from '../../../src/core/policy/rules/belonging.ts';
import { parseRuns, parseStarters, unknownStarters } from '../../../src/core/policy/run-targets.ts';
import { parseAsk } from '../../../src/core/view/command.ts';
import { policyOf } from '../../support/data/policies.ts';
import { ids } from '../../support/ids.ts';

describe('the settings', () => {
  test('name flows and agents, and who may start them', () => {
    assert.deepEqual(parseRuns('refunds=flow:flow_123, desk=agent:agent:456 ,'), [
      { name: 'refunds', kind: 'flow', id: 'flow_123' },
      { name: 'desk', kind: 'agent', id: 'agent:456' },
    ]);
    const starters = parseStarters('refunds=slack:U0123|slack:group:S1 | discord:role:1011, *=discord:789', ids);
    assert.deepEqual(
      [...starters].map(([name, people]) => [name, people.map(({ kind, id }) => `${kind} ${id}`)]),
      [
        ['refunds', ['user U0123', 'group S1', 'role 1011']],
        ['*', ['user 789']],
      ],
    );
    assert.deepEqual(unknownStarters(parseRuns('refunds=flow:1'), parseStarters('refund=discord:1,*=discord:1', ids)), [
      'refund',
    ]);
  });

  const bad: [() => unknown, RegExp][] = [
    [() => parseRuns('refunds'), /"refunds" is not a valid run\. Write NAME=flow:<flow id>/],
    [() => parseRuns('ok=flow:1,Refunds=flow:1'), /"Refunds=flow:1" is not a valid run/],
    [() => parseRuns('refunds=step:1'), /"refunds=step:1" is not a valid run/],
    [() => parseRuns('refunds=flow:'), /"refunds=flow:" is not a valid run/],
    [() => parseRuns('a=flow:1,a=agent:2'), /"a=agent:2" repeats the name of an earlier entry/],
    [() => parseStarters('refunds', ids), /"refunds" is not valid\. Write NAME=<reviewer>/],
    [() => parseStarters('refunds=slack:U1||discord:2', ids), /is not valid/],
    [
      () => parseStarters('refunds=slack:dana', ids),
      /"slack:dana" has no valid ID\. Use the member ID \(U…\), not a name/,
    ],
    [
      () => parseStarters('refunds=teams:1', ids),
      /"teams:1" is not a valid reviewer\. Write slack:U…, slack:group:S…, discord:<user ID> or discord:role:<role ID>\./,
    ],
  ];
  for (const [parse, message] of bad) test(String(message), () => assert.throws(parse, message));
});

test('who may start is asked per run; no one else may, and what can’t be looked up is no yes', () => {
  const targets = parseRuns('refunds=flow:1,desk=agent:2,quiet=agent:3');
  const named = 'refunds=slack:U1|slack:group:S1,desk=discord:role:5,desk=slack:U2,*=discord:789';
  const starters = parseStarters(named, ids);
  const isMember: Lookups['isMember'] = (_, group, user) => (group === 'S1' && user === 'U3' ? 'yes' : 'unknown');
  const { runs } = policyOf({ runs: { targets, starters } }, { isMember });
  const slack = (id: string) => ({ actor: { platform: 'slack', id, name: id }, roles: [] });
  const discord = (id: string, ...roles: string[]) => ({ actor: { platform: 'discord', id, name: id }, roles });
  assert.equal(runs.right('refunds', slack('U1')), 'allowed');
  assert.equal(runs.right('refunds', slack('U3')), 'allowed');
  assert.equal(runs.right('refunds', slack('U2')), 'unverified');
  assert.equal(runs.right('desk', slack('U2')), 'allowed');
  assert.equal(runs.right('desk', slack('U1')), 'denied');
  assert.equal(runs.right('desk', discord('1', '5')), 'allowed');
  assert.equal(runs.right('refunds', discord('1', '5')), 'denied');
  assert.equal(runs.right('quiet', discord('789')), 'allowed', 'every run');
  assert.equal(runs.right('quiet', slack('U1')), 'denied');
  assert.equal(runs.right('nothing', discord('789')), 'denied');
});

test('what stands behind the command is read, and everything else asks for help', () => {
  assert.deepEqual(parseAsk('run refunds'), { verb: 'run', name: 'refunds', text: null });
  assert.deepEqual(parseAsk('  run  refunds \n two\nlines  '), { verb: 'run', name: 'refunds', text: 'two\nlines' });
  for (const typed of ['', 'help', 'run', 'run ', 'begin refunds', 'runrefunds now'])
    assert.deepEqual(parseAsk(typed), { verb: 'help' }, typed);
});
