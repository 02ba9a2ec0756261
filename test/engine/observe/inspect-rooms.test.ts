import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createWorld, type World } from '../../support/worlds/world.ts';

/** A line of the log is not a change of an emulator, so the wait looks again at intervals. */
async function logged(world: World, text: RegExp): Promise<void> {
  for (let turn = 0; turn < 20_000 && !text.test(world.logText()); turn += 1) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.match(world.logText(), text);
}

describe('what is looked at once the bot runs', () => {
  test('a channel without the bot prevents the start, and people on a platform that is not configured are in the log', async () => {
    const world = await createWorld({ platforms: ['slack'], env: { REVIEWERS: 'slack:U1,discord:1' } });
    try {
      assert.match(world.logText(), /REVIEWERS names people in Discord, which is not configured/);
      await world.stop();
      world.slack.removeBot(world.slack.channel);
      await assert.rejects(world.start(), {
        name: 'SetupError',
        message: /The bot is not in #approvals .*\/invite @Countersign/,
      });
      world.slack.inviteBot(world.slack.channel);
      world.slack.archiveChannel(world.slack.channel);
      await assert.rejects(world.start(), /#approvals .* is archived: unarchive it/);
      world.slack.unarchiveChannel(world.slack.channel);
      world.slack.shareChannel(world.slack.channel, 'organisation');
      await world.start();
      await logged(world, /is shared with another organisation/);
    } finally {
      await world.close();
    }
  });

  test('a Slack that does not answer that neither delays the start nor prevents it', async () => {
    const world = await createWorld({ platforms: ['slack'], roomCheckMs: 50 });
    try {
      await world.stop();
      world.slack.fail('conversations.info', { kind: 'hang', when: 'before' }, 5);
      await world.start();
      await world.dispatch('refund-agent');
      await world.slackCard();
      const ready =
        world
          .logText()
          .split('\n')
          .findLast((line) => line.includes('"msg":"ready"')) ?? '';
      const { url, mayDecide, rooms, backends } = JSON.parse(ready);
      assert.match(url, /^http:\/\/127\.0\.0\.1:\d+$/);
      assert.match(mayDecide, /^\d+ people/);
      assert.deepEqual([rooms, backends], [[`slack:${world.slack.channel}`], { runtype: 'answers' }]);
    } finally {
      await world.close();
    }
  });
});
