/** Who can read a channel: members of the workspace a public one, people who are in it a private one, guests only their own. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { dana, never, type SlackRig, startSlack } from './support.ts';

const robin = 'U0000000002';
const asks = (rig: SlackRig, id: string, room = rig.emulator.channel) =>
  rig.slack.canRead({ actor: { platform: 'slack', id, name: id }, roles: [] }, room, never);
const lookUps = (rig: SlackRig) =>
  ['conversations.info', 'conversations.members', 'users.info'].map((method) => rig.calls(method).length);

describe('a channel', () => {
  test('that is public is read by every member, and by the guests and strangers who are in it', async () => {
    await using rig = await startSlack();
    const { emulator } = rig;
    const elsewhere = { teamId: 'T2', enterpriseId: 'E1', shownAs: 'place' } as const;
    for (const [id, more] of [
      ['U0GUEST', { guest: true }],
      ['U0GUESTIN', { guest: true }],
      ['U0STRANGER', { home: elsewhere }],
    ] as const)
      emulator.addUser({ id, handle: id, displayName: id, groups: [], ...more });
    emulator.setMembers(emulator.channel, [dana, 'U0GUESTIN'], false);
    const can = await Promise.all([dana, robin, 'U0GUEST', 'U0GUESTIN', 'U0STRANGER'].map((id) => asks(rig, id)));
    assert.deepEqual(can, [true, true, false, true, false]);
    await assert.rejects(asks(rig, 'U0NOBODY'));
  });

  test('that is private is read by who is in it, page by page, and is looked up once for all of them', async () => {
    await using rig = await startSlack();
    const { emulator } = rig;
    const many = Array.from({ length: 1_500 }, (_, at) => `U0MANY${at}`);
    for (const id of many) emulator.addUser({ id, handle: id, displayName: id, groups: [] });
    emulator.setMembers(emulator.channel, [dana, ...many], true);
    const can = await Promise.all([dana, robin, 'U0MANY1499', dana].map((id) => asks(rig, id)));
    assert.deepEqual(can, [true, false, true, true]);
    assert.deepEqual(lookUps(rig), [1, 2, 0]);
  });

  test('is looked up again after a minute, and somebody who was removed reads nothing then', async () => {
    let now = 0;
    const clock = { ...(await import('../../../src/system/clock.ts')).systemClock, monotonic: () => now };
    await using rig = await startSlack({ clock });
    const { emulator } = rig;
    emulator.setMembers(emulator.channel, [dana], true);
    assert.equal(await asks(rig, dana), true);
    emulator.setMembers(emulator.channel, [], true);
    assert.equal(await asks(rig, dana), true);
    now += 61_000;
    assert.equal(await asks(rig, dana), false);
  });

  test('that can’t be looked up is not read: without a scope, after an error, in a private one without the bot', async () => {
    await using rig = await startSlack();
    const { emulator } = rig;
    emulator.fail('conversations.info', { kind: 'error', error: 'internal_error' });
    await assert.rejects(asks(rig, dana));
    emulator.setMembers(emulator.channel, [dana], true);
    emulator.removeBot(emulator.channel);
    await assert.rejects(asks(rig, dana));
    emulator.inviteBot(emulator.channel);
    emulator.revokeScope('groups:read');
    await assert.rejects(asks(rig, dana));
    assert.equal(await asks(rig, dana, 'D0000000001'), false, 'direct messages of others');
  });

  test('is asked for at most 30 times at once', async () => {
    await using rig = await startSlack();
    const before = lookUps(rig).reduce((sum, calls) => sum + calls);
    await Promise.allSettled(Array.from({ length: 80 }, (_, at) => asks(rig, dana, `C0MADEUP${at}`)));
    assert.equal(lookUps(rig).reduce((sum, calls) => sum + calls) - before, 30);
  });
});
