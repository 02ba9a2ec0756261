import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Approval } from '../../../../src/core/approval/approval.ts';
import { endOf, type Grant, grantable, isApprovedByPerson } from '../../../../src/core/policy/grants/grant.ts';
import { noLookups } from '../../../../src/core/policy/rules/belonging.ts';
import { createPolicy } from '../../../../src/core/policy/rules/policy.ts';
import { after, announced, dana, pauseOf, pressed, sentAs } from '../../../support/data/pauses.ts';
import { documentOf, ruleOf, verbOf } from '../../../support/data/policies.ts';

const rule = { after: 3, forMs: 60_000, uses: 2, vary: [] };

function open(verbs = verbOf(['slack:U0DANA']), more: object = {}, grant: typeof rule | null = rule): Approval {
  const policy = createPolicy(documentOf({ rules: [ruleOf({ verbs, grant })] }), noLookups);
  const { requirement, confirm } = policy.route(pauseOf(), { now: 0 });
  return after(announced({ requirement, confirm, ...more }));
}

describe('a standing answer can be given', () => {
  test('where one plain yes of one person is enough, and the rule says so', () => {
    assert.deepEqual(grantable(open()), rule);
  });

  const refused: [string, Approval][] = [
    ['two signatures', open(verbOf(['slack:U1', 'slack:U2'], { count: 2 }))],
    ['one of each', open(verbOf(['slack:U1', 'slack:U2'], { each: 1 }))],
    ['a confirmation by the rule', open(verbOf(['slack:U1'], { confirm: true }), { confirm: false })],
    ['a confirmation by the tool', open(undefined, { confirm: true })],
    ['a note', open(verbOf(['slack:U1'], { note: 'required' }))],
    ['a rule without grant', open(undefined, {}, null)],
    ['no one who may approve', open(verbOf(['slack:U1'], {}, ['reject']))],
    [
      'what is only a summary',
      open(undefined, { pause: pauseOf({ unshowable: { why: 'size', bytes: 1, hash: 'h' } }) }),
    ],
    ['what can only be answered', open(undefined, { pause: pauseOf({ actions: ['take_over'] }) })],
  ];
  for (const [what, approval] of refused) test(`not for ${what}`, () => assert.equal(grantable(approval), null));

  test('one of each of the same group is one person', () => {
    assert.deepEqual(grantable(open(verbOf(['slack:U1', 'slack:U1'], { each: 1 }))), rule);
  });

  test('only from what a person approved and the backend has', () => {
    const decided = after(announced(), pressed());
    const settled = after(
      announced(),
      pressed(),
      { type: 'sending', resendable: true },
      sentAs({ type: 'recorded', following: false }),
    );
    assert.deepEqual([decided, settled].map(isApprovedByPerson), [false, true]);
  });
});

test('a standing answer ends with its uses, its time, and its file', () => {
  const grant: Grant = {
    ...{ by: dana, from: 'a', rule: 'r', version: 'v1', key: 'k', same: 's', shape: 'p', vary: [] },
    ...{ uses: 2, used: 1, at: 0, until: 100 },
  };
  assert.equal(endOf(grant, 99, 'v1'), null);
  assert.equal(endOf({ ...grant, used: 2 }, 99, 'v1'), 'used');
  assert.equal(endOf(grant, 100, 'v1'), 'time');
  assert.equal(endOf(grant, 99, 'v2'), 'policy');
});
