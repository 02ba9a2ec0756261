/**
 * `npm run ask` over its whole life, against the real bot: however its asker ends, a card says *Approved* only where the
 * asker has the decision. One bot for all but the last, which restarts it.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Child, startChild } from '../../support/child.ts';
import { secretOf } from '../../support/data/secrets.ts';
import { fillSlack, pressSlack, submitSlack, textOf } from '../../support/people/room.ts';
import { type Bot, type BotWorld, withBots } from '../../support/worlds/bots.ts';
import { dana } from '../../support/worlds/world.ts';

function startAsk(bot: Bot, ...args: string[]): Child {
  const env = { ASK_URL: `http://127.0.0.1:${bot.port}`, ASK_TOKEN: secretOf('ask') };
  return startChild('src/cli/ask.ts', { env, args });
}

const waits = (child: Child) => child.until(/Waiting for a decision/);
const cardOf = ({ slackCards }: BotWorld, question: string) =>
  slackCards().find((message) => textOf(message).includes(question));
const posted = (world: BotWorld, question: string) =>
  world.until(`a card of ${question}`, () => cardOf(world, question));
/** One that ended before it was posted is not posted. */
const untilSays = (world: BotWorld, question: string, words: RegExp, mayBeUnposted = false) =>
  world.until(`the card of ${question} to say ${words.source}`, () => {
    const card = cardOf(world, question);
    return card === undefined ? mayBeUnposted || undefined : words.test(textOf(card)) || undefined;
  });

test('an asker that is answered, rejected, late, interrupted or killed', () =>
  withBots(
    async (world) => {
      const bot = await world.start();
      const expiring = startAsk(bot, 'Deploy 1.7?', '--timeout', '3s');
      await waits(expiring);
      const answered = startAsk(bot, 'Where to?', '--option', 'staging', '--option', 'production');
      const rejected = startAsk(bot, 'Deploy 1.5?');
      const late = startAsk(bot, 'Deploy 1.6?', '--timeout', '3s');
      const abandoned = startAsk(bot, 'Deploy 1.8?');
      const signals = [
        ['SIGHUP', 129, startAsk(bot, 'Deploy 2.1?')],
        ['SIGINT', 130, startAsk(bot, 'Deploy 2.2?')],
        ['SIGTERM', 143, startAsk(bot, 'Deploy 2.3?')],
      ] as const;

      for (const child of [expiring, abandoned]) {
        await waits(child);
        child.kill('SIGKILL');
        assert.equal(await child.ended, 'SIGKILL');
      }
      await pressSlack(world, dana, await posted(world, 'Deploy 1.8?'), 'Approve');
      await untilSays(world, 'Deploy 1.8?', /pressed Approve[\s\S]*Waiting for its asker/);

      await pressSlack(world, dana, await posted(world, 'Where to?'), 'Answer');
      await fillSlack(world, dana, { 'Where to?': 'production' });
      assert.equal(await answered.ended, 0);
      assert.equal(answered.lines.at(-1), 'production');
      await untilSays(world, 'Where to?', /Answered by/);

      await pressSlack(world, dana, await posted(world, 'Deploy 1.5?'), 'Reject');
      await submitSlack(world, dana, 'Not on a Friday');
      assert.equal(await rejected.ended, 1);
      await untilSays(world, 'Deploy 1.5?', /Rejected by/);

      for (const [signal, code, child] of signals) {
        await waits(child);
        child.kill(signal);
        assert.equal(await child.ended, code);
        assert.equal(child.lines.at(-1), 'Interrupted. The request was withdrawn.');
      }
      assert.equal(await late.ended, 2);
      await untilSays(world, 'Deploy 1.6?', /Withdrawn|Expired/, true);
      for (const version of ['2.1', '2.2', '2.3']) await untilSays(world, `Deploy ${version}?`, /Withdrawn/, true);
      await untilSays(world, 'Deploy 1.7?', /Expired/, true);
      const approved = world.slackCards().filter((card) => /Approved/.test(textOf(card)));
      assert.deepEqual(approved.map(textOf), []);
    },
    { platforms: ['slack'] },
  ));

test('an asker over a restart of the bot, and one that leaves meanwhile', () =>
  withBots(
    async (world) => {
      const bot = await world.start();
      const [stays, leaves] = [startAsk(bot, 'Deploy 3.1?'), startAsk(bot, 'Deploy 3.2?', '--timeout', '3s')];
      await Promise.all([waits(stays), waits(leaves)]);
      await world.stop(bot, 'SIGKILL');
      leaves.kill('SIGINT');
      assert.equal(await leaves.ended, 130);
      assert.match(leaves.lines.join('\n'), /could not be withdrawn\. .*It expires automatically at \d{4}-/);
      const again = await world.start({ env: { PORT: String(bot.port) } });
      assert.equal(again.port, bot.port);
      await pressSlack(world, dana, await posted(world, 'Deploy 3.1?'), 'Approve');
      assert.equal(await stays.ended, 0, stays.lines.join('\n'));
      await untilSays(world, 'Deploy 3.1?', /Approved by/);
      await untilSays(world, 'Deploy 3.2?', /Expired/, true);
    },
    { platforms: ['slack'] },
  ));
