import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ButtonInteraction, Client, Events, GatewayIntentBits } from 'discord.js';
import type { Json } from '../../../../../src/sandbox/emulators/discord/types.ts';
import {
  buttons,
  createClient,
  entries,
  onButton,
  room,
  someone,
  startClient,
  startEmulator,
  withCode,
} from '../support/client.ts';
import { call, openGateway, sendMessage } from '../support/raw-calls.ts';

/** For every way to lose a connection, discord.js waits half a second before it resumes: the cases run side by side. */
const losses = {
  'op 7': (emulator: Awaited<ReturnType<typeof startEmulator>>) => emulator.requestReconnect(),
  'a cut connection': (emulator: Awaited<ReturnType<typeof startEmulator>>) => emulator.dropSockets(),
  'close 4000': (emulator: Awaited<ReturnType<typeof startEmulator>>) => emulator.dropSockets(4000),
};

test('after a lost connection', { concurrency: true }, async (t) => {
  const cases = Object.entries(losses).map(([name, lose]) =>
    t.test(`${name}: the session is resumed and the press made meanwhile arrives`, async (t) => {
      const emulator = await startEmulator(t);
      const client = await startClient(t, emulator);
      const message = await room(client, emulator).send({ content: 'Go?', components: [buttons('approve')] });
      onButton(client, (interaction) => interaction.update('Approved'));
      lose(emulator);
      if (name === 'op 7') {
        await emulator.journal.until('the close', (all) =>
          all.find((one) => one.kind === 'socket' && one.event === 'close'),
        );
      }
      const press = {
        userId: someone(emulator),
        channelId: emulator.channel,
        messageId: message.id,
        customId: 'approve',
      };
      const result = await emulator.press(press);
      assert.deepEqual([result.acked, result.type], [true, 7]);
      const events = entries(emulator, 'socket').map(({ event, connection }) => `${event} ${connection}`);
      assert.deepEqual(events, ['open 1', 'identify 1', 'close 1', 'open 2', 'resume 2']);
      assert.equal(entries(emulator, 'interaction')[0]?.connection, 2);
      assert.equal(emulator.state().connections, 1);
    }),
  );
  await Promise.all(cases);
});

test('op 9 that may be resumed is resumed on the same connection', async (t) => {
  const emulator = await startEmulator(t);
  const client = await startClient(t, emulator);
  const message = await room(client, emulator).send({ content: 'Go?', components: [buttons('approve')] });
  onButton(client, (interaction) => interaction.deferUpdate());
  emulator.invalidateSessions(true);
  const press = { userId: someone(emulator), channelId: emulator.channel, messageId: message.id, customId: 'approve' };
  assert.equal((await emulator.press(press)).acked, true);
  assert.deepEqual(
    entries(emulator, 'socket').map(({ event }) => event),
    ['open', 'identify', 'resume'],
  );
});

test('op 9 that may not ends the session, and a press in the gap is lost', async (t) => {
  const emulator = await startEmulator(t, { interactionBudgetMs: 20 });
  const message = await sendMessage(emulator);
  const socket = await openGateway(t, emulator);
  socket.send(2, { token: emulator.token, intents: 1, properties: {} });
  const ready = await socket.next(0);
  assert.equal(ready.t, 'READY');
  emulator.invalidateSessions(false);
  assert.equal((await socket.next(9)).d, false);
  const press = { userId: someone(emulator), channelId: emulator.channel, messageId: message, customId: 'approve' };
  assert.equal((await emulator.press(press)).acked, false);
  assert.equal(entries(emulator, 'interaction')[0]?.connection, 0);
  socket.send(6, { token: emulator.token, session_id: (ready.d as Json)['session_id'], seq: 2 });
  assert.equal((await socket.next(9)).d, false);
});

test('a resume replays what came after the last sequence number, in order', async (t) => {
  const emulator = await startEmulator(t, { interactionBudgetMs: 20 });
  const message = await sendMessage(emulator);
  const first = await openGateway(t, emulator);
  first.send(2, { token: emulator.token, intents: 1, properties: {} });
  const session = ((await first.next(0)).d as Json)['session_id'];
  const press = { userId: someone(emulator), channelId: emulator.channel, messageId: message, customId: 'approve' };
  const pressed = emulator.press(press);
  emulator.dropSockets();
  const again = emulator.press(press);
  const second = await openGateway(t, emulator);
  second.send(6, { token: emulator.token, session_id: session, seq: 2 });
  const replayed = [await second.next(0), await second.next(0), await second.next(0)];
  assert.deepEqual(
    replayed.map(({ t, s }) => [t, s]),
    [
      ['INTERACTION_CREATE', 3],
      ['INTERACTION_CREATE', 4],
      ['RESUMED', 5],
    ],
  );
  assert.deepEqual(
    replayed.slice(0, 2).map(({ d }) => (d as Json)['id']),
    [(await pressed).interactionId, (await again).interactionId],
  );
});

