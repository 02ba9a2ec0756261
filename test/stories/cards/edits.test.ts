/** A message is edited only when its content changes, on both platforms and across restarts. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DiscordMessage } from '../../../src/sandbox/emulators/discord/types.ts';
import type { SlackMessage } from '../../../src/sandbox/emulators/slack/types.ts';
import { pressSlack, textOf, untilCardsSay } from '../../support/people/room.ts';
import { dana, inWorld, type World } from '../../support/worlds/world.ts';

const slackEdits = (world: World, { ts }: SlackMessage) =>
  world.slack.journal.entries.filter(
    (entry) => entry.kind === 'call' && entry.method === 'chat.update' && entry.args['ts'] === ts,
  ).length;
const discordEdits = (world: World, { id }: DiscordMessage) =>
  world.discord.journal.entries.filter(
    (entry) => entry.kind === 'call' && entry.method === 'PATCH' && entry.path.endsWith(`/messages/${id}`),
  ).length;
const messages = (world: World) => world.slack.state().messages.length + world.discord.state().messages.length;

/** Resolves once the outbox has no draw job left. */
async function untilDrawn(world: World): Promise<void> {
  for (;;) {
    const { jobs } = await world.app().store.stats(0);
    const left = jobs.find(({ kind }) => kind === 'draw');
    if (left !== undefined && left.waiting + left.due + left.running === 0) return;
    await new Promise((later) => setTimeout(later, 5));
  }
}

test('one press edits each card three times: it is sent, it is recorded, and the run has ended', () =>
  inWorld(async (world) => {
    await world.dispatch('refund-agent');
    const [card, onDiscord] = [await world.slackCard(), await world.discordCard()];
    await untilDrawn(world);
    const before = [slackEdits(world, card), discordEdits(world, onDiscord)];
    assert.deepEqual(before, [0, 0]);
    const answered = Promise.withResolvers<void>();
    world.runtype.fail('/v1/dispatch/approve', { kind: 'held', until: answered.promise }, 1);
    await pressSlack(world, dana, card, 'Approve');
    await untilCardsSay(world, 'Sending to Runtype');
    await untilDrawn(world);
    answered.resolve();
    await untilCardsSay(world, 'Approved by Dana Reyes');
    await world.until('the result', () =>
      world.slack.state().messages.find((message) => /Refunded/.test(textOf(message))),
    );
    await untilDrawn(world);
    assert.deepEqual([slackEdits(world, card), discordEdits(world, onDiscord)], [3, 3]);
  }));

test('a start edits nothing where nothing has changed', () =>
  inWorld(async (world) => {
    await world.dispatch('refund-agent');
    const [card, onDiscord] = [await world.slackCard(), await world.discordCard()];
    await untilDrawn(world);
    const before = messages(world);
    for (let start = 0; start < 2; start += 1) {
      await world.stop();
      await world.start();
      await untilDrawn(world);
    }
    assert.deepEqual([slackEdits(world, card), discordEdits(world, onDiscord), messages(world)], [0, 0, before]);
    await pressSlack(world, dana, card, 'Approve');
    await untilCardsSay(world, 'Approved by Dana Reyes');
  }));

test('a start posts an open card again that was deleted while the bot was stopped', () =>
  inWorld(async (world) => {
    await world.dispatch('refund-agent');
    const [card, onDiscord] = [await world.slackCard(), await world.discordCard()];
    await untilDrawn(world);
    await world.stop();
    world.slack.deleteMessage(card.channel, card.ts);
    world.discord.deleteMessage(onDiscord.channelId, onDiscord.id);
    await world.start();
    await untilDrawn(world);
    const again = await world.slackCard();
    assert.notEqual(again.ts, card.ts);
    assert.notEqual((await world.discordCard()).id, onDiscord.id);
    await pressSlack(world, dana, again, 'Approve');
    await untilCardsSay(world, 'Approved by Dana Reyes');
  }));
