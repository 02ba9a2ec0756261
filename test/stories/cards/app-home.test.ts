/** Slack's App Home: pending approvals, updated automatically, with buttons as in the list. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Json, SlackHome } from '../../../src/sandbox/emulators/slack/types.ts';
import { calls, pressDiscord, slackButtons, submitSlack, textOf, untilCardsSay } from '../../support/people/room.ts';
import { dana, inWorld, kit, sam, type World } from '../../support/worlds/world.ts';

type Person = { slackId: string };

const blocksOf = ({ view }: SlackHome) => view['blocks'] as Json[];
const asMessage = (home: SlackHome) => ({ blocks: blocksOf(home) }) as unknown as Parameters<typeof slackButtons>[0];
const homeText = (home: SlackHome) => textOf(asMessage(home));
const published = (world: World) =>
  world.slack.journal.entries.flatMap((entry) =>
    entry.kind === 'call' && entry.method === 'views.publish' ? [entry] : [],
  );

const untilHomeSays = (world: World, person: Person, text: RegExp) =>
  world.until(`a home tab that says ${text}`, () =>
    world.slack.state().homes.find((home) => home.userId === person.slackId && text.test(homeText(home))),
  );

async function pressHome(world: World, person: Person, home: SlackHome, label: string): Promise<void> {
  const button = slackButtons(asMessage(home)).find((one) => one.label === label);
  assert.ok(button, `${label} on: ${homeText(home)}`);
  const pressed = await world.slack.pressInHome(person.slackId, button.actionId);
  assert.ok(pressed.acked);
}

describe('App Home', () => {
  test('shows pending approvals when it is opened, and is updated only for people who opened theirs', () =>
    inWorld(async (world) => {
      assert.ok((await world.slack.openHome(dana.slackId)).acked);
      await untilHomeSays(world, dana, /No pending requests for you/);
      await world.dispatch('refund-agent');
      await untilHomeSays(world, dana, /1 pending request for you[\s\S]*A-1009/);
      await pressDiscord(world, dana, await world.discordCard(), 'Approve');
      await untilHomeSays(world, dana, /No pending requests for you/);
      assert.deepEqual(
        world.slack.state().homes.map(({ userId }) => userId),
        [dana.slackId],
      );
      await world.slack.openHome(kit.slackId);
      await untilHomeSays(world, kit, /No pending requests for you/);
      assert.ok(published(world).every(({ ok }) => ok));
    }));

  test('has the buttons of the list: one decision, with a form, and the answer above it', () =>
    inWorld(async (world) => {
      await world.dispatch('refund-agent');
      await world.dispatch('refund-agent');
      await world.slackCard(1);
      await world.slack.openHome(dana.slackId);
      const home = await untilHomeSays(world, dana, /2 pending requests for you/);
      await pressHome(world, dana, home, 'Details');
      await world.until('the details in a modal', () =>
        world.slack.state().views.find(({ view }) => JSON.stringify(view).includes('History')),
      );
      for (const { id } of world.slack.state().views) world.slack.closeView(dana.slackId, id);
      await pressHome(world, dana, home, 'Approve');
      const one = await untilHomeSays(
        world,
        dana,
        /1 pending request for you[\s\S]*You pressed Approve for “Refund order”/,
      );
      await untilCardsSay(world, 'Approved by Dana Reyes');
      await pressHome(world, dana, one, 'Reject');
      await submitSlack(world, dana, 'Not this one');
      await untilHomeSays(world, dana, /No pending requests for you[\s\S]*You pressed Reject for “Refund order”/);
      await untilCardsSay(world, 'Rejected by Dana Reyes', 1);
      assert.equal(calls(world, 'approve').length, 2);
      const refused = world.slack.journal.entries.filter((entry) => entry.kind === 'call' && !entry.ok);
      assert.deepEqual(refused, []);
    }));

  test('shows in the tab why a press changed nothing', () =>
    inWorld(async (world) => {
      await world.dispatch('refund-agent');
      await world.slackCard();
      await world.slack.openHome(dana.slackId);
      const home = await untilHomeSays(world, dana, /1 pending request/);
      const [approve] = slackButtons(asMessage(home));
      // A tab that could not be drawn for a while shows a stale button.
      world.slack.fail('views.publish', { kind: 'rate_limited', retryAfterSeconds: 2 });
      await pressDiscord(world, sam, await world.discordCard(), 'Approve');
      await untilCardsSay(world, 'Approved by Sam Okafor');
      await world.slack.pressInHome(dana.slackId, approve?.actionId ?? '');
      await untilHomeSays(
        world,
        dana,
        /No pending requests for you[\s\S]*Sam Okafor already (?:approved this|pressed Approve) in Discord/,
      );
      assert.equal(calls(world, 'approve').length, 1);
    }));

  test('has pages, and stays on its page over a restart during which the list changed', () =>
    inWorld(async (world) => {
      await world.slack.openHome(kit.slackId);
      await pressHome(world, kit, await untilHomeSays(world, kit, /No pending requests for you/), 'Show all');
      await untilHomeSays(world, kit, /No pending requests/);
      await world.stop();
      await world.start();
      await world.dispatch('refund-agent');
      const home = await untilHomeSays(world, kit, /1 pending request[\s\S]*You can’t decide this\./);
      assert.doesNotMatch(homeText(home), /A-1009/);
    }));
});
