/** A take-over is a lease: claimed before the form opens, shown in every room, then finished, released or expired. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  calls,
  discordButtons,
  discordNote,
  labels,
  pressDiscord,
  pressSlack,
  privateTexts,
  slackButtons,
  submitDiscord,
  submitSlack,
  untilCardsSay,
} from '../../support/people/room.ts';
import { dana, inWorld, sam } from '../../support/worlds/world.ts';

describe('taking over', () => {
  test('is shown in both rooms before the form is filled in, and blocks others until it is finished', () =>
    inWorld(async (world) => {
      await world.dispatch('refund-agent');
      await world.discordCard();
      await pressSlack(world, dana, await world.slackCard(), 'Take over');
      await untilCardsSay(world, 'Claimed by Dana Reyes');
      const holders = ['Mark as done', 'Approve', 'Reject', 'Release', 'Details'];
      assert.deepEqual(labels(slackButtons(await world.slackCard())), holders);
      assert.deepEqual(labels(discordButtons(await world.discordCard())), holders);
      for (const label of ['Mark as done', 'Approve', 'Release'])
        await pressDiscord(world, sam, await world.discordCard(), label);
      await world.until('the refusals', () => (privateTexts(world, sam).length === 3 ? true : undefined));
      for (const text of privateTexts(world, sam))
        assert.match(text, /Dana Reyes has claimed this in Slack, for up to .+, until \d\d\\?:\d\d UTC/);
      assert.deepEqual(calls(world, 'approve'), []);
      await submitSlack(world, dana, 'Called her, sent a new shade');
      await untilCardsSay(world, 'Taken over by Dana Reyes');
      const [sent] = calls(world, 'approve');
      assert.equal(sent?.body['decision'], 'denied');
      assert.match(String(sent?.body['reason']), /Called her, sent a new shade/);
    }));

  test('ends when the form is closed unsent, and any reviewer can decide', () =>
    inWorld(async (world) => {
      await world.dispatch('refund-agent');
      await pressSlack(world, dana, await world.slackCard(), 'Take over');
      const view = await world.until('the form', () => world.slack.state().views[0]);
      await untilCardsSay(world, 'Claimed by Dana Reyes');
      world.slack.closeView(dana.slackId, view.id);
      await untilCardsSay(world, 'Needs a decision.');
      await pressDiscord(world, sam, await world.discordCard(), 'Approve');
      await untilCardsSay(world, 'Approved by Sam Okafor');
    }));

  test('is kept by a submission without a text, over a closed form and a restart, until it is marked as done', () =>
    inWorld(async (world) => {
      await world.dispatch('refund-agent');
      await pressDiscord(world, sam, await world.discordCard(), 'Take over');
      await untilCardsSay(world, 'Claimed by Sam Okafor');
      await discordNote(world, sam, 'Closed it without sending it?');
      await submitDiscord(world, sam, '');
      const gone = () => (privateTexts(world, sam).length === 0 ? true : undefined);
      await world.until('the note to be removed', gone);
      assert.deepEqual(calls(world, 'approve'), []);
      await world.stop();
      await world.start();
      await pressDiscord(world, sam, await world.discordCard(), 'Mark as done');
      await submitDiscord(world, sam, 'Refunded in the shop');
      await untilCardsSay(world, 'Taken over by Sam Okafor');
      assert.match(String(calls(world, 'approve')[0]?.body['reason']), /Refunded in the shop/);
    }));

  test('ends by Release in the note beside the form on Discord, and its holder may approve instead', () =>
    inWorld(async (world) => {
      await world.dispatch('refund-agent');
      await pressDiscord(world, sam, await world.discordCard(), 'Take over');
      await untilCardsSay(world, 'Claimed by Sam Okafor');
      await pressDiscord(world, sam, await discordNote(world, sam, 'Closed it without sending it?'), 'Release');
      await untilCardsSay(world, 'Needs a decision.');
      await pressSlack(world, dana, await world.slackCard(), 'Take over');
      await untilCardsSay(world, 'Claimed by Dana Reyes');
      await pressSlack(world, dana, await world.slackCard(), 'Approve');
      await untilCardsSay(world, 'Approved by Dana Reyes');
    }));

  test('survives a restart, and expires automatically', () =>
    inWorld(
      async (world) => {
        await world.dispatch('refund-agent');
        await pressSlack(world, dana, await world.slackCard(), 'Take over');
        await untilCardsSay(world, 'Claimed by Dana Reyes');
        await world.stop();
        await world.start();
        await untilCardsSay(world, 'Needs a decision.');
        await pressDiscord(world, sam, await world.discordCard(), 'Approve');
        await untilCardsSay(world, 'Approved by Sam Okafor');
        assert.equal(calls(world, 'approve').length, 1);
      },
      { env: { TAKE_OVER_MAX: '1500' } },
    ));

  test('that others wait for is named on their card, and ends by its Release on either platform', () =>
    inWorld(async (world) => {
      await world.dispatch('parallel-awaits', 'flow');
      await Promise.all([world.slackCard(1), world.discordCard(1)]);
      await pressSlack(world, dana, await world.slackCard(0), 'Answer');
      await untilCardsSay(world, 'Claimed by Dana Reyes');
      await pressDiscord(world, sam, await world.discordCard(1), 'Approve');
      await untilCardsSay(world, 'Will be sent once Dana Reyes, who has claimed the other question until', 1);
      assert.deepEqual(labels(slackButtons(await world.slackCard(1))), ['Release', 'Details']);
      await pressDiscord(world, sam, await world.discordCard(1), 'Release');
      await untilCardsSay(world, 'Sam Okafor ended the claim of Dana Reyes.');
      await untilCardsSay(world, 'Will be sent once the other question of this run is answered', 1);
      await pressDiscord(world, sam, await world.discordCard(0), 'Answer');
      await untilCardsSay(world, 'once Sam Okafor, who has claimed the other question', 1);
      await pressSlack(world, dana, await world.slackCard(1), 'Release');
      await untilCardsSay(world, 'Dana Reyes ended the claim of Sam Okafor.');
      await pressSlack(world, dana, await world.slackCard(0), 'Approve');
      await untilCardsSay(world, 'Approved by Dana Reyes');
      await untilCardsSay(world, 'Approved by Sam Okafor', 1);
      assert.equal(calls(world, 'resume').length, 1);
    }));

  test('ends at once where the platform does not open its form', () =>
    inWorld(async (world) => {
      await world.dispatch('refund-agent');
      await world.discordCard();
      world.slack.fail('views.open', { kind: 'error', error: 'expired_trigger_id' });
      await pressSlack(world, dana, await world.slackCard(), 'Take over');
      const told = () => (privateTexts(world, dana).some((text) => text.includes('did not open')) ? true : undefined);
      await world.until('the private answer', told);
      await untilCardsSay(world, 'Needs a decision.');
      const refused = { kind: 'status', status: 400, when: 'before', code: 50_035 } as const;
      world.discord.fail('POST /interactions/:id/:token/callback', refused);
      await pressDiscord(world, sam, await world.discordCard(), 'Take over');
      await untilCardsSay(world, 'Needs a decision.');
      await pressSlack(world, dana, await world.slackCard(), 'Approve');
      await untilCardsSay(world, 'Approved by Dana Reyes');
    }));
});
