/** A burst of similar requests: one digest, several decided with one reason, some moved to their own messages. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { DiscordFault, DiscordMessage } from '../../../src/sandbox/emulators/discord/types.ts';
import type { SlackMessage } from '../../../src/sandbox/emulators/slack/types.ts';
import {
  calls,
  discordButtons,
  discordNote,
  fillDiscord,
  fillSlack,
  labels,
  pressDiscord,
  pressSlack,
  slackButtons,
  textOf,
} from '../../support/people/room.ts';
import { dana, inWorld, kit, sam, type World } from '../../support/worlds/world.ts';

const TWELVE = Array.from({ length: 12 }, (_, index) => index + 1);
const orderOf = (number: number) => `A-${2_000 + number}`;

const slackCards = (world: World) =>
  world.slack.state().messages.filter(({ blocks, onlyFor }) => blocks.length > 0 && onlyFor === null);
const discordCards = (world: World) =>
  world.discord.state().messages.filter(({ embeds, onlyFor }) => embeds.length > 0 && onlyFor === null);
const isDigest = (message: SlackMessage | DiscordMessage) => /\d+ × Refund order/.test(textOf(message));

/** Twelve runs pause while the rooms are slow to accept their first card. */
async function burst(
  world: World,
  faults: readonly DiscordFault[] = [],
): Promise<{ slack: SlackMessage; discord: DiscordMessage }> {
  world.slack.fail('chat.postMessage', { kind: 'delay', ms: 300 });
  world.discord.fail('POST /channels/:id/messages', { kind: 'delay', ms: 300 });
  for (const fault of faults) world.discord.fail('POST /channels/:id/messages', fault);
  await Promise.all(TWELVE.map((number) => world.dispatch(`refund-burst-${number}`)));
  return digests(world, (text) => TWELVE.every((number) => isPosted(world, number) && text !== ''));
}

/** Whether the request is posted in both rooms, as a line or on its own card. */
function isPosted(world: World, number: number): boolean {
  const shows = (messages: readonly (SlackMessage | DiscordMessage)[]) =>
    messages.some((message) => textOf(message).includes(orderOf(number)));
  return shows(slackCards(world)) && shows(discordCards(world));
}

/** Resolves once this is true for both digests. */
function digests(world: World, says: (text: string) => boolean) {
  return world.until('two digests', () => {
    const slack = slackCards(world).find(isDigest);
    const discord = discordCards(world).find(isDigest);
    if (slack === undefined || discord === undefined) return undefined;
    return says(textOf(slack)) && says(textOf(discord)) ? { slack, discord } : undefined;
  });
}

/** How many lines of a digest end with this text. */
function count(text: string, ending: string): number {
  return text.split('\n').filter((line) => line.endsWith(` · ${ending}`)).length;
}

/** The orders that a digest has lines for, with their states. */
function linesOf(message: SlackMessage | DiscordMessage): Map<string, string> {
  const found = textOf(message).matchAll(/^\S+ \d+\. +(A-\d+) .* · +(.+)$/gmu);
  return new Map([...found].map(([, order = '', state = '']) => [order, state]));
}

const sent = (world: World) => calls(world, 'approve').filter(({ effect }) => effect);
const ordersCalled = async (world: World) => {
  const ids = sent(world).map(({ body }) => String(body['approvalId']));
  const approvals = (await world.app().store.list({ unfinished: true })).concat(
    await Promise.all((await allIds(world)).map(async (id) => (await world.app().store.get(id)) as never)),
  );
  return ids
    .map((id) => approvals.find(({ pause }) => pause.wire['approvalId'] === id)?.pause.parameters['orderId'])
    .sort();
};
const allIds = async (world: World) => {
  const runs = world.runtype.runs().map(({ executionId }) => executionId);
  const lists = await Promise.all(runs.map((runId) => world.app().store.list({ backend: 'runtype', runId })));
  return lists.flat().map(({ id }) => id);
};

