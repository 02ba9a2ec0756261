/** A reminder is posted where the person looks: in the room, not in a folded thread; it says so once it is decided. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { pingsIn } from '../../fuzz/views/visible.ts';
import { discordButtons, pressSlack, slackButtons, textOf, untilCardsSay } from '../../support/people/room.ts';
import { dana, inWorld, sam } from '../../support/worlds/world.ts';

/** Between two looks at the jobs, ms: a loop without a pause takes a whole core. */
const POLL_MS = 10;

test('an undecided request gets a reminder in both rooms, beside its thread', () =>
  inWorld(
    async (world) => {
      await world.dispatch('refund-agent');
      const [card, onDiscord] = [await world.slackCard(), await world.discordCard()];
      const inSlack = () =>
        world.slack.state().messages.filter((message) => /Reminder\\?: Refund order/.test(textOf(message)));
      const inDiscord = () =>
        world.discord.state().messages.filter((message) => /Reminder\\?: Refund order/.test(textOf(message)));
      const [note] = await world.until('the reminder in Slack', () => (inSlack().length > 0 ? inSlack() : undefined));
      const [other] = await world.until('in Discord', () => (inDiscord().length > 0 ? inDiscord() : undefined));
      assert.equal(note?.threadTs, card.ts);
      assert.equal(note?.broadcast, true, 'the reply is also in the channel');
      assert.deepEqual([other?.channelId, other?.replyTo], [onDiscord.channelId, onDiscord.id]);
      assert.ok(world.slack.inRoom().some(({ ts }) => ts === note?.ts));
      assert.ok(world.discord.inRoom().some(({ id }) => id === other?.id));
      assert.match(note ? textOf(note) : '', /Still waiting for a decision/);
      assert.deepEqual([note ? slackButtons(note) : [], other ? discordButtons(other) : []], [[], []]);
      await pressSlack(world, dana, card, 'Approve');
      await untilCardsSay(world, 'Approved by Dana Reyes');
      // The second reminder is due while the result is posted.
      await world.until('the result', () =>
        world.slack.state().messages.find((message) => /“Order desk” finished/.test(textOf(message))),
      );
      const { store } = world.app();
      const timers = async () => {
        const { waiting, due, running } =
          (await store.stats(0)).jobs.find(({ kind }) => kind === 'wake') ?? assert.fail();
        return waiting + due + running;
      };
      // That of the deadline, minutes later, stays.
      while ((await timers()) !== 1) await delay(POLL_MS);
      assert.deepEqual([inSlack().length, inDiscord().length], [1, 1]);
      await world.until('both to say that it does not wait any more', () =>
        [...inSlack(), ...inDiscord()].every((shown) => /No longer waiting/.test(textOf(shown))) ? true : undefined,
      );
      const refused = [...world.slack.journal.entries, ...world.discord.journal.entries];
      assert.deepEqual(
        refused.filter(({ kind }) => kind === 'refused'),
        [],
      );
    },
    { env: { REMIND_AFTER: '1000,2500' } },
  ));

test('it mentions the people of PING, and is posted in direct messages, too, where it mentions no one', () =>
  inWorld(
    async (world) => {
      await world.dispatch('refund-agent');
      const notes = await world.until('a reminder in each of the four places', () => {
        const slack = world.slack.state().messages.filter((one) => /Reminder: Refund/.test(textOf(one)));
        const discord = world.discord.state().messages.filter((one) => /Reminder\\: Refund/.test(textOf(one)));
        return slack.length === 2 && discord.length === 2 ? { slack, discord } : undefined;
      });
      const inRoom = notes.slack.find(({ channel }) => channel === world.slack.channel);
      const direct = notes.slack.find(({ channel }) => channel !== world.slack.channel);
      assert.deepEqual(pingsIn({ text: '', blocks: inRoom?.blocks }), [
        JSON.stringify({ type: 'user', user_id: dana.slackId }),
      ]);
      assert.deepEqual(pingsIn({ text: '', blocks: direct?.blocks }), []);
      assert.deepEqual([typeof inRoom?.threadTs, typeof direct?.threadTs], ['string', 'string']);
      assert.deepEqual(
        notes.discord.flatMap(({ called }) => called ?? []),
        [sam.discordId],
      );
    },
    {
      env: {
        REMIND_AFTER: '1000',
        PING: `slack:${dana.slackId}, discord:${sam.discordId}`,
        DIRECT_MESSAGES: `slack:${dana.slackId}, discord:${sam.discordId}`,
      },
    },
  ));
