/** Row 62: two replicas have a connection, so one that is cut loses no press; and the last logins of a day are kept. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Platform, Press } from '../../../../src/core/ports/ports.ts';
import { encodeButtonId } from '../../../../src/core/view/button-id.ts';
import { createDiscord } from '../../../../src/platforms/discord/index.ts';
import { createDiscordEmulator } from '../../../../src/sandbox/emulators/discord/index.ts';
import type { DiscordEmulatorOptions } from '../../../../src/sandbox/emulators/discord/types.ts';
import { createTestClock } from '../../../support/clock.ts';
import { sharedDuties } from '../../../support/fleet/shared-duties.ts';
import { captureLog } from '../../../support/log.ts';
import { accepting, buttonId, cardOf } from '../support.ts';

const { signal } = new AbortController();

async function createFleet(t: TestContext, options: DiscordEmulatorOptions = {}) {
  const clock = createTestClock();
  const emulator = await createDiscordEmulator({ identifyEveryMs: 5_000, now: clock.now, ...options });
  const duties = sharedDuties(clock);
  const { url: apiUrl, token, channel } = emulator;
  const platforms: Platform[] = [];
  t.after(async () => {
    const tooSoon = emulator.journal.entries.filter((entry) => entry.kind === 'refused' && entry.what === 'gateway');
    assert.deepEqual(tooSoon, [], 'every login came in its time');
    await Promise.all(platforms.map((platform) => platform.stop()));
    await emulator.close();
  });

  function replica(name: string) {
    const { log, lines } = captureLog();
    const discord = createDiscord({ token, channel, apiUrl, clock, log, fleet: duties.of(name) });
    platforms.push(discord);
    const presses: Press[] = [];
    const onPress = async (press: Press) => {
      presses.push(press);
      return { type: 'accepted' } as const;
    };
    const start = () => discord.start({ ...accepting, onPress });
    return { discord, presses, start, lines };
  }

  async function press(message: string) {
    const userId = emulator.state().users[0]?.id ?? '';
    return await emulator.press({ userId, channelId: channel, messageId: message, customId: encodeButtonId(buttonId) });
  }

  /** Moves the clock until it is so: what waits for the clock may begin to wait only later. */
  async function until(what: string, isSo: () => boolean, stepMs = 50): Promise<void> {
    for (let turn = 0; !isSo(); turn += 1) {
      assert.ok(turn < 2_000, `waited for ${what}`);
      clock.advance(stepMs);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  }

  const connections = () => emulator.state().connections;
  const socketEvents = (event: string) =>
    emulator.journal.entries.filter((entry) => entry.kind === 'socket' && entry.event === event).length;
  return { emulator, clock, duties, replica, press, until, connections, socketEvents };
}

/** Two that have a connection; the second identifies itself five seconds after the first. */
async function startPair(world: Awaited<ReturnType<typeof createFleet>>) {
  const [first, second] = [world.replica('a'), world.replica('b')];
  await first.start();
  const starting = second.start();
  await world.until('the second connection', () => world.connections() === 2);
  await starting;
  return { first, second };
}

test('row 62: two replicas are connected; both get a press, and its person gets one answer', async (t) => {
  const world = await createFleet(t);
  const { first, second } = await startPair(world);
  const place = { platform: 'discord', room: world.emulator.channel };
  const { message } = await first.discord.post(place, null, cardOf(), 'key', signal);
  assert.equal((await world.press(message)).type, 6);
  await world.until('both answers', () =>
    first
      .lines()
      .concat(second.lines())
      .some(({ msg }) => isSecond(msg)),
  );
  assert.deepEqual([first.presses.length, second.presses.length], [1, 1]);
  assert.equal(first.presses[0]?.id, second.presses[0]?.id);
  const answers = world.emulator.journal.entries.filter((entry) => entry.kind === 'callback');
  assert.deepEqual(answers.map((one) => (one.kind === 'callback' ? (one.refused ?? null) : null)).sort(), [
    40_060,
    null,
  ]);
  const all = [...first.lines(), ...second.lines()];
  assert.deepEqual(
    all.filter(({ level }) => Number(level) >= 40),
    [],
    'nothing is an error',
  );
});

