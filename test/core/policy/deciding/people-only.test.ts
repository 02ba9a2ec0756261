import assert from 'node:assert/strict';
import { test } from 'node:test';
import { whyPeopleOnly } from '../../../../src/core/policy/deciding/people-only.ts';
import { pauseOf } from '../../../support/data/pauses.ts';
import { requirementOf, verbRule } from '../../../support/data/requirements.ts';

const pause = pauseOf();
const why = (approve?: Parameters<typeof verbRule>[0]) =>
  whyPeopleOnly(
    { pause, requirement: requirementOf({ verbs: { approve: verbRule(approve), reject: verbRule() } }) },
    'approve',
    null,
  );

test('an application decides what one person decides alone, and what has no requirement', () => {
  assert.equal(why(), null);
  assert.equal(whyPeopleOnly({ pause }, 'approve', null), null);
});

test('more than one person, someone else than the requester, and a confirmation are for people', () => {
  for (const more of [{ count: 2 }, { each: 2 }, { notRequester: true }, { confirm: true }])
    assert.match(why(more) ?? '', /^The rule “refunds” asks for .*: people decide it, in chat\.$/);
});

test('what no one may decide, an application may not decide either', () => {
  const denied = requirementOf({ denied: { code: 'no_rule', text: null }, rule: '' });
  assert.equal(whyPeopleOnly({ pause, requirement: denied }, 'approve', null), 'The policy lets no one do this.');
  assert.match(
    whyPeopleOnly({ pause, requirement: requirementOf({ verbs: {} }) }, 'reject', null) ?? '',
    /lets no one/,
  );
});
