import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createWorld, type World } from '../../support/worlds/world.ts';

/** A line of the log is no change of an emulator, so the wait looks again by itself. */
async function logged(world: World, text: RegExp): Promise<void> {
  for (let turn = 0; turn < 20_000 && !text.test(world.logText()); turn += 1) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.match(world.logText(), text);
}

describe('what is looked at once the bot runs', () => {
  test('a channel without the bot, and people on a platform that is not configured, are in the log', async () => {
    const world = await createWorld({ platforms: ['slack'], env: { REVIEWERS: 'slack:U1,discord:1' } });
    try {
      assert.match(world.logText(), /REVIEWERS names people in Discord, which is not configured/);
      await world.stop();
      world.slack.removeBot(world.slack.channel);
      await world.start();
      await logged(world, /The bot is not in #approvals/);
    } finally {
      await world.close();
    }
  });

  test('a Slack that does not answer that neither delays the start nor prevents it', async () => {
    const world = await createWorld({ platforms: ['slack'] });
    try {
      await world.stop();
      world.slack.fail('conversations.info', { kind: 'hang', when: 'before' }, 5);
      await world.start();
      await world.dispatch('refund-agent');
      await world.slackCard();
    } finally {
      await world.close();
    }
  });
});
