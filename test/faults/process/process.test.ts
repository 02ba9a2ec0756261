/** The process itself: blocked, out of memory, out of file handles, or ended by an exception. Real child processes. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { calls, pressSlack, textOf } from '../../support/people/room.ts';
import { type Bot, type BotOptions, type BotWorld, withBots } from '../../support/worlds/bots.ts';
import { dana } from '../../support/worlds/world.ts';

/** Exit code of an unexpected error: the supervisor restarts the bot. */
const EXIT_CRASH = 70;
const preload = fileURLToPath(new URL('../../support/worlds/misbehave.ts', import.meta.url));

function misbehaving(fault: 'block' | 'heap' | 'throw' | 'reject', more: BotOptions = {}): BotOptions {
  return { ...more, flags: ['--import', preload, ...(more.flags ?? [])], env: { MISBEHAVE: fault, ...more.env } };
}

const effects = (world: BotWorld) => calls(world, 'approve').filter(({ effect }) => effect);
const roots = (world: BotWorld) => world.slackCards().filter(({ threadTs }) => threadTs === null);

async function firstCard(world: BotWorld, bot: Bot) {
  await world.dispatch(bot);
  return world.until('the card', () => {
    const inDiscord = world.discord.state().messages.length > 0;
    return inDiscord ? roots(world)[0] : undefined;
  });
}

/** Asserts that the earlier card is decided now, by one call, and that there is no other card. */
async function assertStillWorks(world: BotWorld) {
  const card = roots(world)[0];
  assert.ok(card);
  assert.ok((await pressSlack(world, dana, card, 'Approve')).acked);
  await world.until('the card to say so', () =>
    textOf(roots(world)[0] ?? card).includes('Approved by Dana Reyes') ? true : undefined,
  );
  assert.equal(roots(world).length, 1);
  assert.equal(effects(world).length, 1);
}

/** Requests a path on a new connection, as a probe does. @returns the status, or the error */
async function probe(bot: Bot, path: string, timeoutMs = 2_000): Promise<number | 'no answer'> {
  const asked = request({ port: bot.port, path, agent: false, signal: AbortSignal.timeout(timeoutMs) }).end();
  try {
    const [answer] = (await once(asked, 'response')) as [IncomingMessage];
    answer.resume();
    return answer.statusCode ?? 0;
  } catch {
    return 'no answer';
  }
}

