/** Row 25: a slow backend delays neither the answer to a person nor another card. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { calls, pressDiscord, pressSlack, textOf } from '../../support/people/room.ts';
import { runs } from '../../support/property.ts';
import { dana, inWorld, sam, type World } from '../../support/worlds/world.ts';

/** The limit of row 25; Slack and Discord show an error after three seconds. */
const ACK_LIMIT_MS = 1_000;

/** The runs' first cards, without the messages in their threads. */
const slackCards = ({ slack }: World) =>
  slack.state().messages.filter(({ blocks, onlyFor, threadTs }) => blocks.length > 0 && !onlyFor && threadTs === null);
const discordCards = ({ discord }: World) =>
  discord.state().messages.filter(({ embeds, channelId }) => embeds.length > 0 && channelId === discord.channel);

describe('row 25: a backend that takes 30 s', () => {
  test('row 25: presses are acknowledged within a second, cards show “sending”, the result follows later', () =>
    inWorld(async (world) => {
      // A few less than one process sends at once, so that the delayed calls leave slots for others.
      const count = Math.min(runs(16), 30);
      const { promise: answered, resolve: answer } = Promise.withResolvers<void>();
      world.runtype.fail('/v1/dispatch/approve', { kind: 'held', until: answered }, count);
      for (let run = 1; run <= count; run += 1) {
        await world.dispatch('refund-agent');
        // Several that wait to be posted at once would share a message.
        await world.until('its card in both rooms', () =>
          slackCards(world).length === run && discordCards(world).length === run ? true : undefined,
        );
      }
      const presses = slackCards(world).map((card, index) => {
        // Half of the presses are in the other room, on the card of another run.
        const other = discordCards(world)[index];
        if (index % 2 === 0 || other === undefined) return pressSlack(world, dana, card, 'Approve');
        return pressDiscord(world, sam, other, 'Approve');
      });
      const results = await Promise.all(presses);
      for (const { acked, afterMs } of results) {
        assert.ok(acked);
        assert.ok((afterMs ?? Number.POSITIVE_INFINITY) < ACK_LIMIT_MS, `acknowledged after ${afterMs} ms`);
      }
      await world.until('the cards to say that it is being sent', () => {
        const all = [...slackCards(world), ...discordCards(world)];
        return all.every((card) => /pressed Approve\.\W* Sending to Runtype/.test(textOf(card))) ? true : undefined;
      });
      assert.equal(calls(world, 'approve').length, 0, 'no call was answered yet');

      // A new request gets its card meanwhile without delay.
      await world.dispatch('refund-agent');
      await world.until('the next card', () => (slackCards(world).length === count + 1 ? true : undefined));

      answer();
      await world.until('the results', () => {
        const done = slackCards(world).filter((card) => textOf(card).includes('Approved by'));
        return done.length === count ? true : undefined;
      });
      assert.equal(calls(world, 'approve').filter(({ effect }) => effect).length, count);
    }));
});
