/** Cards in a forum and in a thread of Discord: the real bot with the real library, and emulators of everything else. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { pressDiscord, textOf } from '../../support/people/room.ts';
import { dana, inWorld, sam, type World } from '../../support/worlds/world.ts';

const forum = { id: '700000000000000001', name: 'approvals', type: 15 };
const thread = { id: '700000000000000002', name: 'approvals', type: 11, archived: true };
const discordOnly = ['discord' as const];

/** Waits for a message with this text. */
function messageWith(world: World, text: string) {
  return world.until(`a message that says ${text}`, () =>
    world.discord.state().messages.find((message) => textOf(message).includes(text)),
  );
}

function posts({ discord }: World) {
  return discord.state().channels.filter(({ parentId }) => parentId === forum.id);
}

describe('in a forum', () => {
  const inForum = (run: (world: World) => Promise<void>) =>
    inWorld(run, { platforms: discordOnly, discordChannels: [forum] });

  test('a run is a post: its further cards and its result are inside it, and another run is another post', () =>
    inForum(async (world) => {
      await world.dispatch('two-pauses');
      const first = await world.discordCard();
      await pressDiscord(world, dana, first, 'Approve');
      const second = await messageWith(world, 'Deploy service');
      assert.equal(second.channelId, first.channelId);
      await world.stop();
      await world.start();
      await pressDiscord(world, sam, second, 'Approve');
      const result = await messageWith(world, '“Release manager” finished');
      assert.equal(result.channelId, first.channelId);
      await world.dispatch('refund-agent');
      await messageWith(world, 'Refund order');
      assert.deepEqual(
        posts(world).map(({ name }) => name?.split(' ').slice(0, 2).join(' ')),
        ['Run migration', 'Refund order'],
      );
    }));

  test('a post whose answer was lost is posted once', () =>
    inForum(async (world) => {
      world.discord.fail('POST /channels/:id/threads', { kind: 'reset', when: 'after' });
      await world.dispatch('refund-agent');
      const card = await world.discordCard();
      await world.until('the message to be found', () =>
        world.discord.journal.entries.some((entry) => entry.kind === 'call' && entry.method === 'PATCH')
          ? true
          : undefined,
      );
      await pressDiscord(world, sam, card, 'Approve');
      await messageWith(world, 'Approved by Sam Okafor');
      assert.equal(posts(world).length, 1);
    }));

  test('an open post that a person deleted is posted again', () =>
    inForum(async (world) => {
      await world.dispatch('refund-agent');
      const card = await world.discordCard();
      world.discord.deleteChannel(card.channelId);
      await world.stop();
      await world.start();
      const reposted = await world.discordCard();
      assert.notEqual(reposted.id, card.id);
      await pressDiscord(world, sam, reposted, 'Approve');
      await messageWith(world, 'Approved by Sam Okafor');
    }));

  test('the operator’s alerts are posts, too', () =>
    inWorld(
      async (world) => {
        await world.dispatch('refund-agent');
        world.runtype.fail('/v1/dispatch/approve', {
          kind: 'status',
          status: 403,
          when: 'before',
          body: { error: 'no' },
        });
        await pressDiscord(world, sam, await world.discordCard(), 'Approve');
        await world.until('the alert', () => posts(world).find(({ name }) => name === 'A decision was not delivered'));
      },
      { platforms: discordOnly, discordChannels: [forum], env: { ALERTS: `discord:${forum.id}` } },
    ));
});

test('in an archived thread, cards are posted below each other, and a result replies to its card', () =>
  inWorld(
    async (world) => {
      await world.dispatch('refund-agent');
      const card = await world.discordCard();
      assert.equal(card.channelId, thread.id);
      await pressDiscord(world, sam, card, 'Approve');
      const result = await messageWith(world, '“Order desk” finished');
      assert.deepEqual([result.channelId, result.replyTo], [thread.id, card.id]);
    },
    { platforms: discordOnly, discordChannels: [thread] },
  ));
