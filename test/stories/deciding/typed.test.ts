/** What a person types reaches the agent as it was typed, through the real libraries: in commands and in forms. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { pressDiscord, pressSlack, submitDiscord, submitSlack } from '../../support/people/room.ts';
import { dana, inWorld, sam, type World } from '../../support/worlds/world.ts';

const TYPED = 'a < b & c > d &lt; "é" *x* <b>';

function sentTo(world: World, path: string): Promise<Record<string, unknown>> {
  return world.until(`a call of ${path}`, () => {
    const found = world.runtype.journal.entries.find(
      (entry) => entry.kind === 'call' && entry.path === path && entry.method === 'POST',
    );
    return found === undefined ? undefined : ((found as { body: Record<string, unknown> }).body ?? undefined);
  });
}

describe('text that a person types', () => {
  for (const shouldEscape of [false, true]) {
    test(`after /countersign run in Slack, where references are ${shouldEscape ? 'on' : 'off'}`, () =>
      inWorld(async (world) => {
        const text = `${TYPED} https://a.example/?x=1&y=2`;
        await world.slack.command(dana.slackId, '/countersign', `run refunds ${text}`, { shouldEscape });
        const { messages } = await sentTo(world, '/v1/dispatch');
        assert.deepEqual(messages, [{ role: 'user', content: text }]);
      }));
  }

  test('after /countersign run in Discord', () =>
    inWorld(async (world) => {
      await world.discord.command({
        userId: sam.discordId,
        channelId: world.discord.channel,
        name: 'countersign run',
        options: { name: 'refunds', text: TYPED },
        deliveries: 1,
      });
      const { messages } = await sentTo(world, '/v1/dispatch');
      assert.deepEqual(messages, [{ role: 'user', content: TYPED }]);
    }));

  for (const platform of ['Slack', 'Discord'] as const) {
    test(`in a form in ${platform}`, () =>
      inWorld(async (world) => {
        await world.dispatch('refund-agent');
        const [slack, discord] = [await world.slackCard(), await world.discordCard()];
        await (platform === 'Slack'
          ? pressSlack(world, dana, slack, 'Reject')
          : pressDiscord(world, sam, discord, 'Reject'));
        await (platform === 'Slack' ? submitSlack(world, dana, TYPED) : submitDiscord(world, sam, TYPED));
        const { reason } = await sentTo(world, '/v1/dispatch/approve');
        assert.equal(reason, TYPED);
      }));
  }
});
