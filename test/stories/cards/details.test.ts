/** Details: everything that does not fit on a card, shown to one person in private. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { SlackView } from '../../../src/sandbox/emulators/slack/types.ts';
import { pressDiscord, pressSlack, submitSlack, textOf, untilCardsSay } from '../../support/people/room.ts';
import { WAIT_MS } from '../../support/worlds/wait-ms.ts';
import { dana, inWorld, kit, sam, type World } from '../../support/worlds/world.ts';

function viewOf(world: World, userId: string, text: string): Promise<SlackView> {
  return world.until(`a modal that says ${text}`, () =>
    world.slack.state().views.find((open) => open.userId === userId && JSON.stringify(open.view).includes(text)),
  );
}

function ephemeralMessages(world: World, userId: string) {
  return world.discord.state().messages.filter(({ onlyFor }) => onlyFor === userId);
}

/** What was refused is recorded after the answer: only the replica that refused it orders its next press after that. */
async function refusalRecorded(world: World): Promise<void> {
  const [{ id } = { id: '' }] = await world.app().store.list({ unfinished: true });
  const endsAt = Date.now() + WAIT_MS;
  while (!(await world.app().store.audit(id)).some(({ ignored }) => ignored === 'not_allowed'))
    assert.ok(Date.now() < endsAt, 'the refusal is in no audit log');
}

describe('details', () => {
  test('in Slack: a bystander reads everything in a modal, and nothing is decided', () =>
    inWorld(async (world) => {
      await world.dispatch('refund-agent');
      const card = await world.slackCard();
      await pressSlack(world, kit, card, 'Approve');
      if (world.replicas > 1) await refusalRecorded(world);
      await pressSlack(world, kit, card, 'Details');
      const { view } = await viewOf(world, kit.slackId, 'History');
      const text = JSON.stringify(view);
      for (const part of ['Received from Runtype.', 'Posted in Slack.', 'A-1009', 'not a reviewer', 'exec_']) {
        assert.ok(text.includes(part), part);
      }
      await pressSlack(world, dana, card, 'Reject');
      await submitSlack(world, dana, 'Ask first');
      await untilCardsSay(world, 'Rejected by Dana Reyes');
      await pressSlack(world, kit, await world.slackCard(), 'Details');
      await viewOf(world, kit.slackId, 'Runtype recorded it.');
    }));

  test('in Discord: seen by one person only', () =>
    inWorld(async (world) => {
      await world.dispatch('refund-agent');
      await pressDiscord(world, sam, await world.discordCard(), 'Details');
      const [ephemeral] = ephemeralMessages(world, sam.discordId);
      assert.ok(ephemeral);
      assert.match(textOf(ephemeral), /Received from Runtype/);
      assert.match(textOf(ephemeral), /A-1009/);
      // The card leaves this out where Discord has no room.
      assert.match(textOf(ephemeral), /If \*\*approved\*\*, [^.]*refund_order[\s\S]*Who may decide/);
    }));

  test('a long payload has pages on both platforms, and a file in Discord', () =>
    inWorld(async (world) => {
      await world.dispatch('hostile');
      const card = await world.slackCard();
      await pressSlack(world, dana, card, 'Details');
      const first = await viewOf(world, dana.slackId, 'Page 1 of');
      await world.slack.pressInView(dana.slackId, first.id, 'countersign.details.1');
      await viewOf(world, dana.slackId, 'Page 2 of');
      const discordCard = await world.discordCard();
      await pressDiscord(world, dana, discordCard, 'Details');
      const [ephemeral] = ephemeralMessages(world, dana.discordId);
      assert.ok(ephemeral);
      assert.match(textOf(ephemeral), /Page 1 of/);
      const { attachments } = ephemeral;
      assert.equal(attachments?.length, 1);
      await pressDiscord(world, dana, ephemeral, 'Next');
      await world.until('the second page', () =>
        ephemeralMessages(world, dana.discordId).find((message) => textOf(message).includes('Page 2 of')),
      );
      assert.equal(ephemeralMessages(world, dana.discordId).length, 1, 'pages replace each other in the same message');
      assert.equal(
        world.slack.journal.entries.some((entry) => entry.kind === 'refused'),
        false,
      );
      assert.equal(
        world.discord.journal.entries.some((entry) => entry.kind === 'refused'),
        false,
      );
    }));
});
