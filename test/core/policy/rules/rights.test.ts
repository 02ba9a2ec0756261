import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Actor } from '../../../../src/core/approval/parts/decision.ts';
import type { Signature } from '../../../../src/core/approval/parts/signature.ts';
import type { Action, Pause } from '../../../../src/core/approval/pause/pause.ts';
import { type Lookups, noLookups } from '../../../../src/core/policy/rules/belonging.ts';
import type { PolicyDocument, Schedule } from '../../../../src/core/policy/rules/document.ts';
import { createPolicy } from '../../../../src/core/policy/rules/policy.ts';
import { pauseOf } from '../../../support/data/pauses.ts';
import { accountsOf, documentOf, groupsOf, ruleOf, verbOf, who } from '../../../support/data/policies.ts';
import { runs } from '../../../support/property.ts';

const people = accountsOf({ mara: ['slack:U1', 'discord:1'], jon: ['slack:U2'] });
const account = (text: string): Actor => {
  const [platform = '', id = ''] = text.split(':');
  return { platform, id, name: id };
};

interface World {
  by: readonly string[];
  verb?: Parameters<typeof verbOf>[1];
  pause?: Partial<Pause>;
  document?: Partial<PolicyDocument>;
  lookups?: Partial<Lookups>;
  signatures?: readonly Signature[];
}

/** An approval that was routed by this document, and what its newest version says. */
function world(
  { by, verb, pause = {}, document = {}, lookups = {}, signatures = [] }: World,
  newer: Partial<PolicyDocument> = {},
) {
  const first = documentOf({ people, rules: [ruleOf({ verbs: verbOf(by, verb) })], ...document });
  const { requirement } = createPolicy(first, noLookups).route(pauseOf(pause), { now: 0 });
  const policy = createPolicy({ ...first, ...newer }, { ...noLookups, ...lookups });
  const asked = { pause: pauseOf(pause), requirement, signatures: [...signatures] };
  const person = (text: string, roles: readonly string[] | null = []) => ({ actor: account(text), roles });
  return {
    judge: (text: string, roles?: readonly string[] | null, action: Action = 'approve') =>
      policy.judge(action, person(text, roles), asked),
    right: (text: string, roles?: readonly string[] | null) => policy.right('approve', person(text, roles), asked),
    signing: (text: string, roles?: readonly string[] | null) =>
      policy.signing(['approve'], person(text, roles), asked),
  };
}

const signature = (text: string, groups: string[]): Signature => ({
  action: 'approve',
  actor: account(text),
  text: null,
  at: 0,
  fingerprint: 'f',
  groups,
});
const primary: Schedule = {
  kind: 'rota',
  people: [who('mara')],
  everyHours: 24,
  from: '2026-11-30',
  at: '09:00',
  zone: 'UTC',
};

