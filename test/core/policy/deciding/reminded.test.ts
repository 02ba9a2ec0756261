import assert from 'node:assert/strict';
import { test } from 'node:test';
import { remindedDirectly } from '../../../../src/core/policy/deciding/reminded.ts';
import { noLookups } from '../../../../src/core/policy/rules/belonging.ts';
import { createPolicy } from '../../../../src/core/policy/rules/policy.ts';
import { after, announced } from '../../../support/data/pauses.ts';
import { accountsOf, documentOf, groupsOf, ruleOf, verbOf } from '../../../support/data/policies.ts';
import { signed } from '../../../support/data/requirements.ts';

const people = accountsOf({ mara: ['slack:U1', 'discord:1'], jon: ['slack:U2'] });

function reminded(by: string[], ...signers: string[]) {
  const groups = groupsOf({ Finance: ['mara', 'jon'], Guild: ['discord:role:7'] });
  const rules = [ruleOf({ verbs: verbOf(by, { count: 2 }) })];
  const policy = createPolicy(documentOf({ people, groups, rules }), noLookups);
  const asked = announced({ requirement: policy.route(after(announced()).pause, { now: 0 }).requirement });
  const presses = signers.map((id) =>
    signed({ platform: 'slack', id, name: id }, { signing: { groups: by, earlier: [] } }),
  );
  return remindedDirectly(after(asked, ...presses), policy).map(({ platform, room }) => `${platform}:${room}`);
}

test('a reminder reaches each who may decide, by all their accounts', () => {
  assert.deepEqual(reminded(['mara', 'slack:U9']), ['slack:dm:U1', 'discord:dm:1', 'slack:dm:U9']);
  assert.deepEqual(reminded(['Finance']), ['slack:dm:U1', 'discord:dm:1', 'slack:dm:U2']);
});

test('it does not reach who has signed', () => {
  assert.deepEqual(reminded(['jon', 'slack:U9'], 'U2'), ['slack:dm:U9']);
  assert.deepEqual(reminded(['mara', 'jon'], 'U1'), ['slack:dm:U2'], 'by whichever account');
});

test('it goes into the threads where a group of a platform may decide, or too many people', () => {
  assert.deepEqual(reminded(['mara', 'Guild']), []);
  assert.deepEqual(reminded(['slack:group:S1']), []);
  assert.deepEqual(reminded(Array.from({ length: 21 }, (_, index) => `slack:U${index + 100}`)), []);
});
