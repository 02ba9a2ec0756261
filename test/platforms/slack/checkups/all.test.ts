import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { SlackEmulator } from '../../../../src/sandbox/emulators/slack/types.ts';
import { systemClock } from '../../../../src/system/clock.ts';
import { assertFound, decider, lookAfter, only, wantedOf } from './support.ts';

describe('what the doctor finds in Slack', () => {
  test('is nothing in a sound set-up, with one call for each thing', async () => {
    const { title, findings, fine, untold, calls } = await lookAfter();
    assert.deepEqual([title, findings], ['Slack', []]);
    assert.deepEqual(
      fine.map(({ check }) => check.replace('slack.', '')),
      ['token', 'app_token', 'clock', 'scopes', 'rooms', 'groups', 'people', 'readers'],
    );
    assert.deepEqual(['auth.test', 'conversations.info', 'users.info', 'usergroups.list'].map(calls), [1, 1, 1, 1]);
    assert.ok(untold.some(({ what }) => /interactivity, the home tab/.test(what)));
  });

  const rooms: readonly (readonly [string, (emulator: SlackEmulator) => void, string, RegExp])[] = [
    ['was archived', ({ archiveChannel, channel }) => archiveChannel(channel), 'fault', /is archived/],
    ['is shared', ({ shareChannel, channel }) => shareChannel(channel, 'organisation'), 'warning', /Slack Connect/],
    ['may be shared', ({ shareChannel, channel }) => shareChannel(channel, 'invited'), 'warning', /Slack Connect/],
    ['is read-only', ({ restrictChannel, channel }) => restrictChannel(channel, 'read_only'), 'fault', /read-only/],
    [
      'takes replies',
      ({ restrictChannel, channel }) => restrictChannel(channel, 'thread_only'),
      'fault',
      /only replies/,
    ],
    [
      'takes none',
      ({ restrictChannel, channel }) => restrictChannel(channel, 'non_threadable'),
      'warning',
      /no replies/,
    ],
    ['is limited', ({ restrictChannel, channel }) => restrictChannel(channel, 'some_people'), 'warning', /Only some/],
  ];
  for (const [name, change, level, what] of rooms) {
    test(`is a channel that ${name}`, async () => {
      const { findings } = await lookAfter(change);
      assertFound(only(findings), { check: 'slack.rooms', level, what, remedy: /./ });
      assert.equal(only(findings).where, 'SLACK_CHANNEL');
    });
  }

  test('is a channel that the bot is not in, with the command that mends it', async () => {
    const { findings } = await lookAfter(({ removeBot, channel }) => removeBot(channel));
    assert.deepEqual(findings, [
      {
        check: 'slack.rooms',
        level: 'fault',
        what: 'The bot is not in #approvals (C0000000001).',
        remedy: 'Run /invite @Countersign there.',
        where: 'SLACK_CHANNEL',
      },
    ]);
  });

  test('is a clock that is wrong', async () => {
    const clock = { ...systemClock, now: () => Date.now() + 3_600_000 };
    const { findings } = await lookAfter(() => {}, { clock });
    assertFound(only(findings), { check: 'slack.clock', level: 'fault', what: /60 minutes ahead/, remedy: /NTP/ });
  });

  test('is limited to the first of many rooms and people, which it says', async () => {
    const people = Array.from({ length: 45 }, () => decider('U0000000001'));
    const { findings, untold, calls } = await lookAfter(() => {}, { wanted: { people, rules: [] } });
    assert.deepEqual(findings, []);
    assert.ok(untold.some(({ what }) => /so 5 people beyond the first 40/.test(what)));
    assert.equal(calls('users.info'), 1);
  });

  test('names the Messages tab only where direct messages are sent', async () => {
    const isNamed = (untold: readonly { what: string }[]) => untold.some(({ what }) => /Messages tab/.test(what));
    assert.equal(isNamed((await lookAfter()).untold), false);
    const direct = { people: [decider('U0000000001', { direct: true })], rules: [] };
    assert.equal(isNamed((await lookAfter(() => {}, { wanted: direct })).untold), true);
    assert.equal(wantedOf({ channel: 'C1' } as SlackEmulator).rooms[0]?.room, 'C1');
  });
});
