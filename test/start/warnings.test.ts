/** What a start says of settings that work, and of who can call. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readConfig } from '../../src/config/config.ts';
import { warnOfExposure } from '../../src/start/warnings.ts';
import { secretOf } from '../support/data/secrets.ts';
import { captureLog } from '../support/log.ts';

const discord = { RUNTYPE_API_KEY: 'rt_test_1', DISCORD_TOKEN: 'abc', DISCORD_CHANNEL: '4100' };
const METRICS_TOKEN = secretOf('metrics');
const ADMIN_TOKEN = secretOf('admin');

function saidOf(environment: Record<string, string>): string {
  const { log, text } = captureLog();
  warnOfExposure(readConfig({ ...discord, ...environment }), log);
  return text();
}

test('that probes are closed, where callers may be on other machines and no token opens them', () => {
  assert.match(saidOf({ HOST: '0.0.0.0' }), /\/metrics and the reasons of \/readyz are closed/);
  assert.equal(saidOf({ HOST: '0.0.0.0', METRICS_TOKEN }), '');
  assert.equal(saidOf({}), '');
});

test('that the page for operators can be read on the way, where it is not known to be behind TLS', () => {
  const open = { METRICS_TOKEN, ADMIN_TOKEN };
  assert.match(
    saidOf({ ...open, HOST: '0.0.0.0' }),
    /page for operators is served without TLS.*"because":"HOST is 0\.0\.0\.0"|"because":"HOST is 0\.0\.0\.0".*page for operators is served without TLS/,
  );
  assert.match(saidOf({ ...open, PUBLIC_URL: 'http://bot.example.com' }), /without TLS/);
  assert.equal(saidOf({ ...open, HOST: '0.0.0.0', PUBLIC_URL: 'https://bot.example.com' }), '');
  assert.equal(saidOf(open), '', 'on this machine only');
  assert.equal(saidOf({ METRICS_TOKEN, HOST: '0.0.0.0' }), '', 'there is no page');
});
