import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { createRest, createSendRequest } from '../../../../src/platforms/discord/api/rest.ts';
import { permissionsIn } from '../../../../src/platforms/discord/channels/readers.ts';
import { ServerView } from '../../../../src/platforms/discord/endpoint/server-view.ts';
import { createDiscordEmulator } from '../../../../src/sandbox/emulators/discord/index.ts';
import { systemClock } from '../../../../src/system/clock.ts';
import { captureLog } from '../../../support/log.ts';

const VIEW_CHANNEL = 1n << 10n;

async function startView(t: TestContext) {
  const emulator = await createDiscordEmulator();
  const { url: apiUrl, token } = emulator;
  const { rest, close } = createRest({ apiUrl, timeoutMs: 2_000 });
  let ahead = 0;
  const clock = { ...systemClock, monotonic: () => systemClock.monotonic() + ahead };
  const send = createSendRequest({ rest, token, timeoutMs: 2_000, clock, log: captureLog().log });
  const lifetime = new AbortController();
  t.after(async () => {
    lifetime.abort();
    close();
    await emulator.close();
  });
  const view = new ServerView(send, clock, lifetime.signal);
  const reads = () => emulator.journal.entries.filter((entry) => entry.kind === 'call').length;
  return {
    emulator,
    view,
    reads,
    advance(ms: number) {
      ahead += ms;
    },
  };
}

test('who the bot is and its only server are known after the start', async (t) => {
  const { emulator, view } = await startView(t);
  assert.deepEqual([view.application, view.botUserId, view.onlyGuild], [null, null, null]);
  await view.start();
  assert.equal(view.application?.verify_key, emulator.publicKey);
  assert.deepEqual([view.botUserId, view.onlyGuild], [emulator.botUserId, emulator.guildId]);
});

test('a channel has the rules of its server, asked for once a minute however many need it', async (t) => {
  const { emulator, view, reads, advance } = await startView(t);
  const person = emulator.state().users.at(-1);
  const canView = async () => {
    const room = await view.room(emulator.channel);
    return room !== null && (permissionsIn(room, person?.id ?? '', person?.roles ?? []) & VIEW_CHANNEL) !== 0n;
  };
  assert.deepEqual(await Promise.all([canView(), canView(), canView()]), [true, true, true]);
  assert.equal(reads(), 2);
  emulator.setOverwrites(emulator.channel, [
    { id: emulator.guildId, type: 0, allow: '0', deny: String(VIEW_CHANNEL) },
    { id: emulator.botUserId, type: 1, allow: String(VIEW_CHANNEL), deny: '0' },
  ]);
  assert.equal(await canView(), true);
  advance(60_000);
  assert.equal(await canView(), false);
  assert.equal(reads(), 4);
});

test('roles have their names; a failure is not kept', async (t) => {
  const { emulator, view } = await startView(t);
  const [role = ''] = emulator.state().users[0]?.roles ?? [];
  emulator.fail('GET /guilds/:id', { kind: 'status', status: 500, when: 'before' });
  await assert.rejects(async () => view.roleName(emulator.guildId, role));
  assert.equal(await view.roleName(emulator.guildId, role), 'Reviewers');
  assert.equal(await view.roleName(emulator.guildId, '1'), null);
});
