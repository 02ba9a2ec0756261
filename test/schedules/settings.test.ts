import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readConfig } from '../../src/config/config.ts';

const base = {
  SLACK_BOT_TOKEN: `xoxb-${'1'.repeat(24)}`,
  SLACK_APP_TOKEN: `xapp-${'1'.repeat(24)}`,
  SLACK_CHANNEL: 'C0123456789',
  RUNTYPE_API_KEY: `rt_${'k'.repeat(30)}`,
  REVIEWERS: 'slack:U0123456789',
};
const read = (more: Record<string, string> = {}) => readConfig({ ...base, ...more });

test('a service without a token is not there, and no start needs one', () =>
  assert.deepEqual(
    read().schedules.map(({ name }) => name),
    ['ical'],
  ));

test('a token makes its service a source, and is kept out of the log', () => {
  const { schedules, secrets } = read({
    PAGERDUTY_TOKEN: 'u+abcdefghijklmnop',
    OPSGENIE_TOKEN: 'abcdefgh-0123-4567-89ab',
  });
  assert.deepEqual(
    schedules.map(({ name }) => name),
    ['ical', 'pagerduty', 'opsgenie'],
  );
  assert.ok(secrets.includes('u+abcdefghijklmnop') && secrets.includes('abcdefgh-0123-4567-89ab'));
});

test('an address with a path is refused, with what to write', () => {
  assert.throws(
    () => read({ OPSGENIE_TOKEN: 'abcdefgh-0123-4567-89ab', OPSGENIE_API_URL: 'https://api.eu.opsgenie.com/v2' }),
    {
      message: /OPSGENIE_API_URL.*Write https:\/\/api\.eu\.opsgenie\.com/s,
    },
  );
});
