/** A reminder, as it stands in the rooms: in the card's thread, once, and silent once somebody has decided. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { discordButtons, pressSlack, slackButtons, textOf, untilCardsSay } from '../rig/room.ts';
import { dana, inWorld } from '../rig/world.ts';

test('what nobody has decided is brought back to mind in its thread, in both rooms', () =>
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
      assert.equal(other?.channelId, onDiscord.id, 'a thread has the id of the message that it was started from');
      assert.match(note ? textOf(note) : '', /Nobody has decided yet/);
      assert.deepEqual([note ? slackButtons(note) : [], other ? discordButtons(other) : []], [[], []]);
      await pressSlack(world, dana, card, 'Approve');
      await untilCardsSay(world, 'Approved by Dana Reyes');
      // The second one's time comes while the result is told.
      await world.until('the result', () =>
        world.slack.state().messages.find((message) => /The run is complete/.test(textOf(message))),
      );
      const { store } = world.app();
      const next = async () => (await store.figures(0)).jobs.find(({ kind }) => kind === 'wake')?.waiting;
      while ((await next()) !== 0) await new Promise((later) => setImmediate(later));
      assert.deepEqual([inSlack().length, inDiscord().length], [1, 1]);
      const refused = [...world.slack.journal.entries, ...world.discord.journal.entries];
      assert.deepEqual(
        refused.filter(({ kind }) => kind === 'refused'),
        [],
      );
    },
    { env: { REMIND_AFTER: '1000,2500' } },
  ));
