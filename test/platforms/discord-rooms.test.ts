/** Where cards stand on Discord beside text channels: direct messages, threads, forums. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { directPlace } from '../../src/core/places.ts';
import { calls, cardOf, failure, startRig } from './discord-rig.ts';

const { signal } = new AbortController();

test('direct messages are opened once, and what belongs to a card answers it there', async (t) => {
  const rig = await startRig(t, { channel: null });
  await rig.discord.check(signal);
  const place = directPlace({ platform: 'discord', id: rig.userId });
  const root = await rig.discord.post(place, null, cardOf(), 'ap1:card', signal);
  const thread = { root, title: 'Refund order' };
  const below = await rig.discord.post(place, thread, cardOf({ title: 'The run is complete' }), 'ap1:result', signal);
  assert.equal(below.room, root.room);
  const { channels, messages } = rig.standIn.state();
  assert.equal(channels.find(({ id }) => id === root.room)?.recipientId, rig.userId);
  assert.equal(messages.find(({ id }) => id === below.message)?.replyTo, root.message);
  assert.equal(calls(rig, /POST \/users\/@me\/channels/).length, 1);
  assert.equal(calls(rig, /threads$/).length, 0);

  await t.test('its first message gone, an answer stands by itself', async () => {
    rig.standIn.deleteMessage(root.room, root.message);
    const alone = await rig.discord.post(place, thread, cardOf(), 'ap2:card', signal);
    assert.equal(rig.standIn.state().messages.find(({ id }) => id === alone.message)?.replyTo, undefined);
  });

  await t.test('a post in doubt is looked for there', async () => {
    const sought = { place, thread, card: cardOf(), key: 'ap1:card', approvalId: 'ap1', receipt: null };
    const found = await rig.discord.find?.({ ...sought, since: Date.now() - 120_000 }, signal);
    assert.deepEqual(
      found?.map(({ room }) => room),
      [below.room, below.room],
    );
  });

  await t.test('who takes none closes that place, and no other', async () => {
    rig.standIn.closeDirect(rig.userId, true);
    const error = await failure(rig.discord.post(place, null, cardOf(), 'ap3:card', signal), 'refused');
    assert.deepEqual([error.scope, error.closed], ['room', true]);
    const stranger = directPlace({ platform: 'discord', id: '77' });
    const unknown = await failure(rig.discord.post(stranger, null, cardOf(), 'ap4:card', signal), 'gone');
    assert.match(unknown.message, /DIRECT_MESSAGES/);
  });
});

test('that they could not be opened is no doubt about a card', async (t) => {
  const rig = await startRig(t, { channel: null });
  rig.standIn.fail('POST /users/@me/channels', { kind: 'reset', when: 'after' });
  const place = directPlace({ platform: 'discord', id: rig.userId });
  await failure(rig.discord.post(place, null, cardOf(), 'ap1:card', signal), 'unsent');
});
