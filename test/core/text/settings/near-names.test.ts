import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { settings } from '../../../../src/config/settings.ts';
import { nearNames, settingMeantBy } from '../../../../src/core/text/settings/near-names.ts';

const known = Object.keys(settings.shape);

describe('a name that is not a setting', () => {
  const near: [string, string][] = [
    ['CONFRIM', 'CONFIRM'],
    ['CONFIRMS', 'CONFIRM'],
    ['CONFIRM_TOOLS', 'CONFIRM'],
    ['CONFIRMATION', 'CONFIRM'],
    ['COMFIRM', 'CONFIRM'],
    ['confirm', 'CONFIRM'],
    ['REVIEWER', 'REVIEWERS'],
    ['REVIEWRES', 'REVIEWERS'],
    ['SLACK_TOKEN', 'SLACK_BOT_TOKEN'],
    ['SLACK_BOTTOKEN', 'SLACK_BOT_TOKEN'],
    ['slackBotToken', 'SLACK_BOT_TOKEN'],
    ['SLACK-CHANNEL', 'SLACK_CHANNEL'],
    ['SLACK_CHANNEL_ID', 'SLACK_CHANNEL'],
    ['DISCORD_BOT_TOKEN', 'DISCORD_TOKEN'],
    ['RUNTYPE_KEY', 'RUNTYPE_API_KEY'],
    ['HOOKPULSE_KEY', 'HOOKPULSE_API_KEY'],
    ['COUNTERSIGN_PORT', 'PORT'],
    ['PROT', 'PORT'],
    ['RETENTION_DAYS', 'RETENTION'],
    ['READFIRST', 'READ_FIRST'],
    ['DIRECT_MESSAGE', 'DIRECT_MESSAGES'],
    ['PINGS', 'PING'],
    ['DATABASE', 'DATABASE_URL'],
    ['МASK_KEYS', 'MASK_KEYS'],
  ];
  for (const [name, expected] of near) {
    test(`${name} may mean ${expected}`, () =>
      assert.ok(nearNames(name, known).includes(expected), String(nearNames(name, known))));
  }

  for (const name of [
    'REDIS_URL',
    'DB_HOST',
    'SMTP_PORT',
    'NODE_ENV',
    'AWS_REGION',
    'HOST_UID',
    'POST',
    'FOO',
    'SLACK_WEBHOOK_URL',
  ]) {
    test(`${name} is another program’s`, () => assert.deepEqual(nearNames(name, known), []));
  }

  test('in an environment is near only with one wrong letter', () => {
    assert.equal(settingMeantBy('CONFRIM', known), 'CONFIRM');
    assert.equal(settingMeantBy('SLACK_TOKEN', known), null);
    for (const name of [
      'PATH',
      'HOME',
      'HOSTNAME',
      'PWD',
      'LOGNAME',
      'LANG',
      'SHLVL',
      'TERM',
      'npm_config_user_agent',
    ]) {
      assert.equal(settingMeantBy(name, known), null, name);
    }
  });
});
