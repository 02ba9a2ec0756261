import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readConfig } from '../../src/config/config.ts';
import { createFingerprint } from '../../src/start/replicas.ts';
import { systemClock } from '../../src/system/clock.ts';

const environment = {
  SLACK_BOT_TOKEN: 'xoxb-1-1-secret',
  SLACK_APP_TOKEN: 'xapp-1-A-1-secret',
  SLACK_CHANNEL: 'C0ROOM',
  REVIEWERS: 'slack:U0DANA',
  RUNTYPE_API_KEY: 'rt-secret',
};
const fingerprint = (more: Record<string, string> = {}, version = 'v1', secret = 'of the database') =>
  createFingerprint(
    secret,
    readConfig({ ...environment, ...more }, null, null).compared,
    { document: { version } },
    systemClock,
  )();

describe('the fingerprint of a replica', () => {
  test('is the same where the rules are, wherever it runs and whatever else is in its environment', () => {
    const own = {
      PORT: '9000',
      LOG_LEVEL: 'debug',
      HOME: '/root',
      SOMETHING: 'else',
      HTTPS_PROXY: 'http://proxy:3128',
    };
    assert.equal(fingerprint(own), fingerprint());
    assert.equal(fingerprint({ ...own, DATABASE_URL: 'file:other.db' }), fingerprint());
  });

  test('differs in its first part with each setting, and in its second with the policy', () => {
    const [settings, policy] = fingerprint().split(' ');
    const other = fingerprint({ REVIEWERS: 'slack:U0DANA,slack:U0SAM' }).split(' ');
    assert.notEqual(other[0], settings);
    assert.equal(other[1], policy);
    assert.notEqual(fingerprint({ RUNTYPE_API_KEY: 'another' }).split(' ')[0], settings);
    const changed = fingerprint({}, 'v2').split(' ');
    assert.deepEqual([changed[0] === settings, changed[1] === policy], [true, false]);
  });

  test('says nothing about a setting to who does not know the secret of the database', () => {
    const [settings, policy] = fingerprint().split(' ');
    const [elsewhere, also] = fingerprint({}, 'v1', 'of another one').split(' ');
    assert.ok(elsewhere !== settings && also !== policy);
    assert.ok(!fingerprint().includes('secret'));
  });
});
