import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buttons, entries, onButton, room, someone, startClient, startEmulator, withCode } from '../support/client.ts';

const POST = 'POST /channels/:channel/messages';

test('reset after the effect: the message is there, and the nonce keeps the repeat from doubling it', async (t) => {
  const emulator = await startEmulator(t);
  const channel = room(await startClient(t, emulator), emulator);
  emulator.fail(POST, { kind: 'reset', when: 'after' });
  // discord.js itself tries again after a reset.
  const message = await channel.send({ content: 'once', nonce: 'job-1', enforceNonce: true });
  assert.deepEqual(
    emulator.state().messages.map(({ id }) => id),
    [message.id],
  );
  const calls = entries(emulator, 'call').filter(({ method }) => method === 'POST');
  assert.deepEqual(
    calls.map(({ status, error }) => [status, error]),
    [
      [0, 'fault: reset after, effect 200'],
      [200, null],
    ],
  );
});

test('reset before the effect: nothing is there', async (t) => {
  const emulator = await startEmulator(t);
  const channel = room(await startClient(t, emulator, { retries: 0 }), emulator);
  emulator.fail(POST, { kind: 'reset', when: 'before' });
  await assert.rejects(channel.send('never'), { code: 'ECONNRESET' });
  assert.deepEqual(emulator.state().messages, []);
  await channel.send('now');
  assert.equal(emulator.state().messages.length, 1);
});

test('a status before or after the effect, with a code of Discord or without', async (t) => {
  const emulator = await startEmulator(t);
  const channel = room(await startClient(t, emulator, { retries: 0 }), emulator);
  emulator.fail(POST, { kind: 'status', status: 503, when: 'after' });
  await assert.rejects(channel.send('posted'), { status: 503 });
  assert.equal(emulator.state().messages.length, 1);
  emulator.fail(POST, { kind: 'status', status: 403, code: 50007, when: 'before' }, 2);
  await assert.rejects(channel.send('not posted'), withCode(50007));
  await assert.rejects(channel.send('not posted'), /Cannot send messages to this user/);
  assert.equal(emulator.state().messages.length, 1);
  await channel.send('posted');
});

test('a rate limit is waited out', async (t) => {
  const emulator = await startEmulator(t);
  const channel = room(await startClient(t, emulator), emulator);
  emulator.fail(POST, { kind: 'rate_limited', retryAfterMs: 100 });
  const begun = performance.now();
  await channel.send('patience');
  assert.ok(performance.now() - begun >= 100);
  assert.deepEqual(
    entries(emulator, 'call')
      .filter(({ method }) => method === 'POST')
      .map(({ status }) => status),
    [429, 200],
  );
});

test('a callback that comes late by the network is late', async (t) => {
  const emulator = await startEmulator(t, { interactionBudgetMs: 60 });
  const client = await startClient(t, emulator);
  const message = await room(client, emulator).send({ content: 'Go?', components: [buttons('approve')] });
  const refused = Promise.withResolvers<unknown>();
  onButton(client, (interaction) => interaction.deferUpdate().catch(refused.resolve));
  emulator.fail('POST /interactions/:id/:token/callback', { kind: 'delay', ms: 80 });
  const press = { userId: someone(emulator), channelId: emulator.channel, messageId: message.id, customId: 'approve' };
  assert.equal((await emulator.press(press)).acked, false);
  assert.ok(withCode(10062)(await refused.promise));
});

test('a callback whose answer is lost has still been taken', async (t) => {
  const emulator = await startEmulator(t);
  const client = await startClient(t, emulator, { retries: 0 });
  const message = await room(client, emulator).send({ content: 'Go?', components: [buttons('approve')] });
  const lost = Promise.withResolvers<unknown>();
  onButton(client, (interaction) => interaction.deferUpdate().catch(lost.resolve));
  emulator.fail('POST /interactions/:id/:token/callback', { kind: 'reset', when: 'after' });
  const press = { userId: someone(emulator), channelId: emulator.channel, messageId: message.id, customId: 'approve' };
  assert.equal((await emulator.press(press)).acked, true);
  assert.equal(((await lost.promise) as { code: string }).code, 'ECONNRESET');
});

test('a fault names its route in full', async (t) => {
  const emulator = await startEmulator(t);
  assert.throws(() => emulator.fail('/channels/1/messages', { kind: 'hang', when: 'before' }), /needs a method/);
});
