/** People of Slack by their names, though their presses carry only handles: the real libraries, and emulators around them. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  calls,
  pressDiscord,
  pressSlack,
  privateTexts,
  submitSlack,
  textOf,
  untilCardsSay,
} from '../../support/people/room.ts';
import { dana, inWorld, kit, sam, type World } from '../../support/worlds/world.ts';

const lookUps = ({ slack }: World) =>
  slack.journal.entries.flatMap((entry) => (entry.kind === 'call' && entry.method === 'users.info' ? [entry] : []));
/** The newest version of the card in Slack, as the bot sent it. */
const slackJson = async (world: World) => JSON.stringify((await world.slackCard()).blocks);
const element = (id: string) => `{"type":"user","user_id":"${id}","style":{"bold":true}}`;

/** Starts the bot anew after a change at Slack. */
async function restart(world: World, change: () => void): Promise<void> {
  await world.stop();
  change();
  await world.start();
}

describe('a press in Slack', () => {
  test('is shown under the person’s name in both rooms, in notifications, and at the backend', () =>
    inWorld(async (world) => {
      await world.until('the names of the reviewers', () =>
        lookUps(world).length === 2 * world.replicas ? true : undefined,
      );
      await world.dispatch('refund-agent');
      await pressSlack(world, dana, await world.slackCard(), 'Take over');
      await untilCardsSay(world, 'Claimed by Dana Reyes');
      await submitSlack(world, dana, 'Paid by hand');
      await untilCardsSay(world, 'Taken over by Dana Reyes');
      assert.match(String(calls(world, 'approve')[0]?.body['reason']), /^Taken over by Dana Reyes \(U0REVIEW1\)/);
      assert.ok((await slackJson(world)).includes(element(dana.slackId)), 'by Slack’s own element');
      assert.match((await world.slackCard()).text, /Taken over by Dana Reyes/);
      assert.doesNotMatch(textOf(await world.discordCard()), /dana\.reyes|U0REVIEW1/);
      await pressDiscord(world, sam, await world.discordCard(), 'Details');
      const details = await world.until('the details', () =>
        privateTexts(world, sam).find((text) => text.includes('History')),
      );
      assert.match(details, /Dana Reyes \\\(Slack\\\) claimed it/);
    }));

  test('of two reviewers at once tells the second one the name of the first', () =>
    inWorld(async (world) => {
      await world.until('the names of the reviewers', () =>
        lookUps(world).length === 2 * world.replicas ? true : undefined,
      );
      await world.dispatch('refund-agent');
      const card = await world.slackCard();
      await pressSlack(world, dana, card, 'Approve');
      await untilCardsSay(world, 'Approved by Dana Reyes');
      await pressSlack(world, sam, card, 'Approve');
      const told = await world.until('the answer', () => privateTexts(world, sam)[0]);
      assert.match(told, /Dana Reyes already (?:approved this|pressed Approve)/);
    }));

  test('names no one by an element in a new message, which would notify them', () =>
    inWorld(async (world) => {
      await world.slack.command(dana.slackId, '/countersign', 'run refunds');
      await untilCardsSay(world, 'Dana Reyes');
      await world.slackCard(1);
      await pressSlack(world, dana, await world.slackCard(1), 'Approve');
      await untilCardsSay(world, 'Approved by Dana Reyes', 1);
      for (const entry of world.slack.journal.entries) {
        if (entry.kind !== 'call' || !/^chat\.post/.test(entry.method)) continue;
        assert.doesNotMatch(JSON.stringify(entry.args), /"type\\*":\\*"user\\*"|<@/, entry.method);
      }
    }));
});

describe('without the scope users:read', () => {
  test('nothing breaks: Slack shows the name anyway, Discord and the backend the handle', () =>
    inWorld(async (world) => {
      await restart(world, () => world.slack.revokeScope('users:read'));
      await world.dispatch('refund-agent');
      const pressed = await pressSlack(world, dana, await world.slackCard(), 'Reject');
      assert.ok(pressed.acked);
      await submitSlack(world, dana, 'Ask first');
      await world.until('the card in Discord', () =>
        world.discord.state().messages.find((message) => textOf(message).includes('Rejected by dana.reyes')),
      );
      await world.until('the card in Slack', () =>
        world.slack.state().messages.find((message) => textOf(message).includes('Rejected by Dana Reyes')),
      );
      assert.match(world.logText(), /the Slack app can’t look up names/);
      // Each bot asks for itself.
      const failed = lookUps(world).filter(({ ok }) => !ok).length;
      assert.ok(failed >= 1 && failed <= world.replicas, 'Slack is asked once, not for every press');
    }));
});

describe('a name that is not there yet', () => {
  test('is shown once Slack’s rate limit has passed: the handle is replaced on the card', () =>
    inWorld(async (world) => {
      const limited = { kind: 'rate_limited', retryAfterSeconds: 2 } as const;
      // Of several replicas, any may be the one that asks.
      await restart(world, () => world.slack.fail('users.info', limited, 99));
      await world.dispatch('refund-agent');
      await pressSlack(world, dana, await world.slackCard(), 'Approve');
      await world.until('the handle in Discord', () =>
        world.discord.state().messages.find((message) => textOf(message).includes('Approved by dana.reyes')),
      );
      world.slack.heal('users.info');
      await untilCardsSay(world, 'Approved by Dana Reyes');
      assert.equal(calls(world, 'approve').length, 1);
    }));

  test('delays no acknowledgement and no decision, though Slack never answers', () =>
    inWorld(async (world) => {
      await restart(world, () => world.slack.fail('users.info', { kind: 'hang', when: 'before' }, 99));
      await world.dispatch('refund-agent');
      const { acked, afterMs } = await pressSlack(world, dana, await world.slackCard(), 'Approve');
      assert.ok(acked && (afterMs ?? 9_999) < 2_000, `${afterMs} ms`);
      await world.until('the decision at the backend', () => calls(world, 'approve')[0]);
    }));

  test('of a person who may not decide is looked up when they press, and they are refused as before', () =>
    inWorld(async (world) => {
      await world.dispatch('refund-agent');
      await pressSlack(world, kit, await world.slackCard(), 'Approve');
      await world.until('the refusal', () => privateTexts(world, kit)[0]);
      await world.until('the look-up', () => lookUps(world).find(({ args }) => args['user'] === kit.slackId));
      assert.equal(calls(world, 'approve').length, 0);
    }));
});
