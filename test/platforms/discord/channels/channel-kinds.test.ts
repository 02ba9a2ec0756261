/** Cards outside of text channels on Discord: direct messages, threads, forums. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { directPlace } from '../../../../src/core/policy/direct-messages.ts';
import { calls, cardOf, failure, startRig } from '../support.ts';

const { signal } = new AbortController();

test('direct messages are opened once, and a follow-up is a reply to its card', async (t) => {
  const rig = await startRig(t, { channel: null });
  await rig.discord.check(signal);
  const place = directPlace({ platform: 'discord', id: rig.userId });
  const root = await rig.discord.post(place, null, cardOf(), 'ap1:card', signal);
  const thread = { root, title: 'Refund order' };
  const below = await rig.discord.post(place, thread, cardOf({ title: 'The run is complete' }), 'ap1:result', signal);
  assert.equal(below.room, root.room);
  const { channels, messages } = rig.emulator.state();
  assert.equal(channels.find(({ id }) => id === root.room)?.recipientId, rig.userId);
  assert.equal(messages.find(({ id }) => id === below.message)?.replyTo, root.message);
  assert.equal(calls(rig, /POST \/users\/@me\/channels/).length, 1);
  assert.equal(calls(rig, /threads$/).length, 0);

  await t.test('a follow-up of a deleted message is posted without a reference', async () => {
    rig.emulator.deleteMessage(root.room, root.message);
    const alone = await rig.discord.post(place, thread, cardOf(), 'ap2:card', signal);
    assert.equal(rig.emulator.state().messages.find(({ id }) => id === alone.message)?.replyTo, undefined);
  });

  await t.test('a post that may have arrived is searched for there', async () => {
    const sought = { place, thread, card: cardOf(), key: 'ap1:card', approvalId: 'ap1', receipt: null, last: false };
    const found = await rig.discord.find?.({ ...sought, since: Date.now() - 120_000 }, signal);
    assert.deepEqual(
      found?.map(({ room }) => room),
      [below.room, below.room],
    );
  });

  await t.test('a person who accepts none closes only their own place', async () => {
    rig.emulator.closeDirect(rig.userId, true);
    const error = await failure(rig.discord.post(place, null, cardOf(), 'ap3:card', signal), 'refused');
    assert.deepEqual([error.scope, error.closed], ['room', true]);
    const stranger = directPlace({ platform: 'discord', id: '77' });
    const unknown = await failure(rig.discord.post(stranger, null, cardOf(), 'ap4:card', signal), 'gone');
    assert.match(unknown.message, /DIRECT_MESSAGES/);
  });
});

test('direct messages that can’t be opened make a post unsent, not ambiguous', async (t) => {
  const rig = await startRig(t, { channel: null });
  rig.emulator.fail('POST /users/@me/channels', { kind: 'reset', when: 'after' });
  const place = directPlace({ platform: 'discord', id: rig.userId });
  await failure(rig.discord.post(place, null, cardOf(), 'ap1:card', signal), 'unsent');
});

const forum = { id: '700000000000000001', name: 'approvals', type: 15 };
const thread = { id: '700000000000000002', name: 'approvals', type: 11, archived: true };
const news = { id: '700000000000000003', name: 'news', type: 5 };

test('in a forum each first card is a post with a title, and its follow-ups are in that post', async (t) => {
  const rig = await startRig(t, { channels: [forum] });
  await rig.discord.check(signal);
  const root = await rig.post({ pings: [{ kind: 'user', id: rig.userId }] });
  assert.equal(root.room, root.message, 'a post’s first message has its id');
  const below = await rig.discord.post(rig.place, { root, title: 'Refund order' }, cardOf(), 'ap2:card', signal);
  assert.equal(below.room, root.room);
  const other = await rig.post({ title: 'Deploy service' }, 'ap3:card');
  const { channels, messages } = rig.emulator.state();
  assert.deepEqual(
    channels.filter(({ parentId }) => parentId === forum.id).map(({ id, name }) => [id, name]),
    [
      [root.room, 'Refund order'],
      [other.room, 'Deploy service'],
    ],
  );
  assert.deepEqual(messages.find(({ id }) => id === root.message)?.called, [rig.userId]);
  await rig.discord.update(root, cardOf({ tone: 'good', buttons: [] }), signal);
  assert.equal(rig.emulator.state().messages.find(({ id }) => id === root.message)?.edited, true);
  assert.equal(calls(rig, /GET \/channels\/7/).length, 2, 'its kind is asked for at the start and by the check');

  await t.test('a follow-up of a deleted post is a new post', async () => {
    rig.emulator.deleteChannel(root.room);
    const anew = await rig.discord.post(rig.place, { root, title: 'Refund order' }, cardOf(), 'ap4:card', signal);
    assert.equal(anew.room, anew.message);
    assert.match(rig.text(), /thread was deleted/);
  });

  await t.test(
    'a post that may have arrived is found, also within the time of a nonce; its copy is removed',
    async () => {
      const since = Date.now();
      const sought = {
        place: rig.place,
        thread: null,
        key: 'ap9:card',
        approvalId: 'ap9',
        since,
        receipt: null,
        last: false,
      };
      const buttons = cardOf().buttons.map((button) => ({ ...button, id: button.id.replace('ap1', 'ap9') }));
      const card = cardOf({ buttons });
      assert.deepEqual(await rig.discord.find?.({ ...sought, card }, signal), []);
      rig.emulator.fail('POST /channels/:id/threads', { kind: 'reset', when: 'after' });
      await failure(rig.discord.post(rig.place, null, card, 'ap9:card', signal), 'ambiguous');
      const second = await rig.discord.post(rig.place, null, card, 'ap9:card', signal);
      const found = (await rig.discord.find?.({ ...sought, card }, signal)) ?? [];
      assert.deepEqual([found.length, found[1]], [2, second]);
      await rig.discord.remove?.(second, signal);
      assert.equal(
        rig.emulator.state().messages.some(({ id }) => id === second.message),
        false,
      );
      const left = (await rig.discord.find?.({ ...sought, card }, signal)) ?? [];
      assert.deepEqual(left, found.slice(0, 1), 'and the empty post is folded up');
      assert.deepEqual(calls(rig, /PATCH \/channels\/\d+$/).at(-1)?.body, { archived: true });
    },
  );
});

test('a forum that requires a tag gets the first that the bot may use; without one the error says what to do', async (t) => {
  const tags = [
    { id: '71', name: 'Decided', moderated: true },
    { id: '72', name: 'Agents', moderated: false },
  ];
  const rig = await startRig(t, { channels: [{ ...forum, requireTag: true, tags }] });
  await rig.post();
  assert.deepEqual(calls(rig, /POST .*threads$/)[0]?.body?.['applied_tags'], ['72']);

  const [moderated] = tags;
  const bare = await startRig(t, { channels: [{ ...forum, requireTag: true, tags: moderated ? [moderated] : [] }] });
  const error = await failure(bare.post(), 'refused');
  assert.match(error.message, /requires a tag.*\(40067\)/);
  assert.equal(error.closed, true);
});

test('in a thread all cards are in that thread, follow-ups as replies, and an archived one is reopened', async (t) => {
  const rig = await startRig(t, { channels: [thread] });
  await rig.discord.check(signal);
  const root = await rig.post();
  const below = await rig.discord.post(rig.place, { root, title: 'Refund order' }, cardOf(), 'ap2:card', signal);
  assert.deepEqual([root.room, below.room], [thread.id, thread.id]);
  assert.equal(rig.emulator.state().messages.find(({ id }) => id === below.message)?.replyTo, root.message);
  assert.equal(calls(rig, /POST .*threads$/).length, 0);
});

test('an announcement channel is like a text channel', async (t) => {
  const rig = await startRig(t, { channels: [news] });
  const root = await rig.post();
  const below = await rig.discord.post(rig.place, { root, title: 'Refund order' }, cardOf(), 'ap2:card', signal);
  assert.deepEqual([root.room, below.room], [news.id, root.message]);
});

test('check refuses a channel of a type without messages, and says what to set', async (t) => {
  for (const type of [4, 16]) {
    const rig = await startRig(t, { channels: [{ ...forum, type }] });
    const error = await failure(rig.discord.check(signal), 'refused');
    assert.match(error.message, /DISCORD_CHANNEL to a text, announcement or forum channel, or to a thread/);
  }
});
