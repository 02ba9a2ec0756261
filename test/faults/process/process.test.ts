/** The process itself: held up, out of memory, out of files, or thrown out of a handler. Children, and real signals. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { calls, pressSlack, textOf } from '../../support/people/room.ts';
import { type Bot, type BotOptions, type Outside, withOutside } from '../../support/worlds/bot.ts';
import { dana } from '../../support/worlds/world.ts';

/** Something unforeseen: start it again. */
const EXIT_CRASH = 70;
const preload = fileURLToPath(new URL('../../support/worlds/misbehave.ts', import.meta.url));

function misbehaving(deed: 'block' | 'heap' | 'throw' | 'reject', more: BotOptions = {}): BotOptions {
  return { ...more, flags: ['--import', preload, ...(more.flags ?? [])], env: { MISBEHAVE: deed, ...more.env } };
}

const effects = (outside: Outside) => calls(outside, 'approve').filter(({ effect }) => effect);
const roots = (outside: Outside) => outside.slackCards().filter(({ threadTs }) => threadTs === null);

async function firstCard(outside: Outside, bot: Bot) {
  await outside.dispatch(bot, 'refund-agent');
  return outside.until('the card', () => {
    const inDiscord = outside.discord.state().messages.length > 0;
    return inDiscord ? roots(outside)[0] : undefined;
  });
}

/** The card that stood before is decided now, by one call, and there is no other card. */
async function assertGoesOn(outside: Outside) {
  const card = roots(outside)[0];
  assert.ok(card);
  assert.ok((await pressSlack(outside, dana, card, 'Approve')).acked);
  await outside.until('the card to say so', () =>
    textOf(roots(outside)[0] ?? card).includes('Approved by Dana Reyes') ? true : undefined,
  );
  assert.equal(roots(outside).length, 1);
  assert.equal(effects(outside).length, 1);
}

/** On a connection of its own, as a probe has it. @returns the status, or what came instead */
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
  test('row 40: an event loop that is held up for 3 s shows in health, and nothing is lost', () =>
    withOutside(async (outside) => {
      const bot = await outside.start(misbehaving('block'));
      await firstCard(outside, bot);
      assert.equal(await probe(bot, '/healthz'), 200);
      bot.signal('SIGUSR2');
      // A probe that overtakes the signal is still answered.
      let during = await probe(bot, '/healthz', 500);
      while (during === 200) during = await probe(bot, '/healthz', 500);
      assert.equal(during, 'no answer', 'as long as a supervisor waits for one');
      assert.equal(await probe(bot, '/healthz', 5_000), 503, 'and the next one reads why');
      const ready = (await (await fetch(`http://127.0.0.1:${bot.port}/readyz`)).json()) as Record<string, unknown>;
      assert.ok(ready['checks']);
      const metrics = await (await fetch(`http://127.0.0.1:${bot.port}/metrics`)).text();
      assert.ok(Number(/countersign_event_loop_lag_seconds ([\d.]+)/.exec(metrics)?.[1]) >= 2.5);
      assert.match(metrics, /process_resident_memory_bytes \d/);
      await assertGoesOn(outside);
    }));

  test('row 40: a full heap ends the process, and the next one goes on and says so', () =>
    withOutside(async (outside) => {
      const small = { flags: ['--max-old-space-size=128'], limits: 'ulimit -c 0' };
      const bot = await outside.start(misbehaving('heap', small));
      await firstCard(outside, bot);
      bot.signal('SIGUSR2');
      const { code, signal } = await bot.ended();
      assert.ok(signal === 'SIGABRT' || code === 134, `${code} ${signal}`);
      assert.ok(
        bot.lines().some(({ text }) => /heap/i.test(String(text))),
        'Node says why',
      );

      const next = await outside.start({ env: { ALERTS: `slack:${outside.slack.channel}` } });
      const ready = await next.untilLine('ready', ({ msg }) => msg === 'ready');
      assert.equal(ready['after'], 'crashed');
      const readyz = await fetch(`http://127.0.0.1:${next.port}/readyz`);
      const { started } = (await readyz.json()) as { started: { after: string; recovered: object } };
      assert.equal(started.after, 'crashed');
      assert.deepEqual(started.recovered, { unfinished: 1, inDoubt: 0, runsLost: 0 });
      const alert = await outside.until('the operator to be told', () =>
        outside.slackCards().find((message) => textOf(message).includes('after a crash')),
      );
      assert.match(textOf(alert), /Taken back: 1 open approvals, 0 decisions/);
      outside.slack.deleteMessage(alert.channel, alert.ts);
      await assertGoesOn(outside);
    }));

  test('row 40: without a file handle to spare a press is kept, and sent once there is one', () =>
    withOutside(async (outside) => {
      const bot = await outside.start({ limits: 'ulimit -n 64' });
      const card = await firstCard(outside, bot);
      const release = await fillUp(bot);
      try {
        assert.equal(await probe(bot, '/healthz', 500), 'no answer');
        // Socket Mode's connection stands, and so does the database.
        assert.ok((await pressSlack(outside, dana, card, 'Approve')).acked);
        await bot.untilLine(
          'the decision to wait',
          (line) => line['kind'] === 'decide' && line['outcome'] === 'unsent',
        );
        assert.equal(effects(outside).length, 0);
      } finally {
        release();
      }
      await outside.until('the decision', () => (effects(outside).length === 1 ? true : undefined));
      await outside.until('the card to say so', () =>
        textOf(roots(outside)[0] ?? card).includes('Approved by Dana Reyes') ? true : undefined,
      );
      assert.equal(await probe(bot, '/healthz'), 200);
      assert.equal(roots(outside).length, 1);
      bot.signal('SIGTERM');
      assert.equal((await bot.ended()).code, 0);
    }));
});

