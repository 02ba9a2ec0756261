/** Requests that change after they were shown: a button decides only what its card showed when it was drawn. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { SlackMessage } from '../../../src/sandbox/emulators/slack/types.ts';
import {
  discordButtons,
  pressDiscord,
  pressSlack,
  privateTexts,
  textOf,
  untilCardsSay,
} from '../../support/people/room.ts';
import { dana, inWorld, sam, type World } from '../../support/worlds/world.ts';

const inThis = (run: (world: World) => Promise<void>) => inWorld(run, { polled: true });
const decided = ({ sonzai }: World) => sonzai.journal.entries.filter((entry) => entry.kind === 'call' && entry.effect);

/** The value of the Approve button, which a person may still press while the card is redrawn. */
function approveValue(card: SlackMessage): string {
  const buttons = card.blocks.flatMap((block) => (Array.isArray(block['elements']) ? block['elements'] : []));
  const button = buttons.find((element) => JSON.stringify(element).includes('countersign.approve'));
  return String((button as { value?: string } | undefined)?.value);
}

describe('an item that its agent rewrites', () => {
  test('is not approved by a press on the old card; the new card shows what changed', () =>
    inThis(async (world) => {
      const { approval_id: id } = world.sonzai.seed({ payload: { to: 'Bo Li', discount: '10%' } });
      const [inSlack, inDiscord] = [await world.slackCard(), await world.discordCard()];
      const old = { slack: approveValue(inSlack), discord: discordButtons(inDiscord)[0]?.customId ?? '' };

      world.sonzai.rewrite(id, { payload: { to: 'Bo Li', discount: '90%' } });
      await untilCardsSay(world, /payload\.discount was "10%"/);
      const press = { userId: dana.slackId, channel: inSlack.channel, ts: inSlack.ts };
      await world.slack.press({ ...press, actionId: 'countersign.approve', value: old.slack });
      await world.until('a private answer in Slack', () => privateTexts(world, dana)[0]);
      await world.discord.press({
        ...{ userId: sam.discordId, channelId: inDiscord.channelId, messageId: inDiscord.id, customId: old.discord },
      });
      await world.until('a private answer in Discord', () => privateTexts(world, sam)[0]);
      for (const person of [dana, sam]) {
        assert.match(privateTexts(world, person)[0] ?? '', /The request has changed\./);
      }
      assert.deepEqual(decided(world), []);

      await pressSlack(world, dana, await world.slackCard(), 'Approve');
      await untilCardsSay(world, 'Approved by Dana Reyes');
      assert.match(textOf(await world.discordCard()), /90%/);
      assert.equal(decided(world).length, 1);
    }));

  test('refuses the form that was open for the old version, and returns the text', () =>
    inThis(async (world) => {
      const { approval_id: id } = world.sonzai.seed({ payload: { discount: '10%' } });
      await pressDiscord(world, sam, await world.discordCard(), 'Reject');
      world.sonzai.rewrite(id, { payload: { discount: '5%' } });
      await untilCardsSay(world, /payload\.discount was "10%"/);
      assert.deepEqual(decided(world), []);
    }));
});
