import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createRuntype, type RuntypeOptions } from '../../../src/backends/runtype/index.ts';
import { openGuard } from '../../../src/core/ports/http.ts';
import { createRuntypeEmulator } from '../../../src/sandbox/emulators/runtype/index.ts';
import { systemClock } from '../../../src/system/clock.ts';
import { captureLog } from '../../support/log.ts';
import { assertFound, lookAt, only } from '../shared/doctor/support.ts';
import { RecordingIntake } from './support/backend.ts';

async function looked(more: Partial<RuntypeOptions> = {}) {
  const emulator = await createRuntypeEmulator();
  const backend = createRuntype({
    url: emulator.url,
    apiKey: emulator.apiKey,
    secret: 'of-the-database',
    gateway: { keys: [] },
    ingestSecret: null,
    noteAsMessage: false,
    intake: new RecordingIntake(),
    guard: openGuard,
    clock: systemClock,
    log: captureLog().log,
    ...more,
  });
  try {
    const examined = await lookAt(backend);
    const calls = emulator.journal.entries.filter((entry) => entry.kind === 'call');
    assert.deepEqual(
      calls.filter(({ method, effect }) => method !== 'GET' || effect),
      [],
      'nothing is started',
    );
    return { ...examined, calls: calls.length };
  } finally {
    await backend.stop();
    await emulator.close();
  }
}

describe('what the doctor finds at Runtype', () => {
  test('is nothing in a sound set-up; the scopes of the key are left to people', async () => {
    const { findings, untold, calls } = await looked();
    assert.deepEqual([findings, calls], [[], 1]);
    assert.match(untold[0]?.what ?? '', /workspace and the scopes of RUNTYPE_API_KEY/);
    assert.equal(untold.length, 1);
  });

  test('is a key that it does not accept', async () => {
    const found = only(await looked({ apiKey: 'rt_test_wrong' }));
    assertFound(found, { check: 'runtype.key', level: 'fault', what: /RUNTYPE_API_KEY \(401/, remedy: /dashboard/ });
  });

  test('is nothing without a key, and the ingest secret is left to a delivery', async () => {
    assert.deepEqual((await looked({ apiKey: null })).fine, []);
    const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
    const { untold } = await looked({ ingestSecret: secret });
    assert.match(untold[1]?.what ?? '', /INGEST_SECRET/);
  });
});
