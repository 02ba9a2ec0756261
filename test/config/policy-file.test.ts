import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { backends, ids } from '../../src/adapters.ts';
import { readConfig } from '../../src/config/config.ts';
import { SettingsError } from '../../src/config/problems.ts';
import { loadPolicy } from '../../src/policy/load.ts';

const platforms = {
  SLACK_BOT_TOKEN: 'xoxb-1-abcdefgh',
  SLACK_APP_TOKEN: 'xapp-1-abcdefgh',
  DISCORD_TOKEN: 'a.b.c',
  RUNTYPE_API_KEY: 'rt_live_1',
};
const text = `version: 1
people: { mara: [slack:U1, discord:1] }
rules:
  - name: all
    rooms: [slack:C7, discord:70]
    approve: { by: [mara] }
defaults: { digest: off, claim: 10m, confirm: [pay_*], direct: [mara] }
runs: { refunds: { flow: flow_1, start: [mara] } }
questions: { tools: [pick_*], yes_no: [sure_*] }
mask: { keys: [iban], patterns: ['ab\\d'] }
`;
const file = { path: 'countersign.yml', text, loadPolicy };

function refusal(environment: Record<string, string>, content = text): SettingsError {
  try {
    readConfig(environment, null, { ...file, text: content });
  } catch (thrown) {
    assert.ok(thrown instanceof SettingsError, String(thrown));
    return thrown;
  }
  return assert.fail('it starts');
}