test('what the gateway cannot take closes the connection with its code', async (t) => {
  const emulator = await startEmulator(t);
  const identify = { token: emulator.token, intents: 1, properties: {} };
  const cases: [code: number, op: number, data: Json][] = [
    [4001, 99, {}],
    [4003, 3, {}],
    [4004, 2, { ...identify, token: 'wrong' }],
    [4004, 6, { token: 'wrong', session_id: 'x', seq: 1 }],
    [4002, 2, { token: emulator.token }],
    [4014, 2, { ...identify, intents: 1 << 15 }],
  ];
  for (const [code, op, data] of cases) {
    const socket = await openGateway(t, emulator);
    socket.send(op, data);
    assert.equal(await socket.closed, code, `op ${op}`);
  }
  const socket = await openGateway(t, emulator);
  socket.send(1, {});
  await socket.next(11);
  socket.send(2, identify);
  socket.send(2, identify);
  assert.equal(await socket.closed, 4005);
});

test('unanswered heartbeats make the client come back on a new connection', async (t) => {
  const emulator = await startEmulator(t, { heartbeatIntervalMs: 50 });
  await startClient(t, emulator);
  emulator.ignoreHeartbeats(true);
  await emulator.journal.until('a resume', (all) => all.find((one) => one.kind === 'socket' && one.event === 'resume'));
  emulator.ignoreHeartbeats(false);
});

test('a wrong token does not log in, a revoked one is answered with 401', async (t) => {
  const emulator = await startEmulator(t);
  await assert.rejects(createClient(t, emulator).login('not.a.token'), { code: 'TokenInvalid' });
  const client = await startClient(t, emulator);
  emulator.revokeToken();
  await assert.rejects(room(client, emulator).send('nobody listens'), withCode(0));
  assert.equal(entries(emulator, 'call').at(-1)?.status, 401);
  assert.equal(entries(emulator, 'call').at(-1)?.error, '0 401: Unauthorized');
  await assert.rejects(room(client, emulator).send('again'), /Expected token to be set/);
  assert.ok(client.isReady());
});

test('a bot of another emulator, whose port this one may have got, is not let in', async (t) => {
  const [gone, emulator] = [await startEmulator(t), await startEmulator(t)];
  const socket = await openGateway(t, emulator);
  socket.send(2, { token: gone.token, intents: 1, properties: {} });
  assert.equal(await socket.closed, 4004);
  const { status } = await call(emulator, 'GET', '/gateway/bot', undefined, gone.token);
  assert.equal(status, 401);
});

test('a privileged intent closes with 4014', async (t) => {
  const emulator = await startEmulator(t);
  const client = new Client({ intents: [GatewayIntentBits.MessageContent], rest: { api: emulator.url } });
  t.after(() => client.destroy());
  await assert.rejects(client.login(emulator.token), /disallowed intents/i);
  assert.equal(entries(emulator, 'refused')[0]?.reason, '4014: a privileged intent');
});

test('close ends every connection and every wait', async (t) => {
  const emulator = await startEmulator(t);
  const client = await startClient(t, emulator);
  const message = await room(client, emulator).send({ content: 'Go?', components: [buttons('approve')] });
  const seen = Promise.withResolvers<ButtonInteraction>();
  onButton(client, (interaction) => seen.resolve(interaction));
  const press = { userId: someone(emulator), channelId: emulator.channel, messageId: message.id, customId: 'approve' };
  const pressed = emulator.press(press);
  await seen.promise;
  emulator.fail('POST /channels/:channel/messages', { kind: 'hang', when: 'before' });
  const hanging = room(client, emulator)
    .send('nobody answers')
    .catch((error: Error) => error);
  await emulator.journal.until('the hang', (all) => all.find((one) => one.kind === 'call' && one.status === 0));
  client.on(Events.Error, () => {});
  await client.destroy();
  await emulator.close();
  assert.equal((await pressed).acked, false);
  assert.ok((await hanging) instanceof Error);
});
