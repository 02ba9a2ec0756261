import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pressDiscord, pressSlack, textOf } from '../../support/people/room.ts';
import { dana, inWorld, sam } from '../../support/worlds/world.ts';

test('a secret of the settings is on no card, in no details, no thread, no log and no row', () =>
  inWorld(
    async (world) => {
      await world.dispatch('refund-agent');
      const card = await world.slackCard();
      const discordCard = await world.discordCard();
      assert.match(textOf(card), /••••••/);
      assert.match(textOf(card), /secret values? (is|are) masked/);
      await pressSlack(world, dana, card, 'Details');
      await pressDiscord(world, sam, discordCard, 'Details');
      await world.until('the details', () => world.slack.state().views[0]);
      await pressSlack(world, dana, card, 'Approve');
      await world.until('the result', () =>
        world.slack.state().messages.find((message) => textOf(message).includes('“Order desk” finished')),
      );
      const approvalId = /cs2\.([^.]+)\./.exec(JSON.stringify(card.blocks))?.[1] ?? '';
      const stored = await world.app().store.get(approvalId);
      assert.equal(stored?.id, approvalId);
      const everything = [
        world.slack.state(),
        world.discord.state(),
        world.logText(),
        stored,
        await world.app().store.audit(approvalId),
      ];
      assert.doesNotMatch(JSON.stringify(everything), /Lindqvist|A-1009/);
    },
    { env: { MASK_KEYS: 'customer', MASK_PATTERNS: '\\bA-\\d{4}\\b Mara\\sLindqvist' } },
  ));
