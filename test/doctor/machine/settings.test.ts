/** The settings, as a start would judge them. Faults in a whole set-up: test/doctor/faults/machine.ts. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { settingsGroup } from '../../../src/doctor/machine/settings.ts';
import { readAll } from '../../../src/doctor/read-all.ts';
import { examine } from '../../../src/doctor/run.ts';
import { systemClock } from '../../../src/system/clock.ts';
import { secretOf } from '../../support/data/secrets.ts';

const sound = {
  SLACK_BOT_TOKEN: 'xoxb-1-2-abcdefghijklmnop',
  SLACK_APP_TOKEN: 'xapp-1-A0000000001-1-abcdef',
  SLACK_CHANNEL: 'C0000000001',
  ASK_TOKENS: secretOf('ask'),
  REVIEWERS: 'slack:U0000000001',
};

async function look(more: Record<string, string>) {
  const all = await readAll({ ...sound, ...more }, '/nowhere/.env');
  const [examined] = await examine([settingsGroup(all)], systemClock);
  assert.ok(examined);
  return examined.findings;
}

describe('the settings', () => {
  test('that a start accepts are fine', async () => assert.deepEqual(await look({}), []));

  test('that a start refuses are faults, each with what to do', async () => {
    const [found, ...more] = await look({ PORT: 'http' });
    assert.equal(more.length, 0);
    assert.deepEqual([found?.check, found?.level], ['settings.values', 'fault']);
    assert.match(found?.what ?? '', /^PORT: must be a number/);
    assert.ok((found?.remedy ?? '') !== '');
  });

  test('that hold one secret twice are a warning, which does not say it', async () => {
    const secret = secretOf('metrics');
    const [found, ...more] = await look({ METRICS_TOKEN: secret, ADMIN_TOKEN: secret });
    assert.equal(more.length, 0);
    assert.deepEqual([found?.check, found?.level], ['settings.secrets', 'warning']);
    assert.match(found?.what ?? '', /METRICS_TOKEN/);
    assert.match(found?.what ?? '', /ADMIN_TOKEN/);
    assert.ok(!JSON.stringify(found).includes(secret));
  });

  test('that share what is meant to be shared are fine', async () => {
    const proxy = 'http://proxy.example.com:8080';
    assert.deepEqual(await look({ HTTP_PROXY: proxy, HTTPS_PROXY: proxy }), []);
  });
});