/**
 * Takes every file handle that the bot has to spare, and each that it gets to spare later.
 * @returns the way to let go
 */
async function fillUp(bot: Bot): Promise<() => void> {
  const held = new Set<Socket>();
  let letGo = false;
  const take = () => {
    if (letGo) return;
    const socket = connect(bot.port, '127.0.0.1').on('error', () => {});
    held.add(socket);
    socket.on('close', () => {
      held.delete(socket);
      setTimeout(take, 2);
    });
  };
  for (let one = 0; one < 100; one += 1) take();
  const release = () => {
    letGo = true;
    for (const socket of held) socket.destroy();
  };
  // The kernel takes connections that the process can't: a question shows whether it was taken.
  for (let tries = 0; tries < 50; tries += 1) {
    if ((await probe(bot, '/healthz', 300)) === 'no answer') return release;
  }
  release();
  throw new Error('it still answers');
}

describe('row 41: what escapes every handler', () => {
  test('row 41: an exception, a rejection, a frame that discord.js dies of: logged, 70, and each next start is clean', () =>
    withOutside(async (outside) => {
      const first = await outside.start(misbehaving('throw'));
      await firstCard(outside, first);
      first.signal('SIGUSR2');
      await assertCrashed(first, /thrown by a test, in a timer/);

      const second = await outside.start(misbehaving('reject'));
      second.signal('SIGUSR2');
      await assertCrashed(second, /rejected by a test, and nobody listens/);

      const third = await outside.start();
      assert.equal(third.lines().find(({ msg }) => msg === 'ready')?.['after'], 'crashed');
      // HELLO without its `d`: it rejects inside the library, where nobody can listen.
      outside.discord.sendFrame({ op: 10 });
      await assertCrashed(third, /heartbeat_interval/);

      await outside.start();
      await assertGoesOn(outside);
    }));
});

async function assertCrashed(bot: Bot, words: RegExp) {
  assert.equal((await bot.ended()).code, EXIT_CRASH);
  const last = bot.lines().at(-1);
  assert.equal(last?.['level'], 60, JSON.stringify(bot.lines().slice(-4)));
  assert.match(JSON.stringify(last), words);
}
