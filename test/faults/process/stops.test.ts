/** Stops and starts of the real process: signals at unfavourable moments, and the state that the next start finds. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { askBot } from '../../../src/doctor/socket/ask.ts';
import { calls, pressSlack, textOf } from '../../support/people/room.ts';
import { runs } from '../../support/property.ts';
import { type Bot, type BotWorld, withBots } from '../../support/worlds/bots.ts';
import { dana } from '../../support/worlds/world.ts';

/** The design's "about ten seconds"; supervisors wait at least this long. */
const STOP_LIMIT_MS = 14_000;

/** Posts that Slack accepted for the room of the cards. */
const posts = ({ slack }: BotWorld) =>
  slack.journal.entries.filter((entry) => entry.kind === 'call' && entry.method === 'chat.postMessage' && entry.ok);

const effects = (world: BotWorld) => calls(world, 'approve').filter(({ effect }) => effect);

const discordCards = ({ discord }: BotWorld) =>
  discord.state().messages.filter(({ channelId, embeds }) => channelId === discord.channel && embeds.length > 0);

/** Asserts one live card for each run in each room, and no other. */
function assertOneCardEach(world: BotWorld, count: number) {
  assert.equal(world.slackCards().filter(({ threadTs }) => threadTs === null).length, count, 'cards in Slack');
  assert.equal(discordCards(world).length, count, 'cards in Discord');
}

async function dispatchMany(world: BotWorld, bot: Bot, count: number) {
  for (let run = 0; run < count; run += 1) await world.dispatch(bot);
}

test('SIGHUP leaves a service that has no policy file running, and the log and the doctor say why a new file waits', () =>
  withBots(async (world) => {
    const bot = await world.start();
    bot.kill('SIGHUP');
    await bot.until(/there is no policy file to read again; .* restart to apply/);
    const unused = async () => {
      const report = await askBot(world.file, true);
      return (
        report?.groups.flatMap(({ findings }) => findings).filter(({ check }) => check === 'policy.unused') ?? null
      );
    };
    assert.deepEqual(await unused(), []);

    writeFileSync(join(world.folder, 'countersign.yml'), 'version: 1\n');
    bot.kill('SIGHUP');
    await bot.until(
      /started without a policy file, so countersign\.yml does not apply: remove from \.env .* then restart/,
    );
    const [found, ...more] = (await unused()) ?? [];
    assert.equal(more.length, 0);
    assert.deepEqual([found?.level, found?.where], ['fault', 'countersign.yml']);
    assert.match(found?.what ?? '', /does not apply: this bot started without a policy file/);
    assert.match(found?.remedy ?? '', /Remove from \.env what the doctor names under Settings, then restart/);

    await world.dispatch(bot);
    await world.until('a card', () => (world.slackCards().length === 1 ? true : undefined));
    assert.equal((await world.stop(bot, 'SIGTERM')).end, 0);
  }));

