/** Sonzai and HookPulse: polled, then decided from both rooms or in the backend's own dashboard. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  discordButtons,
  labels,
  pressDiscord,
  pressSlack,
  privateTexts,
  slackButtons,
  submitDiscord,
  submitSlack,
  textOf,
  untilCardsSay,
} from '../../support/people/room.ts';
import { dana, inWorld, sam, type World } from '../../support/worlds/world.ts';

const inThis = (run: (world: World) => Promise<void>) => inWorld(run, { polled: true });
const decided = ({ sonzai, hookpulse }: World) =>
  [...sonzai.journal.entries, ...hookpulse.journal.entries].flatMap((entry) =>
    entry.kind === 'call' && entry.effect ? [entry.body as { action: string; execution_plan_uuid?: string }] : [],
  );

describe('an item of Sonzai', () => {
  test('is approved in Slack', () =>
    inThis(async (world) => {
      world.sonzai.seed({ context: 'Wants to offer a 10% discount' });
      const card = await world.slackCard();
      assert.match(textOf(card), /Wants to offer a 10% discount/);
      assert.match(textOf(card), /62 %|confidence/);
      await pressSlack(world, dana, card, 'Approve');
      await untilCardsSay(world, 'Approved by Dana Reyes');
      assert.deepEqual(
        decided(world).map(({ action }) => action),
        ['approve'],
      );
    }));

  test('is rejected in Discord, with a reason that is not sent to Sonzai', () =>
    inThis(async (world) => {
      world.sonzai.seed();
      await pressDiscord(world, sam, await world.discordCard(), 'Reject');
      await submitDiscord(world, sam, 'Too much');
      await untilCardsSay(world, 'Rejected by Sam Okafor');
      await untilCardsSay(world, 'Too much');
      assert.deepEqual(decided(world), [{ action: 'reject' }]);
    }));

  test('is taken over in Slack', () =>
    inThis(async (world) => {
      world.sonzai.seed({ type: 'handoff' });
      await pressSlack(world, dana, await world.slackCard(), 'Take over');
      await submitSlack(world, dana, 'Calling them now');
      await untilCardsSay(world, 'Taken over by Dana Reyes');
      assert.deepEqual(decided(world), [{ action: 'take_over' }]);
    }));

  test('that waited for three hours before the bot saw it was asked three hours ago', () =>
    inThis(async (world) => {
      const asked = new Date(Date.now() - 3 * 3_600_000);
      // Without a zone, as Sonzai's document allows: it is UTC.
      world.sonzai.seed({ created_at: asked.toISOString().slice(0, 19) });
      const seconds = Math.floor(asked.getTime() / 1_000);
      assert.ok(textOf(await world.discordCard()).includes(`asked <t:${seconds}:R>`));
      assert.ok(textOf(await world.slackCard()).includes(`<!date^${seconds}^`));
      await pressDiscord(world, sam, await world.discordCard(), 'Approve');
      await untilCardsSay(world, 'decided in Discord after 3 hours');
      await pressDiscord(world, sam, await world.discordCard(), 'Details');
      const details = await world.until('the details', () =>
        world.discord
          .state()
          .messages.filter(({ onlyFor }) => onlyFor === sam.discordId)
          .map(textOf)
          .find((text) => text.includes('Reference')),
      );
      assert.ok(details.includes(`, <t:${seconds}:f>`), details);
      const shown = /Shown in Slack <t:(\d+):f>, in Discord <t:(\d+):f>/.exec(details);
      assert.ok(shown !== null && Number(shown[1]) > seconds && Number(shown[2]) > seconds, details);
    }));

  test('decided in the dashboard closes both cards, and a late press is answered with the decision', () =>
    inThis(async (world) => {
      const item = world.sonzai.seed();
      const [card] = [await world.slackCard(), await world.discordCard()];
      world.sonzai.decideInDashboard(item.approval_id, 'approve');
      await untilCardsSay(world, 'Decided elsewhere');
      const left = [slackButtons(await world.slackCard()), discordButtons(await world.discordCard())];
      assert.deepEqual(left.map(labels), [['Details'], ['Details']]);
      await pressSlack(world, dana, card, 'Approve');
      await world.until('a private answer', () => privateTexts(world, dana)[0]);
      assert.match(privateTexts(world, dana)[0] ?? '', /this was decided elsewhere/);
      assert.equal(decided(world).length, 0);
    }));
});

describe('a plan of HookPulse', () => {
  test('with two approval steps makes two cards, and the first one’s button can’t decide the second step', () =>
    inThis(async (world) => {
      seedTwoSteps(world);
      const first = await world.slackCard(0);
      await world.discordCard(0);
      assert.deepEqual(labels(slackButtons(first)), ['Approve', 'Reject', 'Details'], 'HookPulse has no take-over');
      await pressSlack(world, dana, first, 'Approve');
      await untilCardsSay(world, 'Approved by Dana Reyes', 0);
      const second = await world.slackCard(1);
      assert.equal(second.threadTs, first.ts);
      await pressSlack(world, sam, first, 'Approve');
      await world.until('a private answer', () => privateTexts(world, sam)[0]);
      assert.match(privateTexts(world, sam)[0] ?? '', /Dana Reyes already (?:approved this|pressed Approve)/);
      assert.equal(decided(world).length, 1);
      await pressDiscord(world, sam, await world.discordCard(1), 'Reject');
      await submitDiscord(world, sam, 'No budget');
      await untilCardsSay(world, 'Rejected by Sam Okafor', 1);
      assert.deepEqual(
        decided(world).map(({ action }) => action),
        ['approve', 'reject'],
      );
    }));

  test('decided in the dashboard closes both cards', () =>
    inThis(async (world) => {
      const plan = seedTwoSteps(world);
      await world.slackCard();
      await world.discordCard();
      world.hookpulse.decideInDashboard(plan.executionPlanUuid, 'reject');
      await untilCardsSay(world, 'Decided elsewhere');
      assert.equal(decided(world).length, 0);
    }));
});

function seedTwoSteps(world: World) {
  return world.hookpulse.seed({
    workflowName: 'Contract renewal',
    steps: [{ step_identifier: 'legal_review' }, { step_identifier: 'finance_sign_off' }],
  });
}

test('a backend that can’t be reached is named on the card; a press is kept, and sent once it is back', () =>
  inThis(async (world) => {
    world.sonzai.seed();
    const card = await world.slackCard();
    await world.discordCard();
    world.sonzai.fail('GET /api/v1/approvals', { kind: 'reset', when: 'before' }, 6);
    await untilCardsSay(world, 'Sonzai is unreachable');
    await pressSlack(world, dana, card, 'Approve');
    await untilCardsSay(world, 'Approved by Dana Reyes');
    assert.equal(decided(world).length, 1);
  }));