describe('who may decide', () => {
  test('is a person by any of their accounts', () => {
    const { right } = world({ by: ['mara'] });
    assert.deepEqual(
      ['slack:U1', 'discord:1', 'slack:U2'].map((one) => right(one)),
      ['allowed', 'allowed', 'denied'],
    );
  });

  test('is an account, and the person whose account it is', () => {
    const { right } = world({ by: ['slack:U1'] });
    assert.deepEqual(
      ['slack:U1', 'discord:1', 'discord:U1'].map((one) => right(one)),
      ['allowed', 'allowed', 'denied'],
    );
  });

  test('is a member of a group within a group, and a circle of groups ends', () => {
    const groups = groupsOf({ All: ['Finance', 'All'], Finance: ['jon', 'All'] });
    const { right, signing } = world({ by: ['All'], document: { groups } });
    assert.equal(right('slack:U2'), 'allowed');
    assert.equal(right('slack:U1'), 'denied');
    assert.deepEqual(signing('slack:U2').groups, ['All']);
  });

  test('is a member of a Slack group by the account there, from whatever account they press', () => {
    const isMember: Lookups['isMember'] = (_, group, user) => (group === 'S1' && user === 'U1' ? 'yes' : 'no');
    const { right } = world({ by: ['slack:group:S1'], lookups: { isMember } });
    assert.deepEqual(
      ['slack:U1', 'discord:1', 'slack:U2'].map((one) => right(one)),
      ['allowed', 'allowed', 'denied'],
    );
  });

  test('is a role that came with the press, and only on its platform', () => {
    const { right } = world({ by: ['discord:role:7'] });
    assert.equal(right('discord:1', ['7']), 'allowed');
    assert.equal(right('discord:1', ['8']), 'denied');
    assert.equal(right('discord:1', null), 'unverified');
    assert.equal(right('slack:U1', ['7']), 'denied');
  });

  test('is the person on duty, and no one where no one is', () => {
    const document = { schedules: new Map([['primary', primary]]) };
    const on = (...names: string[]) => ({ type: 'known' as const, who: names.map(who), strangers: [] });
    assert.equal(
      world({ by: ['schedule:primary'], document, lookups: { onDuty: () => on('mara') } }).right('discord:1'),
      'allowed',
    );
    assert.equal(
      world({ by: ['schedule:primary'], document, lookups: { onDuty: () => on('mara') } }).right('slack:U2'),
      'denied',
    );
    assert.equal(
      world({ by: ['schedule:primary'], document, lookups: { onDuty: () => on() } }).right('slack:U1'),
      'denied',
    );
  });

  test('is unverified where a look-up failed, and what failed is named', () => {
    const groups = groupsOf({ Finance: ['slack:group:S1', 'schedule:primary'] });
    const document = { groups, schedules: new Map([['primary', primary]]) };
    const { judge } = world({ by: ['Finance'], document });
    assert.deepEqual(judge('slack:U1'), {
      right: 'unverified',
      why: null,
      unverified: ['slack:group:S1', 'schedule:primary'],
    });
    // No account of theirs is on Slack: what failed there can't concern them.
    assert.deepEqual(world({ by: ['slack:group:S1'] }).judge('discord:9').right, 'denied');
    assert.equal(world({ by: ['slack:group:S1', 'mara'] }).right('slack:U1'), 'allowed');
  });

  test('is no one by a name that the newest document does not have', () => {
    assert.equal(world({ by: ['mara'] }, { people: new Map() }).right('slack:U1'), 'denied');
    assert.equal(
      world({ by: ['Finance'], document: { groups: groupsOf({ Finance: ['mara'] }) } }, { groups: new Map() }).right(
        'slack:U1',
      ),
      'denied',
    );
  });

  test('is no one where several must sign and nothing is stored yet, as in a row of another version', () => {
    const rules = [
      ruleOf({ verbs: { ...verbOf(['mara', 'jon'], { count: 2 }), ...verbOf(['mara'], {}, ['reject']) } }),
    ];
    const { judge } = createPolicy(documentOf({ people, rules }), noLookups);
    const asked = { pause: pauseOf(), signatures: [] };
    const rightTo = (action: Action) => judge(action, { actor: account('slack:U1'), roles: [] }, asked).right;
    assert.deepEqual([rightTo('approve'), rightTo('reject')], ['denied', 'allowed']);
  });

  test('is asked per verb', () => {
    const verbs = { ...verbOf(['mara'], {}, ['approve']), ...verbOf(['jon'], {}, ['reject']) };
    const { judge } = world({ by: [], document: { rules: [ruleOf({ verbs })] } });
    assert.deepEqual(
      (['approve', 'reject', 'take_over'] as const).map((action) => judge('slack:U2', [], action).right),
      ['denied', 'allowed', 'denied'],
    );
  });
});

describe('the person who asked', () => {
  const verb = { notRequester: true };
  for (const requester of ['mara', 'slack:U1', 'discord:1'])
    test(`may not sign by any account, named as ${requester}`, () => {
      const { judge, right, signing } = world({ by: ['mara', 'jon'], verb, pause: { requester } });
      assert.deepEqual(
        ['slack:U1', 'discord:1'].map((one) => judge(one).why),
        ['requester', 'requester'],
      );
      assert.equal(right('slack:U1'), 'denied');
      assert.equal(signing('discord:1').isRequester, true);
      assert.equal(right('slack:U2'), 'allowed');
    });

  test('may sign where the rule does not exclude them', () =>
    assert.equal(world({ by: ['mara'], pause: { requester: 'mara' } }).right('slack:U1'), 'allowed'));

  test('by a name that the document has lost could be anyone: no one may sign', () => {
    const { right } = world({ by: ['slack:U1', 'jon'], verb, pause: { requester: 'ana' } });
    assert.deepEqual(
      ['slack:U1', 'slack:U2'].map((one) => right(one)),
      ['denied', 'denied'],
    );
  });

  test('never makes more people able to sign (property)', () => {
    const requester = fc.option(fc.constantFrom('mara', 'jon', 'ana', 'slack:U1', 'slack:U9', 'discord:1'), {
      nil: undefined,
    });
    fc.assert(
      fc.property(requester, fc.constantFrom('slack:U1', 'slack:U2', 'discord:1', 'slack:U9'), (asked, presser) => {
        const pause = asked === undefined ? {} : { requester: asked };
        const by = ['mara', 'slack:U9'];
        const without = world({ by, pause }).right(presser);
        const excluding = world({ by, verb, pause }).right(presser);
        assert.ok(excluding === without || excluding === 'denied');
      }),
      { numRuns: runs(100) },
    );
  });
});