describe('row 38: SIGTERM', { concurrency: 3 }, () => {
  test('row 38: with queued posts and calls in progress ends with 0 in time, and logs what is left', () =>
    withBots(async (world) => {
      // RUNS=20 makes the row's hundred posts and twenty calls.
      const decided = runs(4);
      const asked = Math.ceil(2.5 * decided);
      const first = await world.start();
      await dispatchMany(world, first, decided);
      await world.until('their cards', () => (world.slackCards().length === decided ? true : undefined));
      // The calls arrive, and get no answer.
      world.runtype.fail('/v1/dispatch/approve', { kind: 'hang', when: 'after' }, decided);
      for (const card of world.slackCards()) await pressSlack(world, dana, card, 'Approve');
      await world.until('the calls to be in progress', () => (effects(world).length === decided ? true : undefined));
      // One post in each room hangs, and the others are queued behind it.
      world.slack.fail('chat.postMessage', { kind: 'hang', when: 'before' });
      world.discord.fail('POST /channels/:id/messages', { kind: 'hang', when: 'before' });
      await dispatchMany(world, first, asked);

      const stopped = world.stop(first, 'SIGTERM');
      await first.until(/"msg":"stopping"/);
      const postedAtSignal = posts(world).length;
      assert.equal(postedAtSignal, decided);
      const { end, ms } = await stopped;
      assert.equal(end, 0, JSON.stringify(first.log().slice(-5)));
      assert.ok(ms < STOP_LIMIT_MS, `it took ${ms} ms`);
      assert.equal(posts(world).length, postedAtSignal, 'no new post is started');
      const complete = first.log().find(({ msg }) => String(msg).startsWith('shutdown complete'));
      const left = complete?.['left'] as { draw: number; decide: number };
      const count = Object.values(left).reduce((sum, jobs) => sum + jobs, 0);
      assert.equal(complete?.['msg'], `shutdown complete; ${count} jobs left for the next start`);
      assert.ok(left.draw >= 2 * asked, JSON.stringify(left));
      assert.equal(left.decide, decided);
      assert.equal(calls(world, 'approve').length, decided, 'and none of the calls is repeated');

      const second = await world.start();
      const state = second.log().find(({ msg }) => msg === 'ready');
      assert.equal(state?.['after'], 'clean');
      await world.until('all cards to be posted and all decisions recorded', () => {
        const cards = world.slackCards();
        const roots = cards.filter(({ threadTs }) => threadTs === null);
        const approved = roots.filter((card) => textOf(card).includes('Approved by Dana Reyes'));
        return roots.length >= decided + asked && approved.length === decided ? true : undefined;
      });
      await world.until('Discord, too', () => (discordCards(world).length >= decided + asked ? true : undefined));
      assertOneCardEach(world, decided + asked);
      assert.equal(effects(world).length, decided, 'each decision had its effect once');
    }));

  test('row 38: at any moment of work ends with 0, and nothing is lost or duplicated', () =>
    withBots(async (world) => {
      const tries = runs(3);
      let dispatched = 0;
      for (let turn = 0; turn < tries; turn += 1) {
        const bot = await world.start();
        // Slack refreshing its connections, or being unreachable for a moment, must not end the process.
        if (turn % 3 === 1) world.slack.refreshSockets();
        if (turn % 3 === 2) {
          world.slack.fail('apps.connections.open', { kind: 'hang', when: 'before' }, 2);
          world.slack.dropSockets();
        }
        await dispatchMany(world, bot, 3);
        dispatched += 3;
        const card = world.slackCards().at(-1);
        if (card !== undefined && turn % 3 === 0) await pressSlack(world, dana, card, 'Approve');
        const { end, ms } = await world.stop(bot, 'SIGTERM');
        assert.equal(end, 0, JSON.stringify(bot.log().slice(-5)));
        assert.ok(ms < STOP_LIMIT_MS, `it took ${ms} ms`);
        world.slack.heal();
      }
      const last = await world.start();
      const roots = () => world.slackCards().filter(({ threadTs }) => threadTs === null).length;
      await world.until('one card for each', () => (roots() >= dispatched ? true : undefined));
      await world.until('in Discord, too', () => (discordCards(world).length >= dispatched ? true : undefined));
      assert.equal((await world.stop(last, 'SIGTERM')).end, 0);
      assertOneCardEach(world, dispatched);
      const decided = new Set(calls(world, 'approve').map(({ body }) => body['approvalId']));
      assert.equal(effects(world).length, decided.size);
    }));

  test('row 38: during the start ends with 0, too', () =>
    withBots(async (world) => {
      world.slack.fail('auth.test', { kind: 'hang', when: 'before' }, 1);
      const bot = await world.start({ untilReady: false });
      await bot.until(/"msg":"state (?:read back|restored)"/);
      const { end, ms } = await world.stop(bot, 'SIGTERM');
      assert.equal(end, 0, JSON.stringify(bot.log()));
      assert.ok(ms < 5_000, `it took ${ms} ms`);
    }));
});