function isSecond(msg: unknown): boolean {
  return String(msg).startsWith('a press was answered before');
}

test('row 62: a second login waits five seconds, and a third replica opens no connection but sees the server', async (t) => {
  const world = await createFleet(t);
  const [first, second, third] = [world.replica('a'), world.replica('b'), world.replica('c')];
  await first.start();
  const starting = second.start();
  await world.until('the second replica waiting at the gateway', () => world.socketEvents('open') === 2, 0);
  // Enough round trips for a login that does not wait.
  for (let trip = 0; trip < 20; trip += 1) await fetch(world.emulator.url);
  assert.equal(world.socketEvents('identify'), 1);
  await world.until('the second connection', () => world.connections() === 2);
  await starting;
  await third.start();
  assert.equal(world.socketEvents('open'), 2);
  await third.discord.check(signal);
  const [person] = world.emulator.state().users;
  const who = { actor: { platform: 'discord', id: person?.id ?? '', name: 'Mara' }, roles: person?.roles ?? [] };
  assert.equal(await third.discord.canRead(who, world.emulator.channel, signal), true);
});

test('row 62: when one is gone, presses arrive at the other, and the third takes its place', async (t) => {
  const world = await createFleet(t);
  const { first, second } = await startPair(world);
  const third = world.replica('c');
  await third.start();
  const place = { platform: 'discord', room: world.emulator.channel };
  const { message } = await first.discord.post(place, null, cardOf(), 'key', signal);
  await first.discord.stop();
  assert.equal((await world.press(message)).type, 6);
  assert.deepEqual([first.presses.length, second.presses.length], [0, 1]);
  await world.until('the third’s connection', () => world.connections() === 2);
  assert.equal((await world.press(message)).acked, true);
  await world.until('its press', () => third.presses.length === 1, 0);
});

test('a replica that stops frees its seat at once, and the third takes it without waiting for the lease', async (t) => {
  const world = await createFleet(t);
  const { first } = await startPair(world);
  assert.equal(world.duties.holder('discord-1'), 'a');
  await first.discord.stop();
  assert.equal(world.duties.holder('discord-1'), null);
  const third = world.replica('c');
  const starting = third.start();
  await world.until('the third’s connection', () => world.connections() === 2);
  await starting;
  assert.equal(world.duties.holder('discord-1'), 'c');
});

test('a replica that was frozen for longer than its lease gives its connection up', async (t) => {
  const world = await createFleet(t);
  const first = world.replica('a');
  await first.start();
  assert.equal(world.duties.holder('discord-1'), 'a');
  world.duties.give('discord-1', 'b', 1e9);
  world.duties.give('discord-2', 'c', 1e9);
  await world.until('its connection to close', () => world.connections() === 0);
  await first.discord.check(signal);
});

test('row 62: the last fifty logins of a day are kept: no IDENTIFY, and the check says why', async (t) => {
  const world = await createFleet(t, { sessionsLeft: 51 });
  const [first, second] = [world.replica('a'), world.replica('b')];
  await first.start();
  let started = false;
  const starting = second.start().then(() => {
    started = true;
  });
  await world.until('the second start', () => started);
  await starting;
  assert.equal(world.socketEvents('identify'), 1);
  await assert.rejects(second.discord.check(signal), /Discord allows 50 more logins in the next 24 hours/);
  await first.discord.check(signal);
  await world.until('the second to have left', () => world.connections() === 1);
});

test('without any login left a start goes on without presses, and the check says why', async (t) => {
  const world = await createFleet(t, { sessionsLeft: 0 });
  const only = world.replica('a');
  let started = false;
  const starting = only.start().then(() => {
    started = true;
  });
  // The library’s connection is waited for, though it was never opened.
  await world.until('the start', () => started);
  await starting;
  assert.equal(world.socketEvents('open'), 0);
  await assert.rejects(only.discord.check(signal), /Discord allows 0 more logins/);
});

test('the commands are registered once', async (t) => {
  const world = await createFleet(t);
  await startPair(world);
  const posts = world.emulator.writes().filter((write) => /^POST .*\/commands$/.test(write));
  assert.equal(posts.length, 2);
});
