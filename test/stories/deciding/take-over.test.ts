/** A take-over is a lease: claimed before the form opens, shown in every room, then finished, released or expired. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  calls,
  discordButtons,
  labels,
  pressDiscord,
  pressSlack,
  privateTexts,
  slackButtons,
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
      assert.deepEqual(labels(slackButtons(await world.slackCard())), ['Mark as done', 'Release', 'Details']);
      assert.deepEqual(labels(discordButtons(await world.discordCard())), ['Mark as done', 'Release', 'Details']);
      await pressDiscord(world, sam, await world.discordCard(), 'Mark as done');
      await pressDiscord(world, sam, await world.discordCard(), 'Release');
      await world.until('both refusals', () => (privateTexts(world, sam).length === 2 ? true : undefined));
      for (const text of privateTexts(world, sam))
        assert.match(text, /Dana Reyes has claimed this in Slack, for up to [45] minutes/);
      assert.deepEqual(calls(world, 'approve'), []);
      await submitSlack(world, dana, 'Called her, sent a new shade');
      await untilCardsSay(world, 'Taken over by Dana Reyes');
      const [sent] = calls(world, 'approve');
      assert.equal(sent?.body['decision'], 'denied');
      assert.match(String(sent?.body['reason']), /Called her, sent a new shade/);
    }));

  test('a closed form can be opened again, and a released request can be decided by any reviewer', () =>
    inWorld(async (world) => {
      await world.dispatch('refund-agent');
      await pressSlack(world, dana, await world.slackCard(), 'Take over');
      const view = await world.until('the form', () => world.slack.state().views[0]);
      world.slack.closeView(dana.slackId, view.id);
      await untilCardsSay(world, 'Claimed by Dana Reyes');
      await pressSlack(world, dana, await world.slackCard(), 'Mark as done');
      const again = await world.until('the form again', () => world.slack.state().views[0]);
      world.slack.closeView(dana.slackId, again.id);
      await pressSlack(world, dana, await world.slackCard(), 'Release');
      await untilCardsSay(world, 'Needs a decision.');
      await pressDiscord(world, sam, await world.discordCard(), 'Approve');
      await untilCardsSay(world, 'Approved by Sam Okafor');
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
});
