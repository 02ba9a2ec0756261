import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createRuns, parseRuns, parseStarters, unknownStarters } from '../../../src/core/policy/run-targets.ts';
import { parseAsk } from '../../../src/core/view/command.ts';

describe('the settings', () => {
  test('name flows and agents, and who may start them', () => {
    assert.deepEqual(parseRuns('refunds=flow:flow_123, desk=agent:agent:456 ,'), [
      { name: 'refunds', kind: 'flow', id: 'flow_123' },
      { name: 'desk', kind: 'agent', id: 'agent:456' },
    ]);
    const starters = parseStarters('refunds=slack:U0123|slack:group:S1 | discord:role:1011, *=discord:789');
    assert.deepEqual(
      [...starters].map(([name, people]) => [name, people.map(({ kind, id }) => `${kind} ${id}`)]),
      [
        ['refunds', ['user U0123', 'group S1', 'role 1011']],
        ['*', ['user 789']],
      ],
    );
    assert.deepEqual(unknownStarters(parseRuns('refunds=flow:1'), parseStarters('refund=discord:1,*=discord:1')), [
      'refund',
    ]);
  });

  const bad: [() => unknown, RegExp][] = [
    [() => parseRuns('refunds'), /"refunds" is no run\. Write NAME=flow:<flow id>/],
    [() => parseRuns('ok=flow:1,Refunds=flow:1'), /"Refunds=flow:1" is no run/],
    [() => parseRuns('refunds=step:1'), /"refunds=step:1" is no run/],
    [() => parseRuns('refunds=flow:'), /"refunds=flow:" is no run/],
    [() => parseRuns('a=flow:1,a=agent:2'), /"a=agent:2" has the name of an entry before it/],
    [() => parseStarters('refunds'), /"refunds" is not understood\. Write NAME=slack:U…/],
    [() => parseStarters('refunds=slack:U1||discord:2'), /is not understood/],
    [() => parseStarters('refunds=slack:dana'), /"slack:dana" has no slack id/],
    [() => parseStarters('refunds=teams:1'), /"teams:1" names nobody/],
  ];
  for (const [parse, message] of bad) test(String(message), () => assert.throws(parse, message));
});

test('who may start is asked per run; nobody else may, and what can’t be looked up is no yes', () => {
  const runs = createRuns({
    targets: parseRuns('refunds=flow:1,desk=agent:2,quiet=agent:3'),
    starters: parseStarters('refunds=slack:U1|slack:group:S1,desk=discord:role:5,desk=slack:U2,*=discord:789'),
    isMember: (_, group, user) => (group === 'S1' && user === 'U3' ? 'yes' : 'unknown'),
  });
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
  for (const typed of ['', 'help', 'run', 'run ', 'stop refunds', 'runrefunds now'])
    assert.deepEqual(parseAsk(typed), { verb: 'help' }, typed);
});