describe('row 40: the limits of the process', () => {
  test('row 40: an event loop that is blocked for 3 s shows in health, and nothing is lost', () =>
    withBots(async (world) => {
      const bot = await world.start(misbehaving('block'));
      await firstCard(world, bot);
      assert.equal(await probe(bot, '/healthz'), 200);
      bot.kill('SIGUSR2');
      // A probe that arrives before the signal is still answered.
      let during = await probe(bot, '/healthz', 500);
      while (during === 200) during = await probe(bot, '/healthz', 500);
      assert.equal(during, 'no answer', 'within a supervisor’s probe timeout');
      assert.equal(await probe(bot, '/healthz', 5_000), 503, 'a later probe gets the reason');
      const ready = (await (await fetch(`http://127.0.0.1:${bot.port}/readyz`)).json()) as Record<string, unknown>;
      assert.ok(ready['checks']);
      const metrics = await (await fetch(`http://127.0.0.1:${bot.port}/metrics`)).text();
      assert.ok(Number(/countersign_event_loop_lag_seconds ([\d.]+)/.exec(metrics)?.[1]) >= 2.5);
      assert.match(metrics, /process_resident_memory_bytes \d/);
      await assertStillWorks(world);
    }));

  test('row 40: a full heap ends the process, and the next one continues and reports it', () =>
    withBots(async (world) => {
      const small = { flags: ['--max-old-space-size=128'], limits: 'ulimit -c 0' };
      const bot = await world.start(misbehaving('heap', small));
      await firstCard(world, bot);
      bot.kill('SIGUSR2');
      const end = await bot.ended;
      assert.ok(end === 'SIGABRT' || end === 134, `${end}`);
      assert.ok(
        bot.log().some(({ text }) => /heap/i.test(String(text))),
        'Node logs the reason',
      );

      const next = await world.start({ env: { ALERTS: `slack:${world.slack.channel}` } });
      const ready = JSON.parse(await next.until(/"msg":"ready"/));
      assert.equal(ready['after'], 'crashed');
      const readyz = await fetch(`http://127.0.0.1:${next.port}/readyz`);
      const { started } = (await readyz.json()) as { started: { after: string; recovered: object } };
      assert.equal(started.after, 'crashed');
      assert.deepEqual(started.recovered, { unfinished: 1, inDoubt: 0, runsLost: 0 });
      const alert = await world.until('the alert', () =>
        world.slackCards().find((message) => textOf(message).includes('after a crash')),
      );
      assert.match(textOf(alert), /Recovered: 1 open approvals, 0 decisions/);
      world.slack.deleteMessage(alert.channel, alert.ts);
      await assertStillWorks(world);
    }));

  test('row 40: without a free file handle a press is kept, and sent once there is one', () =>
    withBots(async (world) => {
      const bot = await world.start({ limits: 'ulimit -n 64' });
      const card = await firstCard(world, bot);
      const release = await fillUp(bot);
      try {
        assert.equal(await probe(bot, '/healthz', 500), 'no answer');
        // Socket Mode's connection and the database are open already.
        assert.ok((await pressSlack(world, dana, card, 'Approve')).acked);
        await bot.until(/"kind":"decide".*"outcome":"unsent"/);
        assert.equal(effects(world).length, 0);
      } finally {
        release();
      }
      await world.until('the decision', () => (effects(world).length === 1 ? true : undefined));
      await world.until('the card to say so', () =>
        textOf(roots(world)[0] ?? card).includes('Approved by Dana Reyes') ? true : undefined,
      );
      assert.equal(await probe(bot, '/healthz'), 200);
      assert.equal(roots(world).length, 1);
      assert.equal((await world.stop(bot, 'SIGTERM')).end, 0);
    }));
});

/**
 * Takes every free file handle of the bot, and each one that it frees later.
 * @returns releases them
 */
async function fillUp(bot: Bot): Promise<() => void> {
  const held = new Set<Socket>();
  let released = false;
  const take = () => {
    if (released) return;
    const socket = connect(bot.port, '127.0.0.1').on('error', () => {});
    held.add(socket);
    socket.on('close', () => {
      held.delete(socket);
      setTimeout(take, 2);
    });
  };
  for (let one = 0; one < 100; one += 1) take();
  const release = () => {
    released = true;
    for (const socket of held) socket.destroy();
  };
  // The kernel accepts connections that the process can't: only a request shows whether it was accepted.
  for (let tries = 0; tries < 50; tries += 1) {
    if ((await probe(bot, '/healthz', 300)) === 'no answer') return release;
  }
  release();
  throw new Error('it still answers');
}

describe('row 41: exceptions that escape every handler', () => {
  test('row 41: an exception, a rejection, a frame that crashes discord.js: logged, 70, and each next start is clean', () =>
    withBots(async (world) => {
      const first = await world.start(misbehaving('throw'));
      await firstCard(world, first);
      first.kill('SIGUSR2');
      await assertCrashed(first, /thrown by a test, in a timer/);

      const second = await world.start(misbehaving('reject'));
      second.kill('SIGUSR2');
      await assertCrashed(second, /rejected by a test, without a handler/);

      const third = await world.start();
      assert.equal(third.log().find(({ msg }) => msg === 'ready')?.['after'], 'crashed');
      // HELLO without its `d`: it rejects inside the library, where no handler can be attached.
      world.discord.sendFrame({ op: 10 });
      await assertCrashed(third, /heartbeat_interval/);

      await world.start();
      await assertStillWorks(world);
    }));
});

async function assertCrashed(bot: Bot, text: RegExp) {
  assert.equal(await bot.ended, EXIT_CRASH);
  const last = bot.log().at(-1);
  assert.equal(last?.['level'], 60, JSON.stringify(bot.log().slice(-4)));
  assert.match(JSON.stringify(last), text);
}
