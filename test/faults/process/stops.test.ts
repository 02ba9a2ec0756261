/** Stops and starts of the real process: signals at bad moments, and what the next start finds. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { calls, pressSlack, textOf } from '../../support/people/room.ts';
import { runs } from '../../support/property.ts';
import { type Bot, type Outside, withOutside } from '../../support/worlds/bot.ts';
import { dana } from '../../support/worlds/world.ts';

/** The design's "about ten seconds", and what supervisors give at the least. */
const STOP_LIMIT_MS = 14_000;

/** Posts that Slack took for its room of cards. */
const posts = ({ slack }: Outside) =>
  slack.journal.entries.filter((entry) => entry.kind === 'call' && entry.method === 'chat.postMessage' && entry.ok);

const effects = (outside: Outside) => calls(outside, 'approve').filter(({ effect }) => effect);

const discordCards = ({ discord }: Outside) =>
  discord.state().messages.filter(({ channelId, embeds }) => channelId === discord.channel && embeds.length > 0);

/** One live card a run in each room, and no other. */
function assertOneCardEach(outside: Outside, count: number) {
  assert.equal(outside.slackCards().filter(({ threadTs }) => threadTs === null).length, count, 'cards in Slack');
  assert.equal(discordCards(outside).length, count, 'cards in Discord');
}

async function dispatchMany(outside: Outside, bot: Bot, count: number) {
  for (let run = 0; run < count; run += 1) await outside.dispatch(bot, 'refund-agent');
}

describe('row 38: SIGTERM', { concurrency: 3 }, () => {
  test('row 38: with posts waiting and calls under way ends with 0 in time, and says what it left', () =>
    withOutside(async (outside) => {
      // The row's hundred posts and twenty calls with RUNS=20.
      const decided = runs(8);
      const asked = Math.ceil(2.5 * decided);
      const first = await outside.start();
      await dispatchMany(outside, first, decided);
      await outside.until('their cards', () => (outside.slackCards().length === decided ? true : undefined));
      // They arrive, and no answer comes.
      outside.runtype.fail('/v1/dispatch/approve', { kind: 'hang', when: 'after' }, decided);
      for (const card of outside.slackCards()) await pressSlack(outside, dana, card, 'Approve');
      await outside.until('the calls to be under way', () => (effects(outside).length === decided ? true : undefined));
      // One post in each room hangs, and the others wait for their turn behind it.
      outside.slack.fail('chat.postMessage', { kind: 'hang', when: 'before' });
      outside.discord.fail('POST /channels/:id/messages', { kind: 'hang', when: 'before' });
      await dispatchMany(outside, first, asked);

      first.signal('SIGTERM');
      const ended = first.ended();
      await first.untilLine('the stop to begin', ({ msg }) => msg === 'stopping');
      const postedAtSignal = posts(outside).length;
      assert.equal(postedAtSignal, decided);
      const { code, ms } = await ended;
      assert.equal(code, 0, JSON.stringify(first.lines().slice(-5)));
      assert.ok(ms < STOP_LIMIT_MS, `it took ${ms} ms`);
      assert.equal(posts(outside).length, postedAtSignal, 'no new post is begun');
      const drained = first.lines().find(({ msg }) => String(msg).startsWith('drained'));
      const left = drained?.['left'] as { draw: number; decide: number };
      assert.ok(left.draw >= 2 * asked, JSON.stringify(left));
      assert.equal(left.decide, decided);
      assert.equal(calls(outside, 'approve').length, decided, 'and none of the calls is repeated');

      const second = await outside.start();
      const state = second.lines().find(({ msg }) => msg === 'ready');
      assert.equal(state?.['after'], 'stopped in order');
      await outside.until('all cards to be posted and all decisions recorded', () => {
        const cards = outside.slackCards();
        const roots = cards.filter(({ threadTs }) => threadTs === null);
        const approved = roots.filter((card) => textOf(card).includes('Approved by Dana Reyes'));
        return roots.length >= decided + asked && approved.length === decided ? true : undefined;
      });
      await outside.until('Discord, too', () => (discordCards(outside).length >= decided + asked ? true : undefined));
      assertOneCardEach(outside, decided + asked);
      assert.equal(effects(outside).length, decided, 'each decision had its effect once');
    }));

  test('row 38: at any moment of work ends with 0, and nothing is lost or doubled', () =>
    withOutside(async (outside) => {
      const tries = runs(3);
      let dispatched = 0;
      for (let turn = 0; turn < tries; turn += 1) {
        const bot = await outside.start();
        // A Slack that refreshes its connections, or can't be reached again at once, is no reason to die.
        if (turn % 3 === 1) outside.slack.refreshSockets();
        if (turn % 3 === 2) {
          outside.slack.fail('apps.connections.open', { kind: 'hang', when: 'before' }, 2);
          outside.slack.dropSockets();
        }
        await dispatchMany(outside, bot, 3);
        dispatched += 3;
        const card = outside.slackCards().at(-1);
        if (card !== undefined && turn % 3 === 0) await pressSlack(outside, dana, card, 'Approve');
        bot.signal('SIGTERM');
        const { code, ms } = await bot.ended();
        assert.equal(code, 0, JSON.stringify(bot.lines().slice(-5)));
        assert.ok(ms < STOP_LIMIT_MS, `it took ${ms} ms`);
        outside.slack.heal();
      }
      const last = await outside.start();
      const roots = () => outside.slackCards().filter(({ threadTs }) => threadTs === null).length;
      await outside.until('a card each', () => (roots() >= dispatched ? true : undefined));
      await outside.until('in Discord, too', () => (discordCards(outside).length >= dispatched ? true : undefined));
      last.signal('SIGTERM');
      assert.equal((await last.ended()).code, 0);
      assertOneCardEach(outside, dispatched);
      const decided = new Set(calls(outside, 'approve').map(({ body }) => body['approvalId']));
      assert.equal(effects(outside).length, decided.size);
    }));

  test('row 38: while it starts ends with 0, too', () =>
    withOutside(async (outside) => {
      outside.slack.fail('auth.test', { kind: 'hang', when: 'before' }, 1);
      const bot = await outside.start({ untilReady: false });
      await bot.untilLine('the start to be under way', ({ msg }) => msg === 'state read back');
      bot.signal('SIGTERM');
      const { code, ms } = await bot.ended();
      assert.equal(code, 0, JSON.stringify(bot.lines()));
      assert.ok(ms < 5_000, `it took ${ms} ms`);
    }));
});
