import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Organisation, type Origin, type Whose } from '../../../../src/platforms/slack/inbound/organisation.ts';

const grid = { teamId: 'T1', enterpriseId: 'E1' };
const host = { id: 'T1', enterprise_id: 'E1' };

function origin(team: Origin['team'], userTeam: string | null, enterprise: string | null = null): Origin {
  return { team, enterprise: enterprise === null ? null : { id: enterprise }, user: { id: 'U9', team_id: userTeam } };
}

describe('a person', () => {
  const cases: readonly (readonly [string, Origin, Whose, Whose])[] = [
    // Named, the payload, whose it is on Grid, whose it is in a workspace without an organisation.
    ['of this workspace', origin(host, 'T1', 'E1'), 'own', 'own'],
    ['named by the organisation', origin(host, 'E1', 'E1'), 'own', 'foreign'],
    ['at home in another workspace of it', origin({ id: 'T2', enterprise_id: 'E1' }, 'T2', 'E1'), 'own', 'foreign'],
    ['of it, in another workspace', origin({ id: 'T2', enterprise_id: 'E1' }, 'E1', 'E1'), 'own', 'foreign'],
    ['of ours, in another workspace of it', origin({ id: 'T2', enterprise_id: 'E1' }, 'T1', 'E1'), 'own', 'foreign'],
    ['of another workspace, in our channel', origin(host, 'T2', 'E1'), 'unknown', 'foreign'],
    ['of a workspace that names no organisation itself', origin({ id: 'T2' }, 'T2', 'E1'), 'unknown', 'foreign'],
    ['of another organisation, in a shared channel', origin(host, 'E9', 'E1'), 'foreign', 'foreign'],
    [
      'of another organisation’s workspace',
      origin({ id: 'T9', enterprise_id: 'E9' }, 'T9', 'E9'),
      'foreign',
      'foreign',
    ],
    [
      'that claims our organisation for another place',
      origin({ id: 'T9', enterprise_id: 'E9' }, 'E1'),
      'foreign',
      'foreign',
    ],
    ['of a workspace without an organisation', origin({ id: 'T9' }, 'T9'), 'foreign', 'foreign'],
    ['of whom nothing is said', origin(null, null), 'foreign', 'foreign'],
    ['of whom only the workspace is said', origin(null, 'T1'), 'own', 'own'],
    ['of whom only the place is said', origin(host, null), 'own', 'own'],
  ];
  for (const [name, given, onGrid, alone] of cases) {
    test(`${name} is ${onGrid}, and without an organisation ${alone}`, () => {
      const none = async () => {};
      assert.equal(new Organisation(grid, none).whose(given), onGrid);
      assert.equal(new Organisation({ teamId: 'T1', enterpriseId: null }, none).whose(given), alone);
    });
  }

  test('that is unknown is looked up once at a time, and then known', async () => {
    const asked: string[] = [];
    const { promise, resolve } = Promise.withResolvers<void>();
    const organisation = new Organisation(grid, (userId) => {
      asked.push(userId);
      return promise;
    });
    const stranger = origin(host, 'T2', 'E1');
    for (let press = 0; press < 3; press += 1) assert.equal(organisation.whose(stranger), 'unknown');
    assert.deepEqual(asked, ['U9']);
    resolve();
    await promise;
    // The look-up failed: the next press asks again.
    await new Promise(setImmediate);
    assert.equal(organisation.whose(stranger), 'unknown');
    assert.deepEqual(asked, ['U9', 'U9']);
    organisation.learn('U9', { team_id: 'T2', enterprise_user: { enterprise_id: 'E1' } });
    assert.equal(organisation.whose(stranger), 'own');
    organisation.learn('U9', { team_id: 'T9', enterprise_user: { enterprise_id: 'E9' } });
    assert.equal(organisation.whose(stranger), 'foreign');
    organisation.learn('U9', undefined);
    assert.equal(organisation.whose(stranger), 'foreign');
  });
});

test('a command and a home tab belong to the workspace or the organisation that they name', () => {
  const organisation = new Organisation(grid, async () => {});
  for (const [team, enterprise, own] of [
    ['T1', undefined, true],
    ['T2', 'E1', true],
    ['E1', undefined, true],
    ['T9', 'E9', false],
    ['T9', undefined, false],
    [undefined, undefined, false],
  ] as const) {
    assert.equal(organisation.isOwnPlace(team, enterprise), own, `${team} ${enterprise}`);
  }
  assert.equal(new Organisation({ teamId: 'T1', enterpriseId: null }, async () => {}).isOwnPlace('T2', null), false);
});
