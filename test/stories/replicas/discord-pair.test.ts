/**
 * Row 62 with whole bots: processes that share one PostgreSQL, Slack and Discord. Discord allows a login each five seconds, as
 * it does, and 53 more in this day: the bots keep the last fifty.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { DiscordMessage } from '../../../src/sandbox/emulators/discord/types.ts';
import type { SlackMessage } from '../../../src/sandbox/emulators/slack/types.ts';
import { pressDiscord, textOf } from '../../support/people/room.ts';
import { createDatabase, skipPostgres } from '../../support/postgres/index.ts';
import { type Bot, type BotWorld, withBots } from '../../support/worlds/bots.ts';
import { dana } from '../../support/worlds/world.ts';

const LOGIN_EVERY_MS = 5_000;
/** Two are connected, a third takes the place of one that died; what is left then is kept. */
const LOGINS = 53;

interface Cards {
  slack: SlackMessage;
  discord: DiscordMessage;
}

const says = (text: string) => (message: SlackMessage | DiscordMessage) => textOf(message).includes(text);
const inSlack = (world: BotWorld, text: string) =>
  world.slackCards().filter((card) => card.threadTs === null && says(text)(card));
const inDiscord = (world: BotWorld, text: string) =>
  world.discord.state().messages.filter((message) => message.embeds.length > 0 && says(text)(message));

/** Asks at this bot. @returns its one card in each of the two rooms */
async function askAt(world: BotWorld, bot: Bot, text: string): Promise<Cards & { id: string }> {
  const id = await world.ask(bot, text);
  const slack = await world.until(`“${text}” in Slack`, () => inSlack(world, text)[0]);
  const discord = await world.until(`“${text}” in Discord`, () => inDiscord(world, text)[0]);
  return { id, slack, discord };
}

/** Both of its cards say who has approved it, and there is no other. */
async function expectApproved(world: BotWorld, bot: Bot, text: string, id: string): Promise<void> {
  const approved = (message: SlackMessage | DiscordMessage | undefined) =>
    message !== undefined && /Approved by/.test(textOf(message)) ? true : undefined;
  await world.until(`“${text}” approved in Slack`, () => approved(inSlack(world, text)[0]));
  await world.until(`“${text}” approved in Discord`, () => approved(inDiscord(world, text)[0]));
  assert.equal((await world.item(bot, id)).status, 'approved');
  assert.deepEqual([inSlack(world, text).length, inDiscord(world, text).length], [1, 1], 'one card in each room');
}

const identifies = ({ discord }: BotWorld) =>
  discord.journal.entries.flatMap((entry) => (entry.kind === 'socket' && entry.event === 'identify' ? [entry.at] : []));
const answersOf = ({ discord }: BotWorld, from: number) =>
  discord.journal.entries.slice(from).flatMap((entry) => (entry.kind === 'callback' ? [entry.refused ?? null] : []));
const errorsOf = (bot: Bot) => bot.log().filter(({ level }) => Number(level) >= 50);

async function connections(world: BotWorld, count: number): Promise<void> {
  await world.until(`${count} connections to Discord`, () =>
    world.discord.state().connections === count ? true : undefined,
  );
}

/** A person who reads that it failed presses again. @returns after how many presses it was taken */
async function pressUntilTaken(world: BotWorld, message: DiscordMessage): Promise<number> {
  for (let presses = 1; ; presses += 1) {
    assert.ok(presses <= 3, 'a press was refused again and again');
    if ((await pressDiscord(world, dana, message, 'Approve')).acked) return presses;
  }
}

describe('replicas on Slack and Discord', { skip: skipPostgres }, () => {
  test('row 62: one card in each room, one answer to each press; a dead connection loses none, a third takes its place, the last logins are kept', async () => {
    const database = await createDatabase();
    const env = { DATABASE_URL: database.connectionString, SLACK_CONNECTIONS: '1' };
    const rig = async (world: BotWorld) => {
      const start = (name: string, untilReady = true) => world.start({ env: { ...env, REPLICA: name }, untilReady });
      const one = await start('one');
      const two = await start('two');
      await connections(world, 2);
      const three = await start('three');

      const first = await askAt(world, three, 'Deploy the shop.');
      const from = world.discord.journal.entries.length;
      assert.ok((await pressDiscord(world, dana, first.discord, 'Approve')).acked);
      await expectApproved(world, one, 'Deploy the shop.', first.id);
      await world.until('both answers', () => (answersOf(world, from).length >= 2 ? true : undefined));
      assert.deepEqual(answersOf(world, from).toSorted(), [40_060, null], 'both got it, one of them answered');

      const second = await askAt(world, one, 'Deploy the wiki.');
      assert.ok((await world.press(second.slack)).acked);
      await expectApproved(world, two, 'Deploy the wiki.', second.id);
      for (const bot of [one, two, three]) assert.deepEqual(errorsOf(bot), []);

      const third = await askAt(world, two, 'Deploy the blog.');
      one.kill('SIGKILL');
      assert.equal(await pressUntilTaken(world, third.discord), 1, 'the other connection had it, too');
      await expectApproved(world, two, 'Deploy the blog.', third.id);
      await one.ended;
      await connections(world, 1);
      await connections(world, 2);

      // Now the third one is connected: with the second gone, too, a press arrives there.
      const fourth = await askAt(world, three, 'Deploy the docs.');
      two.kill('SIGKILL');
      await two.ended;
      assert.ok((await pressDiscord(world, dana, fourth.discord, 'Approve')).acked);
      await expectApproved(world, three, 'Deploy the docs.', fourth.id);

      const four = await start('four', false);
      await four.until(/Discord allows 50 more logins/);
      const times = identifies(world);
      assert.equal(times.length, 3, 'the last logins are kept');
      for (const [index, at] of times.slice(1).entries()) {
        assert.ok(at - (times[index] ?? 0) >= LOGIN_EVERY_MS, `two logins within ${at - (times[index] ?? 0)} ms`);
      }
      const refused = world.discord.journal.entries.filter((entry) => entry.kind === 'refused');
      assert.deepEqual(refused, []);
      const rows = await database.query('SELECT approval_id FROM audit WHERE input = $1', ['pressed']);
      assert.equal(rows.length, 4, 'each press was recorded once');
    };
    try {
      await withBots(rig, { discord: { identifyEveryMs: LOGIN_EVERY_MS, sessionsLeft: LOGINS } });
    } finally {
      await database.drop();
    }
  });
});
