import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { z } from 'zod';
import { read, settings } from '../../../src/platforms/slack/settings.ts';

const complete = { SLACK_BOT_TOKEN: 'xoxb-1', SLACK_APP_TOKEN: 'xapp-1', SLACK_CHANNEL: 'C1' };
const signingSecret = '0'.repeat(32);

function config(environment: Record<string, string>, people: { platform: string }[] = []) {
  const problems: string[] = [];
  const set = z.object(settings).parse(environment);
  const made = read(set, { exposedBy: null, directMessages: people, ids: [], runs: [] }, problems);
  return { made, problems: problems.map((problem) => problem.slice(0, problem.indexOf('.'))) };
}

describe('the settings of Slack', () => {
  test('are absent without a token, and complete with three', () => {
    assert.deepEqual(config({ SLACK_CHANNEL: 'C1' }), { made: null, problems: [] });
    assert.deepEqual(config(complete).made, {
      botToken: 'xoxb-1',
      delivery: { kind: 'socket', appToken: 'xapp-1' },
      channel: 'C1',
      apiUrl: 'https://slack.com/api/',
      connections: 2,
      secrets: ['xoxb-1', 'xapp-1'],
      exposedBy: null,
    });
  });

  test('prefer Socket Mode, and keep the signing secret secret', () => {
    const { made } = config({ ...complete, SLACK_SIGNING_SECRET: signingSecret });
    assert.deepEqual([made?.delivery.kind, made?.secrets.includes(signingSecret)], ['socket', true]);
    const { SLACK_APP_TOKEN: _, ...http } = complete;
    const over = config({ ...http, SLACK_SIGNING_SECRET: signingSecret }).made;
    assert.deepEqual(over?.delivery, { kind: 'http', signingSecret });
    assert.match(over?.exposedBy ?? '', /^Slack sends its requests here/);
  });

  test('say what is missing', () => {
    assert.deepEqual(config({ SLACK_BOT_TOKEN: 'xoxb-1' }).problems, [
      'SLACK_APP_TOKEN: missing',
      'SLACK_CHANNEL: missing',
    ]);
    assert.deepEqual(config({ SLACK_APP_TOKEN: 'xapp-1', SLACK_CHANNEL: 'C1' }).problems, ['SLACK_BOT_TOKEN: missing']);
  });

  test('need no channel where a person on Slack gets direct messages', () => {
    const { SLACK_CHANNEL: _, ...noChannel } = complete;
    assert.deepEqual(config(noChannel, [{ platform: 'slack' }]).problems, []);
    assert.deepEqual(config(noChannel, [{ platform: 'discord' }]).problems, ['SLACK_CHANNEL: missing']);
  });
});
