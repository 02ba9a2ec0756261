/** Cards by direct message: the real bot with the real libraries, and emulators of everything outside it. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { DiscordMessage } from '../../../src/sandbox/emulators/discord/types.ts';
import type { SlackMessage } from '../../../src/sandbox/emulators/slack/types.ts';
import { calls, pressDiscord, pressSlack, privateTexts, submitDiscord, textOf } from '../../support/people/room.ts';
import { dana, inWorld, kit, sam, type World } from '../../support/worlds/world.ts';

const both = { DIRECT_MESSAGES: `slack:${dana.slackId}, discord:${sam.discordId}` };
const alone = { ...both, SLACK_CHANNEL: '', DISCORD_CHANNEL: '' };
type Person = typeof dana;

/** Waits for this many direct messages to a person. @returns their texts, oldest first */
function slackDirect(world: World, person: Person, count = 1): Promise<SlackMessage[]> {
  return world.until(`${count} direct messages on Slack`, () => {
    const { channels, messages } = world.slack.state();
    const mine = channels.find(({ directWith }) => directWith === person.slackId)?.id;
    const found = messages.filter(({ channel, onlyFor }) => channel === mine && onlyFor === null);
    return found.length >= count ? found : undefined;
  });
}

function discordDirect(world: World, person: Person, count = 1): Promise<DiscordMessage[]> {
  return world.until(`${count} direct messages on Discord`, () => {
    const { channels, messages } = world.discord.state();
    const mine = channels.find(({ recipientId }) => recipientId === person.discordId)?.id;
    const found = messages.filter(({ channelId, onlyFor }) => channelId === mine && onlyFor === null);
    return found.length >= count ? found : undefined;
  });
}

/** Waits until this many copies of the card show the text. */
async function untilCopiesSay(world: World, copies: number, text: string): Promise<void> {
  await world.until(`${copies} copies to say ${text}`, () => {
    const all = [...world.slack.state().messages, ...world.discord.state().messages];
    return all.filter((message) => textOf(message).includes(text)).length === copies ? true : undefined;
  });
}

