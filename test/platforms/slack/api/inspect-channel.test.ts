import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { SlackEmulator } from '../../../../src/sandbox/emulators/slack/types.ts';
import { never, startSlack } from '../support.ts';

describe('the channel for cards, looked at once', () => {
  const cases: readonly (readonly [string, (emulator: SlackEmulator) => void, RegExp | null])[] = [
    ['is fine', () => {}, null],
    [
      'is archived',
      ({ archiveChannel, channel }) => archiveChannel(channel),
      /#approvals \(C0000000001\) is archived: unarchive/,
    ],
    [
      'lacks the bot',
      ({ removeBot, channel }) => removeBot(channel),
      /bot is not in #approvals .*run \/invite @Countersign/,
    ],
    [
      'is shared by Slack Connect',
      ({ shareChannel, channel }) => shareChannel(channel, 'organisation'),
      /another organisation \(Slack Connect\)/,
    ],
    [
      'is shared in its organisation',
      ({ shareChannel, channel }) => shareChannel(channel, 'workspace'),
      /other workspaces of your organisation/,
    ],
    ['can’t be looked at', ({ revokeScope }) => revokeScope('channels:read'), /could not be checked: .*channels:read/],
  ];
  for (const [name, change, expected] of cases) {
    test(name, async () => {
      await using rig = await startSlack();
      change(rig.emulator);
      const found = (await rig.slack.inspect?.(rig.emulator.channel, never)) ?? assert.fail('it can’t look');
      if (expected === null) assert.deepEqual(found, []);
      else assert.match(found.map(({ message }) => message).join('\n'), expected);
      assert.ok(found.length <= 1, JSON.stringify(found));
      assert.equal(
        found.some(({ closed }) => closed),
        /archived|not in/.test(String(expected)),
      );
    });
  }

  test('does not exist, or is a direct message', async () => {
    await using rig = await startSlack();
    assert.match(
      (await rig.slack.inspect?.('C0MISSING', never))?.map(({ message }) => message).join() ?? '',
      /C0MISSING does not exist, or is private/,
    );
    assert.deepEqual(await rig.slack.inspect?.('D0000000001', never), []);
    assert.equal(rig.calls('conversations.info').length, 1);
  });
});
