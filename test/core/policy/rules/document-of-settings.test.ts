import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseReviewers } from '../../../../src/core/policy/reviewers.ts';
import { documentOfSettings } from '../../../../src/core/policy/rules/document-of-settings.ts';
import { dana, pauseOf, sam, slackRoom } from '../../../support/data/pauses.ts';
import { policyOf } from '../../../support/data/policies.ts';
import { ids } from '../../../support/ids.ts';

const reviewers = parseReviewers(`slack:${dana.id},discord:role:7`, ids);

test('the settings make one rule: everything goes to every room, and each reviewer decides alone', () => {
  const { rules } = documentOfSettings({ reviewers, places: [slackRoom], direct: parseReviewers('discord:5', ids) });
  const policy = policyOf({ reviewers, places: [slackRoom], direct: parseReviewers('discord:5', ids) });
  const route = policy.route(pauseOf(), { now: 0 });
  assert.equal(rules.length, 1);
  assert.deepEqual(route.places, [slackRoom, { platform: 'discord', room: 'dm:5' }]);
  assert.deepEqual(route.requirement.verbs.approve?.by, ['reviewers']);
  assert.equal(route.requirement.verbs.approve?.count, 1);
  assert.equal(route.requirement.denied, null);
});

test('an open approval follows a change of REVIEWERS: it stores the group, not the people', () => {
  const { requirement } = policyOf({ reviewers }).route(pauseOf(), { now: 0 });
  const asked = { pause: pauseOf(), requirement, signatures: [] };
  const later = policyOf({ reviewers: parseReviewers(`discord:${sam.id}`, ids) });
  assert.equal(later.right('approve', { actor: dana, roles: [] }, asked), 'denied');
  assert.equal(later.right('approve', { actor: sam, roles: [] }, asked), 'allowed');
  assert.deepEqual(later.deciders(asked), {
    all: [{ platform: 'discord', kind: 'user', id: sam.id }],
    setting: 'REVIEWERS',
  });
});
