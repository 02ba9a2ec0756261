import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { SlackUser } from '../../../../src/sandbox/emulators/slack/types.ts';
import { assertFound, decider, lookAfter, only } from './support.ts';

const dana: SlackUser = { id: 'U0000000001', handle: 'dana', displayName: 'Dana Reyes', groups: ['S0000000001'] };

describe('a reviewer who', () => {
  const cases: readonly (readonly [string, Partial<SlackUser>, string, RegExp])[] = [
    ['is deactivated', { deleted: true }, 'fault', /account of Dana Reyes \(U0000000001\) is deactivated/],
    ['is a bot', { bot: true }, 'fault', /is a bot/],
    [
      'is of another organisation',
      { home: { teamId: 'T0000000009', enterpriseId: null, shownAs: 'host' } },
      'fault',
      /belongs to another organisation/,
    ],
  ];
  for (const [name, change, level, what] of cases) {
    test(`${name} is a finding`, async () => {
      const { findings } = await lookAfter(({ addUser }) => addUser({ ...dana, ...change }));
      assertFound(only(findings), { check: 'slack.people', level, what, remedy: /Name / });
      assert.equal(only(findings).where, 'REVIEWERS');
    });
  }

  test('is a guest in the channel may decide, which is said', async () => {
    const { findings } = await lookAfter(({ addUser, setMembers, channel }) => {
      addUser({ ...dana, guest: true });
      setMembers(channel, [dana.id], false);
    });
    assertFound(only(findings), { check: 'slack.people', level: 'warning', what: /is a guest/, remedy: /remove/ });
  });

  test('does not exist is a fault, and a warning where they are only mentioned', async () => {
    for (const [decides, level] of [
      [true, 'fault'],
      [false, 'warning'],
    ] as const) {
      const { findings } = await lookAfter(() => {}, {
        wanted: { people: [decider('U0MISSING', { decides })], rules: [] },
      });
      assertFound(only(findings), {
        check: 'slack.people',
        level,
        what: /no person U0MISSING/,
        remedy: /Copy member ID/,
      });
    }
  });

  test('belongs to the bot’s own organisation is fine', async () => {
    const { findings } = await lookAfter(({ addUser, joinOrganisation, setMembers, channel }) => {
      joinOrganisation('E0000000001');
      addUser({ ...dana, home: { teamId: 'T0000000002', enterpriseId: 'E0000000001', shownAs: 'organisation' } });
      setMembers(channel, [dana.id], false);
    });
    assert.deepEqual(findings, []);
  });
});

describe('a user group that', () => {
  test('is disabled is a fault', async () => {
    const { findings } = await lookAfter(({ disableGroup }) => disableGroup('S0000000001', true));
    assertFound(only(findings), { check: 'slack.groups', level: 'fault', what: /is disabled/, remedy: /Enable it/ });
  });

  test('does not exist is a fault', async () => {
    const { findings } = await lookAfter(() => {}, { wanted: { people: [decider('S0MISSING')], rules: [] } });
    assertFound(only(findings), {
      check: 'slack.groups',
      level: 'fault',
      what: /no user group S0MISSING/,
      remedy: /ID/,
    });
  });

  test('has no members is a warning, and a fault where no one else decides', async () => {
    const leave = ({ addUser }: { addUser(user: SlackUser): void }) => {
      addUser({ ...dana, groups: [] });
      addUser({ id: 'U0000000002', handle: 'robin', displayName: 'Robin Vega', groups: [] });
    };
    const many = await lookAfter(leave);
    assertFound(only(many.findings), {
      check: 'slack.groups',
      level: 'warning',
      what: /has no members\.$/,
      remedy: /Add/,
    });
    const alone = await lookAfter(leave, { wanted: { people: [decider('S0000000001')], rules: [] } });
    assert.deepEqual(
      [only(alone.findings).level, /no one else may decide/.test(only(alone.findings).what)],
      ['fault', true],
    );
  });
});

describe('who decides', () => {
  test('and can’t read the private channel with the cards is a warning', async () => {
    const { findings } = await lookAfter(({ setMembers, channel }) => setMembers(channel, ['U0000000002'], true));
    assertFound(only(findings), {
      check: 'slack.readers',
      level: 'warning',
      what: /Dana Reyes \(U0000000001\) may decide, and reads none/,
      remedy: /Invite them to C0000000001/,
    });
  });

  test('and is in one of several is fine', async () => {
    const rules = [{ where: 'x', rooms: ['C0000000001', 'C0000000002'], deciders: [decider('U0000000001')] }];
    const { findings } = await lookAfter(({ setMembers, channel }) => setMembers(channel, ['U0000000002'], true), {
      wanted: { rules, rooms: ['C0000000001', 'C0000000002'].map((room) => ({ room, for: ['cards'], where: 'x' })) },
    });
    assert.deepEqual(findings, []);
  });
});
