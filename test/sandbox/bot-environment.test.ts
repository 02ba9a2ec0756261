/** What a bot of the sandbox is configured with: the emulators alone, whatever the environment of this process has. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { botEnvironment, botSettings } from '../../src/sandbox/bot-environment.ts';
import { createOpsgenieEmulator, createPagerDutyEmulator } from '../../src/sandbox/emulators/schedules/index.ts';
import { createEmulators } from '../support/worlds/emulators.ts';

test('every address is of this machine, and nothing comes from this process', async () => {
  const onCall = { pagerduty: await createPagerDutyEmulator(), opsgenie: await createOpsgenieEmulator() };
  const emulators = await createEmulators();
  process.env['SLACK_SIGNING_SECRET'] = 'of-a-real-app';
  try {
    const surroundings = { folder: '/nowhere', port: 4321, ...emulators, ...onCall };
    const settings = botSettings(surroundings);
    const addresses = Object.entries(settings).filter(([name]) => name.endsWith('_API_URL'));
    assert.equal(addresses.length, 7);
    for (const [name, url] of addresses) assert.equal(new URL(url).hostname, '127.0.0.1', name);
    assert.equal(settings['PORT'], '4321');
    assert.equal(settings['DATABASE_URL'], 'file:/nowhere/countersign.db');
    const environment = botEnvironment({ ...surroundings, quiet: true });
    const more = Object.keys(environment).filter((name) => !(name in settings));
    assert.deepEqual(more.toSorted(), ['HOME', 'LOG_LEVEL', 'PATH', 'POLICY_FILE']);
  } finally {
    delete process.env['SLACK_SIGNING_SECRET'];
    await Promise.all([...Object.values(onCall).map((one) => one.close()), emulators.close()]);
  }
});