describe('with a policy file', () => {
  test('the rest of the bot reads from it what it read from settings', () => {
    const config = readConfig(platforms, null, file);
    assert.equal(config.policy?.document.rules.length, 1);
    const { digestFrom, claimMs } = config.policy?.document ?? {};
    assert.deepEqual([digestFrom, claimMs], [null, 600_000]);
    assert.deepEqual(config.confirm, ['pay_*']);
    assert.deepEqual(config.yesNo, ['sure_*']);
    assert.deepEqual(config.masked.keys, ['iban']);
    assert.equal(config.masked.patterns[0]?.source, 'ab\\d');
    assert.deepEqual(config.runs.targets, [{ name: 'refunds', kind: 'flow', id: 'flow_1' }]);
    assert.deepEqual(
      config.directMessages.map(({ platform, id }) => `${platform}:${id}`),
      ['slack:U1', 'discord:1'],
    );
    assert.deepEqual(
      config.platforms.map(({ config: { channel } }) => channel),
      ['C7', '70'],
    );
  });

  test('a platform needs no channel, and no room', () => {
    const { document } = loadPolicy(text, {
      source: 'x',
      ids,
      backends: backends.map(({ name }) => name),
    });
    assert.ok(document !== null);
    const slackOnly = text.replace(', discord:70', '');
    assert.equal(readConfig(platforms, null, { ...file, text: slackOnly }).platforms[1]?.config.channel, null);
  });

  test('the settings that it takes the place of are refused, with the lines to write', () => {
    const { message } = refusal({
      ...platforms,
      REVIEWERS: 'slack:U1,discord:role:7',
      QUICK_REASONS: 'Too expensive,Wrong customer',
      REMIND_AFTER: '10m,30m',
      AWAIT_TOOLS: 'pick_*',
      MASK_PATTERNS: 'a\\d',
    });
    const expected = [
      'REVIEWERS, QUICK_REASONS, REMIND_AFTER, AWAIT_TOOLS and MASK_PATTERNS are not read, because countersign.yml says it.',
      '      groups:',
      '        reviewers: [slack:U1, discord:role:7]',
      '      rules:',
      '        - name: everything',
      '          approve: { by: [reviewers] }',
      '          reject: { by: [reviewers], quick: ["Too expensive", "Wrong customer"] }',
      '          remind: { after: [10m, 30m] }',
      '        tools: [pick_*]',
      '        patterns: ["a\\\\d"]',
    ];
    for (const line of expected) assert.ok(message.includes(line), `${line}\n${message}`);
    assert.doesNotMatch(message, /digest|yes_no|version/);
  });

  test('a setting that has its default says nothing else, and is left alone', () => {
    const same = { REJECT_REASON: 'required', DIGEST_FROM: '5', TAKE_OVER_MAX: '30m', APPROVE_NOTE: 'off' };
    assert.equal(readConfig({ ...platforms, ...same }, null, file).policy?.document.digestFrom, null);
    assert.match(refusal({ ...platforms, ...same, DIGEST_FROM: '6' }).message, /DIGEST_FROM is not read/);
  });

  test('what is wrong with the file is reported with all else, by line and column', () => {
    const { message } = refusal(
      { ...platforms, PORT: 'x' },
      text.replace('aprove', 'approve').replace('mara] }\ndef', 'jon] }\ndef'),
    );
    assert.match(message, /PORT: must be a number/);
    assert.match(message, /countersign.yml:6:21: "jon" is not a person or a group of this file/);
  });

  test('rooms of a platform without a token are an error', () => {
    const { DISCORD_TOKEN: _, ...slackOnly } = platforms;
    assert.match(refusal(slackOnly).message, /rooms in discord, which is not configured/);
  });

  describe('with a schedule of a service', () => {
    const withSchedules = `${text}schedules:
  payments: { pagerduty: PABC123, level: 1 }
  platform: { opsgenie: 0a1b2c3d-0000-4000-8000-000000000001 }
`;
    const tokens = { PAGERDUTY_TOKEN: 'u+abcdefghijklmnop', OPSGENIE_TOKEN: '0a1b2c3d-0000-4000-8000-000000000001' };

    test('is an error without its token, at the start and at a reload: the line, and the setting to set', () => {
      const { message } = refusal(platforms, withSchedules);
      assert.match(
        message,
        /countersign.yml:12:26: PAGERDUTY_TOKEN is not set, so no one could decide by the schedule payments\. Set it in \.env, or write who is on duty\./,
      );
      assert.match(message, /countersign.yml:13:25: OPSGENIE_TOKEN is not set/);
      const { policy } = readConfig({ ...platforms, PAGERDUTY_TOKEN: tokens.PAGERDUTY_TOKEN }, null, file);
      const { document, problems } = policy?.load(withSchedules) ?? assert.fail('there is a policy');
      assert.equal(document, null);
      assert.deepEqual(
        problems.map(({ line, wrong }) => [line, wrong.split(' ')[0]]),
        [[13, 'OPSGENIE_TOKEN']],
      );
    });

    test('starts with its token, and a rota or a calendar needs none', () => {
      const { schedules, policy } = readConfig({ ...platforms, ...tokens }, null, { ...file, text: withSchedules });
      assert.deepEqual(
        schedules.map(({ name }) => name),
        ['ical', 'pagerduty', 'opsgenie'],
      );
      assert.equal(policy?.document.schedules.size, 2);
      const ownKinds = `${text}schedules:
  primary: { rota: [mara], every: 7d, from: 2026-11-30, at: "09:00", zone: UTC }
  backup: { ical: https://calendar.example.com/oncall.ics }
`;
      assert.equal(readConfig(platforms, null, { ...file, text: ownKinds }).policy?.document.schedules.size, 2);
    });

    test('is valid where settings are not known, as in CI', () =>
      assert.notEqual(loadPolicy(withSchedules, { source: 'x.yml', ids, backends: [] }).document, null));
  });
});

test('without a policy file the settings work as before', () => {
  const config = readConfig({ ...platforms, SLACK_CHANNEL: 'C1', DISCORD_CHANNEL: '2', REVIEWERS: 'slack:U1' });
  assert.equal(config.policy, null);
  assert.deepEqual(config.policySettings.places, [
    { platform: 'slack', room: 'C1' },
    { platform: 'discord', room: '2' },
  ]);
});
