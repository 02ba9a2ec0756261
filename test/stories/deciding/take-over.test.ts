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
