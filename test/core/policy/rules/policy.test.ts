import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Lookups, noLookups } from '../../../../src/core/policy/rules/belonging.ts';
import { createCurrentPolicy } from '../../../../src/core/policy/rules/current-policy.ts';
import { pauseOf, slackRoom } from '../../../support/data/pauses.ts';
import { accountsOf, documentOf, ruleOf, verbOf } from '../../../support/data/policies.ts';

const mara = { platform: 'slack', id: 'U1', name: 'mara.l' };

describe('a policy', () => {
  test('gives the accounts of one person one word, and leaves others their account', () => {
    const policy = createCurrentPolicy(
      documentOf({ people: accountsOf({ mara: ['slack:U1', 'discord:1'] }) }),
      noLookups,
    );
    assert.deepEqual(policy.identify(mara), { ...mara, person: 'mara' });
    assert.deepEqual(policy.identify({ ...mara, id: 'U2', person: 'jon' }), { ...mara, id: 'U2' });
  });

  test('that is replaced follows the newest document at once, by what was required before', () => {
    const before = documentOf({
      people: accountsOf({ mara: ['slack:U1'] }),
      rules: [ruleOf({ verbs: verbOf(['mara']) })],
    });
    const policy = createCurrentPolicy(before, noLookups);
    const { requirement } = policy.route(pauseOf(), { now: 0 });
    const asked = { pause: pauseOf(), requirement, signatures: [] };
    assert.equal(policy.right('approve', { actor: mara, roles: [] }, asked), 'allowed');
    policy.replace({ ...before, people: new Map() });
    assert.equal(policy.right('approve', { actor: mara, roles: [] }, asked), 'denied');
    policy.replace({ ...before, people: accountsOf({ mara: ['slack:U2'] }) });
    assert.equal(policy.right('approve', { actor: mara, roles: [] }, asked), 'denied');
    assert.equal(policy.right('approve', { actor: { ...mara, id: 'U2' }, roles: [] }, asked), 'allowed');
    policy.replace({ ...before, rules: [ruleOf({ verbs: verbOf(['slack:U3']) })] });
    assert.equal(policy.right('approve', { actor: mara, roles: [] }, asked), 'allowed', 'the rule is as it was');
    assert.equal(policy.right('approve', { actor: { ...mara, id: 'U3' }, roles: [] }, asked), 'denied');
  });

  test('names who is on duty, and says of each schedule by which no one may decide why', () => {
    const schedules = new Map(
      ['primary', 'backup', 'down'].map((id) => [id, { kind: 'pagerduty', id, level: null } as const]),
    );
    const named = ['schedule:primary', 'schedule:backup', 'schedule:down'];
    const document = documentOf({
      people: accountsOf({ mara: ['slack:U1'] }),
      schedules,
      rules: [ruleOf({ verbs: verbOf(named) })],
    });
    const mara = { kind: 'person', name: 'mara', text: 'mara' } as const;
    const onDuty: Lookups['onDuty'] = (name) =>
      name === 'down'
        ? { type: 'unknown', why: 'The schedule down could not be looked up.' }
        : { type: 'known', who: name === 'primary' ? [mara] : [], strangers: [] };
    const policy = createCurrentPolicy(document, { ...noLookups, onDuty });
    const { all, notes } = policy.deciders({ pause: pauseOf() });
    assert.deepEqual(all, [{ platform: 'slack', kind: 'user', id: 'U1' }]);
    assert.deepEqual(notes, ['No one is on duty by the schedule backup.', 'The schedule down could not be looked up.']);
  });

  test('names who decides and who is mentioned by what is stored', () => {
    const document = documentOf({
      people: accountsOf({ mara: ['slack:U1', 'discord:1'] }),
      rules: [ruleOf({ rooms: [slackRoom], verbs: verbOf(['mara']), mention: ['slack:group:S1'] })],
    });
    const policy = createCurrentPolicy(document, noLookups);
    assert.deepEqual(policy.deciders({ pause: pauseOf() }).all, [
      { platform: 'slack', kind: 'user', id: 'U1' },
      { platform: 'discord', kind: 'user', id: '1' },
    ]);
    assert.deepEqual(policy.mentions({ pause: pauseOf() }), [{ platform: 'slack', kind: 'group', id: 'S1' }]);
  });
});