describe('cards by direct message', () => {
  test('are posted in addition to those in the rooms: one press anywhere updates every copy', () =>
    inWorld(
      async (world) => {
        await world.dispatch('refund-agent');
        const [card] = await slackDirect(world, dana);
        const [copy] = await discordDirect(world, sam);
        assert.ok(card !== undefined && copy !== undefined);
        assert.match(textOf(card), /Refund order/);
        assert.equal(copy.called, undefined, 'a direct message notifies its person anyway');
        await untilCopiesSay(world, 4, 'Needs a decision');
        const pressed = await pressSlack(world, dana, card, 'Approve');
        assert.ok(pressed.acked);
        await untilCopiesSay(world, 4, 'Approved by Dana Reyes');
        await untilCopiesSay(world, 4, '“Order desk” finished');
        const [, below] = await slackDirect(world, dana, 2);
        assert.equal(below?.threadTs, card.ts);
        const [, answer] = await discordDirect(world, sam, 2);
        assert.equal(answer?.replyTo, copy.id, 'no threads there: the result is a reply');
        assert.equal(calls(world, 'approve').length, 1);
      },
      { env: { ...both, PING: `discord:${sam.discordId}` } },
    ));

  test('work without any room, over several pauses and a restart, and are decided by form on Discord', () =>
    inWorld(
      async (world) => {
        await world.dispatch('two-pauses');
        const [first] = await slackDirect(world, dana);
        assert.ok(first !== undefined);
        await pressSlack(world, dana, first, 'Approve');
        const [, second] = await slackDirect(world, dana, 2);
        assert.equal(second?.threadTs, first.ts);
        const [root, copy] = await discordDirect(world, sam, 2);
        assert.ok(copy !== undefined);
        assert.equal(copy.replyTo, root?.id);
        await world.stop();
        await world.start();
        await pressDiscord(world, sam, copy, 'Reject');
        await submitDiscord(world, sam, 'Not on a Friday');
        await untilCopiesSay(world, 2, 'Rejected by Sam Okafor');
        assert.deepEqual(
          calls(world, 'approve').map(({ body }) => body['decision']),
          ['approved', 'denied'],
        );
        const rooms = [world.slack.channel, world.discord.channel];
        const inRooms = [
          ...world.slack.state().messages.map(({ channel }) => channel),
          ...world.discord.state().messages.map(({ channelId }) => channelId),
        ];
        assert.ok(!inRooms.some((room) => rooms.includes(room)));
      },
      { env: alone },
    ));

  test('without a room, a command says where its card appears, and the list is shown in the one server', () =>
    inWorld(
      async (world) => {
        const { response } = await world.slack.command(dana.slackId, '/countersign', 'run refunds');
        assert.match(JSON.stringify(response), /Follow it in your direct messages\./);
        const question = await discordDirect(world, sam, 2);
        assert.match(textOf(question[1] as DiscordMessage), /Needs a decision/);
        await world.discord.command({ userId: sam.discordId, channelId: world.discord.channel, name: 'approvals' });
        assert.match(privateTexts(world, sam).join('\n'), /Refund order/);
      },
      { env: alone },
    ));

  test('a person who is a reviewer only by a role is told to press in the server; nothing is sent', () =>
    inWorld(
      async (world) => {
        world.discord.addUser({ id: kit.discordId, username: 'kit', globalName: 'Kit', roles: ['300000000000000009'] });
        await world.dispatch('refund-agent');
        const [copy] = await discordDirect(world, kit);
        assert.ok(copy !== undefined);
        await pressDiscord(world, kit, copy, 'Approve');
        await world.until('the private answer', () => (privateTexts(world, kit).length > 0 ? true : undefined));
        assert.match(
          privateTexts(world, kit).join('\n'),
          /can’t see your roles in a direct message\..*card in its channel/s,
        );
        assert.equal(calls(world, 'approve').length, 0);
        const inRoom = world.discord.state().messages.find(({ channelId }) => channelId === world.discord.channel);
        await pressDiscord(world, kit, inRoom as DiscordMessage, 'Approve');
        await untilCopiesSay(world, 3, 'Approved by Kit');
      },
      { env: { DIRECT_MESSAGES: `discord:${kit.discordId}`, REVIEWERS: 'discord:role:300000000000000009' } },
    ));

  test('a person who blocks direct messages gets none, which is reported once to the operator; the others get theirs', () =>
    inWorld(
      async (world) => {
        world.discord.closeDirect(sam.discordId, true);
        world.slack.closeDirect(dana.slackId, true);
        await world.dispatch('refund-agent');
        await world.dispatch('slot-flow', 'flow');
        await world.slackCard(1);
        const copy = await world.discordCard(1);
        await world.until('both alerts', () =>
          world.logText().split('Can’t send direct messages to a person').length > 2 ? true : undefined,
        );
        await pressDiscord(world, sam, await world.discordCard(0), 'Approve');
        await world.until('the decision', () => (calls(world, 'approve').length === 1 ? true : undefined));
        assert.match(textOf(copy), /Needs an answer/);
        const alerts = world.logText().match(/alert: Can’t send direct messages to a person/g);
        assert.equal(alerts?.length, 2, 'once for each person, for any number of cards');
        assert.match(world.logText(), /direct messages to 200000000000000002 on Discord are held.*\(50007\)/);
        const tried = ({ path, status }: { path: string; status: number }) =>
          path.endsWith('/messages') && status === 403;
        const refusals = world.discord.journal.entries.filter((entry) => entry.kind === 'call' && tried(entry));
        assert.equal(refusals.length, 1, 'and tried once, for now');

        world.discord.closeDirect(sam.discordId, false);
        world.slack.closeDirect(dana.slackId, false);
        await world.stop();
        await world.start();
        const [card] = await slackDirect(world, dana);
        assert.ok(card !== undefined, 'an open request is posted once they allow messages');
        await discordDirect(world, sam);
      },
      { env: both },
    ));

  test('whose answer is lost are searched for, and posted once; without permission to read, perhaps twice', async () => {
    const run = (lacking: string | null, copies: number) =>
      inWorld(
        async (world) => {
          if (lacking !== null) world.slack.revokeScope(lacking);
          world.slack.fail('chat.postMessage', { kind: 'reset', when: 'after' });
          await world.dispatch('refund-agent');
          // Found messages and reposted ones both show the current state.
          await world.until('the second try', () =>
            world.slack.journal.entries.some((entry) => entry.kind === 'call' && entry.method === 'chat.update')
              ? true
              : undefined,
          );
          assert.equal((await slackDirect(world, dana)).length, copies);
        },
        { env: { DIRECT_MESSAGES: `slack:${dana.slackId}`, SLACK_CHANNEL: '' }, platforms: ['slack'] },
      );
    await Promise.all([run(null, 1), run('im:write', 1), run('im:history', 2)]);
  });
});
