/** `/approvals`: the private list of pending approvals, with pages and live buttons, redrawn after each press. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { DiscordMessage } from '../../../src/sandbox/emulators/discord/types.ts';
import type { SlackMessage } from '../../../src/sandbox/emulators/slack/types.ts';
import { openIn } from '../../support/data/lists.ts';
import {
  calls,
  discordButtons,
  labels,
  pressDiscord,
  pressSlack,
  slackButtons,
  submitDiscord,
  submitSlack,
  textOf,
  untilCardsSay,
} from '../../support/people/room.ts';
import { dana, inWorld, kit, sam, type World } from '../../support/worlds/world.ts';

type Person = { slackId: string; discordId: string };

const slackLists = (world: World, { slackId }: Person) =>
  world.slack.state().messages.filter(({ onlyFor, blocks }) => onlyFor === slackId && blocks.length > 0);
const discordLists = (world: World, { discordId }: Person) =>
  world.discord.state().messages.filter(({ onlyFor }) => onlyFor === discordId);

async function askSlack(world: World, person: Person, filter = ''): Promise<SlackMessage> {
  const before = slackLists(world, person).length;
  assert.ok((await world.slack.command(person.slackId, '/approvals', filter)).acked);
  return world.until('a list', () => slackLists(world, person).slice(before).at(-1));
}

async function askDiscord(world: World, person: Person, filter?: string): Promise<DiscordMessage> {
  const { discordId: userId } = person;
  const options = filter === undefined ? {} : { filter };
  await world.discord.command({ userId, channelId: world.discord.channel, name: 'approvals', options });
  const list = discordLists(world, person).at(-1);
  assert.ok(list, 'the callback is the answer');
  return list;
}

const untilSlackSays = (world: World, person: Person, text: RegExp) =>
  world.until(`a list in Slack that says ${text}`, () =>
    slackLists(world, person).find((one) => text.test(textOf(one))),
  );
const untilDiscordSays = (world: World, person: Person, text: RegExp) =>
  world.until(`a list in Discord that says ${text}`, () =>
    discordLists(world, person).find((one) => text.test(textOf(one))),
  );

async function dispatchAll(world: World, count: number): Promise<void> {
  for (let index = 0; index < count; index += 1) {
    await world.dispatch('refund-agent');
    await world.slackCard(index);
    await world.discordCard(index);
  }
  // The place of a card is recorded a moment after it is posted.
  const unknown = async () =>
    (await openIn(world.app().store)).some(({ slots }) => Object.values(slots).some(({ receipt }) => receipt === null));
  while (await unknown()) await new Promise((later) => setImmediate(later));
}

function refusedByPlatforms(world: World): unknown[] {
  return [...world.slack.journal.entries, ...world.discord.journal.entries].filter(({ kind }) => kind === 'refused');
}

describe('/approvals', () => {
  test('all lists nothing of a channel that its person can’t read, in no filter', () =>
    inWorld(async (world) => {
      world.slack.setMembers(world.slack.channel, [kit.slackId], true);
      await dispatchAll(world, 1);
      for (const filter of ['', 'all', 'runtype', 'refund']) {
        const list = await askSlack(world, dana, filter);
        assert.match(textOf(list), /No pending requests/);
        assert.match(textOf(list), /channels that you can’t read are not listed/);
        assert.doesNotMatch(JSON.stringify(list), /A-1009|Refund order/);
      }
      assert.match(textOf(await askSlack(world, kit, 'all')), /1 pending request/);
    }));

  test('in Slack: a press approves once, the list is redrawn, and the cards are updated', () =>
    inWorld(async (world) => {
      await dispatchAll(world, 1);
      const list = await askSlack(world, dana);
      assert.match(textOf(list), /1 pending request for you/);
      assert.match(textOf(list), /orderId: +A-1009/);
      assert.match(JSON.stringify(list.blocks), /\/archives\/C0000000001\/p\d+\|Open the card/);
      assert.deepEqual(labels(slackButtons(list)), [
        'Approve',
        'Reject',
        'Take over',
        'Details',
        'Refresh',
        'Show all',
      ]);
      const from = world.slack.journal.entries.length;
      await pressSlack(world, dana, list, 'Approve', 2);
      const drawn = await untilSlackSays(world, dana, /No pending requests for you/);
      assert.match(textOf(drawn), /You pressed Approve for “Refund order”\. The card shows when Runtype has it\./);
      assert.equal(drawn.ts, list.ts, 'in its place');
      const since = world.slack.journal.entries
        .slice(from)
        .map((entry) => (entry.kind === 'call' ? entry.method : entry.kind));
      const acked = since.indexOf('ack');
      assert.ok(acked >= 0 && !since.slice(0, acked).includes('response_url'), since.join());
      await untilCardsSay(world, 'Approved by Dana Reyes');
      assert.equal(calls(world, 'approve').length, 1);
      assert.equal(slackLists(world, dana).length, 1);
      assert.deepEqual(refusedByPlatforms(world), []);
    }));

  test('in Discord: the same, each request with its own buttons', () =>
    inWorld(async (world) => {
      await dispatchAll(world, 2);
      const list = await askDiscord(world, sam, 'runtype');
      assert.match(textOf(list), /2 pending requests for “/);
      assert.match(textOf(list), /\[Open the card\]\(https:\/\/discord\.com\/channels\/\d+\/\d+\/\d+\)/);
      const approving = discordButtons(list).filter(({ label }) => label === 'Approve');
      assert.equal(approving.length, 2);
      const { channelId, id: messageId } = list;
      const press = { userId: sam.discordId, channelId, messageId, customId: approving[1]?.customId ?? '' };
      await world.discord.press(press);
      const drawn = await untilDiscordSays(world, sam, /1 pending request for “/);
      assert.equal(drawn.id, list.id);
      assert.match(textOf(drawn), /You pressed Approve for “Refund order”/);
      await untilCardsSay(world, 'Approved by Sam Okafor', 1);
      assert.match(textOf(await world.slackCard(0)), /Needs a decision/);
      assert.equal(calls(world, 'approve').length, 1);
      assert.deepEqual(refusedByPlatforms(world), []);
    }));

  test('has pages, which replace each other in the same message', () =>
    inWorld(async (world) => {
      await dispatchAll(world, 4);
      const list = await askSlack(world, dana);
      assert.match(textOf(list), /4 pending requests for you[\s\S]*Page 1 of 2/);
      await pressSlack(world, dana, list, 'Next');
      const second = await untilSlackSays(world, dana, /4 · Refund order[\s\S]*Page 2 of 2/);
      assert.equal(slackLists(world, dana).length, 1);
      await pressSlack(world, dana, second, 'Approve');
      await untilSlackSays(world, dana, /3 pending requests for you/);
      const onDiscord = await askDiscord(world, dana);
      assert.match(textOf(onDiscord), /3 pending requests for you/);
      await pressDiscord(world, dana, await askDiscord(world, dana, 'all'), 'Show mine');
      assert.equal(discordLists(world, dana).length, 2);
      assert.deepEqual(refusedByPlatforms(world), []);
    }));

  test('a stale button says who decided first, and the list is redrawn', () =>
    inWorld(async (world) => {
      await dispatchAll(world, 1);
      const [inSlack, inDiscord] = [await askSlack(world, dana), await askDiscord(world, dana)];
      await pressDiscord(world, sam, await world.discordCard(), 'Approve');
      await untilCardsSay(world, 'Approved by Sam Okafor');
      await pressSlack(world, dana, inSlack, 'Approve');
      await pressDiscord(world, dana, inDiscord, 'Approve');
      for (const list of [
        await untilSlackSays(world, dana, /No pending requests for you/),
        await untilDiscordSays(world, dana, /No pending requests for you/),
      ])
        assert.match(
          textOf(list),
          /“Refund order”\\?: Sam Okafor already (?:approved this|pressed Approve) in Discord\./,
        );
      assert.equal(calls(world, 'approve').length, 1);
    }));

  test('after a form that is opened from it the list is shown again', () =>
    inWorld(async (world) => {
      await dispatchAll(world, 3);
      await pressSlack(world, dana, await askSlack(world, dana), 'Reject');
      await submitSlack(world, dana, 'Not without a receipt');
      const inSlack = await untilSlackSays(world, dana, /You pressed Reject for “Refund order”/);
      assert.match(textOf(inSlack), /2 pending requests for you/);
      await pressDiscord(world, sam, await askDiscord(world, sam), 'Reject');
      await submitDiscord(world, sam, 'Nor this one');
      const inDiscord = await untilDiscordSays(world, sam, /You pressed Reject for “Refund order”/);
      assert.match(textOf(inDiscord), /1 pending request for you/);
      await untilCardsSay(world, 'Rejected by Sam Okafor', 1);
      // Another reviewer decides first: the writer gets their text back.
      await pressDiscord(world, sam, inDiscord, 'Reject');
      await pressSlack(world, dana, await world.slackCard(2), 'Approve');
      await untilCardsSay(world, 'Approved by Dana Reyes', 2);
      await submitDiscord(world, sam, 'Too late, but long');
      await untilDiscordSays(world, sam, /Too late, but long/);
      assert.match(
        textOf(await untilDiscordSays(world, sam, /No pending requests for you/)),
        /Dana Reyes already (?:approved this|pressed Approve)/,
      );
      assert.deepEqual(refusedByPlatforms(world), []);
    }));

  test('tells a bystander that there are pending requests, and nothing about them', () =>
    inWorld(async (world) => {
      await dispatchAll(world, 1);
      assert.match(textOf(await askSlack(world, kit)), /No pending requests for you[\s\S]*1 more needs someone else/);
      for (const list of [await askSlack(world, kit, 'all'), await askDiscord(world, kit, 'ALL')]) {
        assert.match(textOf(list), /1 pending request[\s\S]*Refund order[\s\S]*You can’t decide this\./);
        assert.doesNotMatch(textOf(list), /A-1009/);
        const buttons = 'blocks' in list ? slackButtons(list) : discordButtons(list);
        assert.deepEqual(labels(buttons), ['Refresh', 'Show mine']);
      }
      assert.match(textOf(await askSlack(world, kit, 'two words')), /“two words” is not a valid filter/);
      assert.match(textOf(await askDiscord(world, kit, 'two words')), /is not a valid filter/);
    }));

  test('shows the buttons of a claimed request only to its holder, and they work after a restart', () =>
    inWorld(async (world) => {
      await dispatchAll(world, 1);
      await pressSlack(world, dana, await world.slackCard(), 'Take over');
      await untilCardsSay(world, 'Claimed by Dana Reyes');
      assert.deepEqual(labels(discordButtons(await askDiscord(world, sam))), ['Details', 'Refresh', 'Show all']);
      const mine = await askDiscord(world, dana);
      // A claim belongs to one person on one platform.
      assert.deepEqual(labels(discordButtons(mine)).slice(0, 1), ['Details']);
      const list = await askSlack(world, dana);
      assert.deepEqual(labels(slackButtons(list)).slice(0, 5), [
        'Mark as done',
        'Approve',
        'Reject',
        'Release',
        'Details',
      ]);
      await world.stop();
      await world.start();
      await pressSlack(world, dana, list, 'Release');
      const back = await untilSlackSays(world, dana, /You released “Refund order”/);
      await pressSlack(world, dana, back, 'Approve');
      await untilCardsSay(world, 'Approved by Dana Reyes');
      assert.equal(calls(world, 'approve').length, 1);
    }));

  test('opens the details in another message, and stays as it is', () =>
    inWorld(async (world) => {
      await dispatchAll(world, 1);
      const list = await askDiscord(world, sam);
      await pressDiscord(world, sam, list, 'Details');
      await untilDiscordSays(world, sam, /Received from Runtype/);
      assert.equal(discordLists(world, sam).length, 2);
      assert.match(textOf(discordLists(world, sam)[0] ?? list), /1 pending request for you/);
      await pressSlack(world, dana, await askSlack(world, dana), 'Details');
      await world.until('the modal', () => world.slack.state().views.find(({ userId }) => userId === dana.slackId));
      assert.deepEqual(refusedByPlatforms(world), []);
    }));
});