describe('a burst of twelve similar requests', () => {
  test('makes a few messages, and five requests are rejected in Slack with one reason', () =>
    inWorld(async (world) => {
      const { slack, discord } = await burst(world);
      const posts = world.slack.journal.entries.filter(
        (entry) => entry.kind === 'call' && entry.method === 'chat.postMessage',
      );
      assert.ok(posts.length <= 3, `${posts.length} posts`);
      assert.ok(linesOf(slack).size >= 10, textOf(slack));
      assert.ok(linesOf(discord).size >= 10, textOf(discord));
      assert.deepEqual(labels(slackButtons(slack)), ['Approve…', 'Reject…', 'Split up', 'Details']);
      const five = [...linesOf(slack).keys()].slice(0, 5);
      await pressSlack(world, dana, slack, 'Reject…');
      const view = await world.until('the form', () => world.slack.state().views[0]);
      const numbers = [...textOf(slack).matchAll(/(\d+)\. +(A-\d+)/g)];
      const chosen = numbers.filter(([, , order = '']) => five.includes(order)).map(([, number]) => `${number}.`);
      assert.match(JSON.stringify(view.view), /Each request is decided separately/);
      await fillSlack(world, dana, { 'Which ones?': chosen.join(), 'Why?': 'Ask the shop first' });
      const notice = await world.until('the notice', () =>
        world.slack
          .state()
          .views.find(({ view: shown }) => JSON.stringify(shown).includes('You pressed Reject for 5 requests')),
      );
      assert.equal((notice.view['title'] as { text: string }).text, 'Recorded');
      const after = await digests(world, (text) => count(text, 'rejected by Dana Reyes') === 5);
      assert.match(textOf(after.slack), /need a decision\.\n? ?5 rejected/);
      assert.equal(sent(world).length, 5);
      assert.deepEqual(await ordersCalled(world), five.sort());
      for (const { body } of sent(world)) {
        assert.equal(body['decision'], 'denied');
        assert.match(JSON.stringify(body), /Ask the shop first/);
      }
      for (const id of await allIds(world)) {
        const approval = await world.app().store.get(id);
        const rows = (await world.app().store.audit(id)).filter(({ input }) => input === 'pressed');
        const wanted = five.includes(String(approval?.pause.parameters['orderId'])) ? 1 : 0;
        assert.equal(rows.length, wanted);
      }
    }));

  test('is decided in Discord, line by line: a late decision is answered in private', () =>
    inWorld(async (world) => {
      const { slack, discord } = await burst(world);
      const [first = '', second = '', third = ''] = [...linesOf(discord).keys()].filter((order) =>
        linesOf(slack).has(order),
      );
      const numberIn = (message: SlackMessage | DiscordMessage, order: string) =>
        new RegExp(`(\\d+)\\. +${order}`).exec(textOf(message))?.[1];
      // Sam's form is open while Dana decides one of them in the other room.
      await pressDiscord(world, sam, discord, 'Approve…');
      await pressSlack(world, dana, slack, 'Reject…');
      await fillSlack(world, dana, { 'Which ones?': `${numberIn(slack, second)}.`, 'Why?': 'No' });
      await digests(world, (text) => count(text, 'rejected by Dana Reyes') === 1);
      const chosen = [first, second, third].map((order) => `${numberIn(discord, order)}.`).join();
      await fillDiscord(world, sam, { 'Which ones?': chosen });
      const note = await discordNote(world, sam, 'You pressed Approve for 2 requests');
      assert.match(textOf(note), /1 was not recorded\\?:/);
      assert.match(
        textOf(note).replaceAll('\\', ''),
        new RegExp(`${second}.*Dana Reyes already (?:rejected this|pressed Reject) in Slack`),
      );
      const after = await digests(world, (text) => count(text, 'approved by Sam Okafor') === 2);
      assert.equal(linesOf(after.slack).get(second), 'rejected by Dana Reyes');
      assert.equal(sent(world).length, 3);
      // The outcomes of their runs are in the thread of the digest, each with its own text.
      await world.until('the result in the thread', () =>
        world.slack
          .state()
          .messages.find(
            ({ threadTs, ...message }) => threadTs === slack.ts && textOf({ threadTs, ...message }).includes(first),
          ),
      );
    }));

  test('asks again for missing fields, and keeps the others', () =>
    inWorld(async (world) => {
      const { discord } = await burst(world);
      const [first = ''] = linesOf(discord).keys();
      const number = new RegExp(`(\\d+)\\. +${first}`).exec(textOf(discord))?.[1];
      await pressDiscord(world, sam, discord, 'Reject…');
      await fillDiscord(world, sam, { 'Which ones?': `${number}.`, 'Why?': ' ' });
      const note = await discordNote(world, sam, 'Not sent yet');
      assert.match(textOf(note), /Why\?.*: This is needed/);
      await pressDiscord(world, sam, note, 'Fix');
      const [modal] = world.discord.state().modals;
      assert.match(JSON.stringify(modal?.data), /"default":true/);
      await fillDiscord(world, sam, { 'Which ones?': `${number}.`, 'Why?': 'Not now' });
      await digests(world, (text) => count(text, 'rejected by Sam Okafor') === 1);
      assert.equal(sent(world).length, 1);
    }));

  test('is split up, and only by a reviewer', () =>
    inWorld(async (world) => {
      const { discord } = await burst(world);
      const count = linesOf(discord).size;
      const before = discordCards(world).length;
      await pressDiscord(world, kit, discord, 'Split up');
      await discordNote(world, kit, 'You can’t decide this request');
      await pressDiscord(world, sam, discord, 'Split up');
      await world.until('their own cards', () => (discordCards(world).length === before + count ? true : undefined));
      const [digest] = discordCards(world).filter(isDigest);
      assert.ok(digest);
      await world.until('the digest to say so', () =>
        textOf(discordCards(world).find(isDigest) ?? digest).includes('moved to their own messages') ? true : undefined,
      );
      const own = discordCards(world).filter((message) => !isDigest(message));
      assert.deepEqual(labels(discordButtons(own.at(-1) ?? digest)), ['Approve', 'Reject', 'Take over', 'Details']);
      await pressDiscord(world, sam, own.at(-1) ?? digest, 'Approve');
      await world.until('the call', () => (sent(world).length === 1 ? true : undefined));
    }));

  test('is split up while its post may have arrived: no button of it stays behind', () =>
    inWorld(async (world) => {
      const { discord } = await burst(world, [{ kind: 'status', status: 503, when: 'after' }]);
      const orders = linesOf(discord);
      await pressDiscord(world, sam, discord, 'Split up');
      const alone = (order: string) => (message: DiscordMessage) =>
        !isDigest(message) && textOf(message).includes(order);
      await world.until('their own cards', () =>
        [...orders.keys()].every((order) => discordCards(world).some(alone(order))) ? true : undefined,
      );
      const digest = await world.until('the digest to say so', () =>
        discordCards(world).find(
          (message) => isDigest(message) && textOf(message).includes('moved to their own messages'),
        ),
      );
      assert.deepEqual(labels(discordButtons(digest)), ['Details']);
      assert.equal(discordCards(world).filter(isDigest).length, 1);
    }));

  test('survives a restart, and is posted again when it is deleted', () =>
    inWorld(async (world) => {
      await burst(world);
      await world.stop();
      const gone = slackCards(world).find(isDigest);
      assert.ok(gone);
      world.slack.deleteMessage(gone.channel, gone.ts);
      await world.start();
      const { slack } = await digests(world, () => true);
      assert.notEqual(slack.ts, gone.ts);
      assert.deepEqual(new Set(linesOf(slack).keys()), new Set(linesOf(gone).keys()));
    }));

  test('has a card each where digests are off', () =>
    inWorld(
      async (world) => {
        await Promise.all(TWELVE.map((number) => world.dispatch(`refund-burst-${number}`)));
        await world.until('twelve cards', () => (slackCards(world).length === 12 ? true : undefined));
        assert.equal(slackCards(world).some(isDigest), false);
      },
      { env: { DIGEST_FROM: 'off' } },
    ));
});
