import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Membership, parseReviewers } from '../../../src/core/policy/reviewers.ts';
import { backoff } from '../../../src/core/ports/backoff.ts';
import { after, announced, dana, sam } from '../../support/data/pauses.ts';
import { policyOf } from '../../support/data/policies.ts';
import { ids } from '../../support/ids.ts';

describe('reviewers', () => {
  test('are users, groups and roles', () => {
    assert.deepEqual(parseReviewers('slack:U0123, slack:group:S0456,discord:789,discord:role:1011,', ids), [
      { platform: 'slack', kind: 'user', id: 'U0123' },
      { platform: 'slack', kind: 'group', id: 'S0456' },
      { platform: 'discord', kind: 'user', id: '789' },
      { platform: 'discord', kind: 'role', id: '1011' },
    ]);
  });
  for (const bad of [
    'dana',
    'slack:dana',
    'slack:role:S1',
    'discord:group:1',
    'discord:U1',
    'teams:1',
    'slack:',
    'slack:user:U1:x',
  ]) {
    test(`"${bad}" is refused by name`, () => assert.throws(() => parseReviewers(bad, ids), new RegExp(`"${bad}"`)));
  }
});

describe('who may decide', () => {
  const approval = after(announced());
  const right = (reviewers: string, actor = dana, roles: string[] = [], member: Membership = 'no') =>
    policyOf({ reviewers: parseReviewers(reviewers, ids) }, { isMember: () => member }).right(
      'approve',
      { actor, roles },
      approval,
    );

  test('no one, where no one is named', () => assert.equal(right(''), 'denied'));
  test('a user by id', () => {
    assert.equal(right('slack:U0DANA'), 'allowed');
    assert.equal(right('slack:U0OTHER'), 'denied');
  });
  test('an id counts on its own platform only', () =>
    assert.equal(right('discord:9001', { ...sam, platform: 'slack' }), 'denied'));
  test('a role that came with the press', () => {
    assert.equal(right('discord:role:7', sam, ['7']), 'allowed');
    assert.equal(right('discord:role:7', sam, ['8']), 'denied');
  });
  test('a group, as far as it is known', () => {
    assert.equal(right('slack:group:S1', dana, [], 'yes'), 'allowed');
    assert.equal(right('slack:group:S1', dana, [], 'no'), 'denied');
    assert.equal(right('slack:group:S1', dana, [], 'unknown'), 'unverified');
    assert.equal(right('slack:group:S1,slack:U0DANA', dana, [], 'unknown'), 'allowed');
  });
});

test('backoff grows, is capped, and is spread', () => {
  assert.deepEqual(
    [1, 2, 3, 7, 50].map((attempts) => backoff(attempts, 0.5)),
    [1_000, 2_000, 4_000, 60_000, 60_000],
  );
  assert.equal(backoff(1, 0), 500);
  assert.ok(backoff(50, 0.999) < 90_000);
});