describe('those who signed before', () => {
  test('are the person of today, by the entries of today', () => {
    const groups = groupsOf({ Finance: ['mara'], Legal: ['jon'] });
    const given = [signature('slack:U1', ['Finance']), signature('slack:U2', ['Legal'])];
    const { signing } = world({ by: ['Finance', 'Legal'], document: { groups }, signatures: given });
    assert.deepEqual(signing('slack:U3').earlier, [
      { account: 'slack:U1', person: 'mara', groups: ['Finance'] },
      { account: 'slack:U2', person: 'jon', groups: ['Legal'] },
    ]);
  });

  test('may no longer decide once they were removed', () => {
    const groups = groupsOf({ Finance: ['mara'] });
    const asked = { by: ['Finance'], document: { groups }, signatures: [signature('slack:U1', ['Finance'])] };
    const { signing } = world(asked, { groups: groupsOf({ Finance: ['jon'] }) });
    assert.deepEqual(signing('slack:U2').earlier[0]?.groups, null);
  });

  test('are unverified where a look-up fails now', () => {
    const given = [signature('slack:U1', ['slack:group:S1'])];
    const { signing } = world({ by: ['slack:group:S1', 'jon'], signatures: given });
    assert.deepEqual(signing('slack:U2').earlier, [
      { account: 'slack:U1', person: 'mara', groups: [], unverified: true },
    ]);
  });

  test('keep a role and a shift that they had then', () => {
    const document = { schedules: new Map([['primary', primary]]) };
    const given = [signature('discord:1', ['discord:role:7']), signature('slack:U1', ['schedule:primary'])];
    const { signing } = world({ by: ['discord:role:7', 'schedule:primary'], document, signatures: given });
    assert.deepEqual(
      signing('slack:U2').earlier.map(({ groups }) => groups),
      [['discord:role:7'], ['schedule:primary']],
    );
  });

  test('lose the shifts of a rota that they were taken off', () => {
    const document = { schedules: new Map([['primary', primary]]) };
    const asked = { by: ['schedule:primary'], document, signatures: [signature('slack:U1', ['schedule:primary'])] };
    const { signing } = world(asked, { schedules: new Map([['primary', { ...primary, people: [who('jon')] }]]) });
    assert.equal(signing('slack:U2').earlier[0]?.groups, null);
  });

  test('are one person with an account that was linked since', () => {
    const links = [{ accounts: [account('slack:U7'), account('discord:7')] as [Actor, Actor] }];
    const given = [signature('slack:U7', ['slack:U7'])];
    const { signing, right } = world({ by: ['slack:U7'], lookups: { links: () => links }, signatures: given });
    assert.equal(right('discord:7'), 'allowed');
    assert.equal(signing('discord:7').earlier[0]?.person, 'discord:7');
  });
});

test('default deny (property): where nothing can be looked up, only who is named decides', () => {
  const entry = fc.constantFrom(
    'mara',
    'slack:group:S1',
    'discord:role:7',
    'schedule:primary',
    'schedule:gone',
    'Empty',
    'Gone',
  );
  const document = { groups: groupsOf({ Empty: [] }), schedules: new Map([['primary', primary]]) };
  fc.assert(
    fc.property(fc.uniqueArray(entry), fc.constantFrom('slack:U1', 'slack:U2', 'discord:1'), (by, presser) => {
      const { right, signing } = world({ by, document });
      const isNamed = by.includes('mara') && presser !== 'slack:U2';
      assert.equal(right(presser, null) === 'allowed', isNamed);
      assert.deepEqual(signing(presser, null).groups, isNamed ? ['mara'] : []);
      assert.deepEqual(right(presser, null), right(presser, null));
    }),
    { numRuns: runs(200) },
  );
});
