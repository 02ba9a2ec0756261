import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createSonzai } from '../../../src/backends/sonzai/index.ts';
import type { TokenSource } from '../../../src/backends/sonzai/token.ts';
import { createSonzaiEmulator } from '../../../src/sandbox/emulators/sonzai/index.ts';
import type { SonzaiEmulator } from '../../../src/sandbox/emulators/sonzai/types.ts';
import { systemClock } from '../../../src/system/clock.ts';
import { captureLog } from '../../support/log.ts';
import { RecordingIntake } from '../runtype/support/backend.ts';
import { assertFound, lookAt, only } from '../shared/doctor/support.ts';

async function looked(
  tokenOf: (sonzai: SonzaiEmulator) => TokenSource = ({ token: value }) => ({ kind: 'value', value }),
) {
  const sonzai = await createSonzaiEmulator();
  const token = tokenOf(sonzai);
  const log = captureLog().log;
  const backend = createSonzai({
    url: sonzai.url,
    token,
    pollMs: 5_000,
    intake: new RecordingIntake(),
    clock: systemClock,
    log,
  });
  try {
    const examined = await lookAt(backend);
    const calls = sonzai.journal.entries.filter((entry) => entry.kind === 'call');
    assert.ok(
      calls.every(({ method, effect }) => method === 'GET' && !effect),
      'nothing is decided',
    );
    return { ...examined, calls: calls.length };
  } finally {
    await backend.stop();
    await sonzai.close();
  }
}

describe('what the doctor finds at Sonzai', () => {
  test('is nothing in a sound set-up; whether it may resolve is left to people', async () => {
    const { findings, untold, fine, calls } = await looked();
    assert.deepEqual([findings, calls], [[], 1]);
    assert.deepEqual(
      fine.map(({ check }) => check),
      ['sonzai.key', 'sonzai.clock', 'sonzai.token_life'],
    );
    assert.match(untold[0]?.what ?? '', /may resolve approvals/);
  });

  test('is a token that it does not accept', async () => {
    const found = only(await looked(() => ({ kind: 'value', value: 'sk_project' })));
    assertFound(found, {
      check: 'sonzai.key',
      level: 'fault',
      what: /SONZAI_TOKEN \(401/,
      remedy: /SONZAI_TOKEN_COMMAND/,
    });
  });

  test('is a fixed token that expires', async () => {
    const found = only(await looked((sonzai) => ({ kind: 'value', value: sonzai.issueToken() })));
    assertFound(found, {
      check: 'sonzai.token_life',
      level: 'fault',
      what: /SONZAI_TOKEN expires at/,
      remedy: /COMMAND/,
    });
  });

  test('is a file or a command without a token', async () => {
    const file = only(await looked(() => ({ kind: 'file', path: '/nowhere/token' })));
    assertFound(file, {
      check: 'sonzai.key',
      level: 'fault',
      what: /SONZAI_TOKEN_FILE names can’t be read/,
      remedy: /by hand/,
    });
    const command = only(await looked(() => ({ kind: 'command', command: ['false'] })));
    assert.equal(command.where, 'SONZAI_TOKEN_COMMAND');
  });
});
