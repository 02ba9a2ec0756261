import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { GroupMembers, Platform, SharedMembers } from '../../../src/core/ports/ports.ts';
import { createMembers } from '../../../src/engine/background/members.ts';
import { createTestClock } from '../../support/clock.ts';
import { captureLog } from '../../support/log.ts';

/** A platform with one group, whose look-ups fail where `list` throws. */
function groupOf(list: () => string[], onChange = () => {}) {
  const clock = createTestClock();
  const platform: Partial<Platform> = { members: async () => list() };
  const members = createMembers({
    groups: () => [{ platform: 'slack', id: 'S1' }],
    platforms: new Map([['slack', platform as Platform]]),
    onChange,
    clock,
    ...captureLog(),
  });
  return { clock, members, isMember: (user: string) => members.isMember('slack', 'S1', user) };
}

describe('a member of a group', () => {
  test('is not known before the first look, and is then', async () => {
    const { members, isMember } = groupOf(() => ['U1']);
    assert.equal(isMember('U1'), 'unknown');
    await members.refresh();
    assert.deepEqual([isMember('U1'), isMember('U2'), members.isMember('slack', 'S2', 'U1')], ['yes', 'no', 'unknown']);
    assert.deepEqual(members.all(), [{ platform: 'slack', id: 'U1' }]);
  });

  test('is not known any more a minute after the last look that succeeded', async () => {
    let fails = false;
    const { clock, members, isMember } = groupOf(() => {
      if (fails) throw new Error('Slack is down');
      return ['U1'];
    });
    await members.refresh();
    fails = true;
    clock.advance(60_000);
    await members.refresh();
    assert.equal(isMember('U1'), 'yes');
    clock.advance(1);
    assert.deepEqual([isMember('U1'), isMember('U2')], ['unknown', 'unknown']);
  });

  test('is no one who left since', async () => {
    const users = ['U1'];
    const { members, isMember } = groupOf(() => users.splice(0));
    await members.refresh();
    await members.refresh();
    assert.equal(isMember('U1'), 'no');
  });
});

test('when a group can’t be looked up any more, and can again, the cards are told once each', async () => {
  let fails = false;
  let changes = 0;
  const list = () => {
    if (fails) throw new Error('Slack is down');
    return ['U1'];
  };
  const { clock, members } = groupOf(list, () => {
    changes += 1;
  });
  const refreshed = async () => {
    await members.refresh();
    return changes;
  };
  assert.equal(await refreshed(), 0, 'the first look is no change');
  fails = true;
  assert.equal(await refreshed(), 0, 'what was looked up a moment ago counts');
  clock.advance(60_001);
  assert.deepEqual([await refreshed(), await refreshed()], [1, 1]);
  fails = false;
  assert.deepEqual([await refreshed(), await refreshed()], [2, 2]);
});

describe('of several replicas', () => {
  /** Two of them, the first of which has the duty. */
  function two() {
    const clock = createTestClock();
    const rows = new Map<string, GroupMembers & { at: number; epoch: number }>();
    const table: SharedMembers = {
      async save(group, epoch) {
        rows.set(group.id, { ...group, at: clock.monotonic(), epoch });
        return true;
      },
      list: async () => [...rows.values()].map((row) => ({ ...row, ageMs: clock.monotonic() - row.at })),
    };
    const asked = [0, 0];
    const users = ['U1'];
    const replicas = [0, 1].map((me) => {
      const members: Platform['members'] = async () => {
        asked[me] = (asked[me] ?? 0) + 1;
        return [...users];
      };
      return createMembers({
        groups: () => [{ platform: 'slack', id: 'S1' }],
        platforms: new Map([['slack', { members } as Platform]]),
        shared: {
          table,
          duties: {
            take: async () => (me === 0 ? { epoch: 1 } : null),
            isOurs: () => me === 0,
          },
        },
        clock,
        ...captureLog(),
      });
    });
    const is = (me: number, user: string) => replicas[me]?.isMember('slack', 'S1', user);
    return { clock, replicas, asked, users, is };
  }

  test('one looks up, and all know', async () => {
    const { replicas, asked, is, clock, users } = two();
    await replicas[0]?.refresh();
    for (let look = 0; look < 5; look += 1) {
      clock.advance(10_000);
      await replicas[1]?.refresh();
    }
    assert.deepEqual([asked, is(0, 'U1'), is(1, 'U1')], [[1, 0], 'yes', 'yes']);
    users.splice(0);
    await replicas[0]?.refresh();
    await replicas[1]?.refresh();
    assert.deepEqual([asked, is(1, 'U1')], [[2, 0], 'no']);
  });

  test('what was looked up a minute ago proves nothing at any of them: each asks for itself then', async () => {
    const { replicas, asked, is, clock } = two();
    await replicas[0]?.refresh();
    await replicas[1]?.refresh();
    clock.advance(60_001);
    assert.equal(is(1, 'U1'), 'unknown');
    await replicas[1]?.refresh();
    assert.deepEqual([asked, is(1, 'U1')], [[1, 1], 'yes']);
  });
});
