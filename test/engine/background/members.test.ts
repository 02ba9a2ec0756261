import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Platform } from '../../../src/core/ports/ports.ts';
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
