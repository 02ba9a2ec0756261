import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Receipt } from '../../../src/core/approval/parts/slot.ts';
import { SetupError } from '../../../src/core/ports/errors.ts';
import type { Thread } from '../../../src/core/ports/ports.ts';
import { accepting, calls, cardOf, createRig, entries, failure, startRig } from './support.ts';

const threadOf = (root: Receipt): Thread => ({ root, title: 'Refund order' });

const { signal } = new AbortController();

test('a card is one request, and the same key posts it once', async (t) => {
  const rig = await startRig(t);
  const before = entries(rig, 'call').length;
  const first = await rig.post();
  assert.equal(entries(rig, 'call').length, before + 1);
  assert.deepEqual(await rig.post(), first);
  const { messages } = rig.emulator.state();
  assert.equal(messages.length, 1);
  assert.equal(messages[0]?.id, first.message);
  assert.deepEqual(first, { platform: 'discord', room: rig.emulator.channel, message: first.message });
  const [call] = calls(rig, /POST .*messages$/);
  assert.equal(call?.body?.['enforce_nonce'], true);
  assert.deepEqual(call?.body?.['allowed_mentions'], { parse: [] });
  assert.ok(String(call?.body?.['nonce']).length <= 25);
  const other = await rig.post({}, 'ap2:card');
  assert.notEqual(other.message, first.message);
});

test('a settled card has no buttons and no notification text', async (t) => {
  const rig = await startRig(t);
  const receipt = await rig.post();
  const settled = cardOf({ tone: 'good', status: [{ strong: 'Approved by Dana.' }], buttons: [] });
  await rig.discord.update(receipt, settled, signal);
  const [message] = rig.emulator.state().messages;
  assert.equal(message?.edited, true);
  assert.deepEqual(message?.components, []);
  assert.equal(message?.content, '');
  assert.match(String(message?.embeds[0]?.['title']), /^✅ Refund order$/);
  assert.match(String(message?.embeds[0]?.['description']), /\*\*Approved by Dana\.\*\*/);
  assert.deepEqual(entries(rig, 'refused'), []);
});

test('follow-ups of a card are in the thread of its message', async (t) => {
  const rig = await startRig(t);
  const root = await rig.post();
  const thread = (key: string) =>
    rig.discord.post(rig.place, threadOf(root), cardOf({ title: 'The run is complete' }), key, signal);
  const first = await thread('ap1:result');
  const second = await thread('ap2:card');
  assert.equal(first.room, root.message);
  assert.equal(second.room, root.message);
  const { channels, messages } = rig.emulator.state();
  assert.deepEqual(
    channels.filter(({ id }) => id === root.message).map(({ name, parentId }) => ({ name, parentId })),
    [{ name: 'Refund order', parentId: rig.emulator.channel }],
  );
  assert.deepEqual(
    messages.filter(({ channelId }) => channelId === root.message).map(({ id }) => id),
    [first.message, second.message],
  );
  assert.equal(calls(rig, /POST .*threads$/).length, 1);

  await t.test('another process finds the thread', async (t2) => {
    const { url: apiUrl, token } = rig.emulator;
    const other = await createRig(t2, { apiUrl, token, channel: rig.emulator.channel });
    const third = await other.discord.post(rig.place, threadOf(root), cardOf(), 'ap3:card', signal);
    assert.equal(third.room, root.message);
  });

  await t.test('a thread has no nested thread', async () => {
    const below = await rig.discord.post(rig.place, threadOf(first), cardOf(), 'ap4:card', signal);
    assert.equal(below.room, root.message);
  });
});

test('an update reopens an archived thread', async (t) => {
  const rig = await startRig(t);
  const root = await rig.post();
  const inThread = await rig.discord.post(rig.place, threadOf(root), cardOf(), 'ap2:card', signal);
  await fetch(`${rig.emulator.url}/v10/channels/${inThread.room}`, {
    method: 'PATCH',
    headers: { authorization: `Bot ${rig.emulator.token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ archived: true }),
  });
  await rig.discord.update(inThread, cardOf({ tone: 'good', buttons: [] }), signal);
  const message = rig.emulator.state().messages.find(({ id }) => id === inThread.message);
  assert.equal(message?.edited, true);
});

test('check reports a hidden channel and a closed gateway', async (t) => {
  const rig = await startRig(t);
  await rig.discord.check(signal);
  rig.emulator.denyChannel(rig.emulator.channel, 50001);
  assert.match((await failure(rig.discord.check(signal), 'gone')).message, /Invite it to the server/);
  rig.emulator.denyChannel(rig.emulator.channel, null);
  rig.emulator.dropSockets(4004);
  await rig.emulator.journal.until('the close', (list) =>
    list.find((entry) => entry.kind === 'socket' && entry.event === 'close'),
  );
  await untilLogged(rig, 'DISCORD_TOKEN');
  assert.match((await failure(rig.discord.check(signal), 'refused')).message, /DISCORD_TOKEN/);
});

test('a start that can’t succeed names the setting to fix', async (t) => {
  const cases = [
    { options: { token: 'wrong.to.ken' }, says: /DISCORD_TOKEN/ },
    { options: { apiUrl: 'http://127.0.0.1:1/api' }, says: /DISCORD_API_URL/ },
    { options: { apiUrl: 'http://127.0.0.1:1x' }, says: /DISCORD_API_URL/ },
  ];
  for (const { options, says } of cases) {
    const rig = await createRig(t, options);
    await assert.rejects(rig.discord.start(accepting), (error) => {
      assert.ok(error instanceof SetupError, `${error}`);
      assert.match(error.message, says);
      return true;
    });
    assert.ok(!rig.text().includes('wrong.to.ken'));
  }
  const rig = await createRig(t);
  const elsewhere = await createRig(t, { apiUrl: rig.emulator.url.replace(/api$/, 'nothing') });
  await assert.rejects(elsewhere.discord.start(accepting), /no Discord API .* DISCORD_API_URL/);
  const late = await createRig(t, { startTimeoutMs: 50 });
  late.emulator.fail('GET /gateway/bot', { kind: 'hang', when: 'before' });
  await assert.rejects(late.discord.start(accepting), SetupError);
});

test('a slash at the end of the address and a prefix of the token are ignored', async (t) => {
  const rig = await createRig(t);
  const other = await createRig(t, { apiUrl: `${rig.emulator.url}/`, token: `Bot ${rig.emulator.token}` });
  await other.discord.start(accepting);
  assert.equal(calls(rig, /GET \/gateway\/bot/).length, 1);
  await other.discord.post(rig.place, null, cardOf(), 'key', signal);
});

test('a stop before a reconnect leaves no connection open', async (t) => {
  const rig = await startRig(t);
  rig.emulator.dropSockets();
  await untilLogged(rig, 'reconnecting');
  await rig.discord.stop();
  assert.equal(rig.emulator.state().connections, 0);
  // The library waits 500 ms before it reconnects; stop waits longer.
  assert.equal(entries(rig, 'socket').filter(({ event }) => event === 'open').length, 1);
});

function untilLogged(rig: { lines(): object[]; onLine(listener: () => void): void }, words: string): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (rig.lines().some((line) => JSON.stringify(line).includes(words))) resolve();
    };
    rig.onLine(look);
    look();
  });
}
