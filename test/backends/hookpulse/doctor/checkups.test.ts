import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createHookPulse } from '../../../../src/backends/hookpulse/index.ts';
import { createHookPulseEmulator } from '../../../../src/sandbox/emulators/hookpulse/index.ts';
import type { HookPulseEmulator } from '../../../../src/sandbox/emulators/hookpulse/types.ts';
import { systemClock } from '../../../../src/system/clock.ts';
import { captureLog } from '../../../support/log.ts';
import { RecordingIntake } from '../../runtype/support/backend.ts';
import { assertFound, lookAt, only } from '../../shared/doctor/support.ts';

type Keys = (hookpulse: HookPulseEmulator) => readonly { uuid: string; apiKey: string; name: string | null }[];
const own: Keys = ({ brands }) => brands.map(({ brandUuid: uuid, apiKey }) => ({ uuid, apiKey, name: null }));

async function looked(change: (hookpulse: HookPulseEmulator) => void = () => {}, keys: Keys = own, brands = 1) {
  const hookpulse = await createHookPulseEmulator({ brands });
  change(hookpulse);
  const intake = new RecordingIntake();
  const { url } = hookpulse;
  const options = { url, brands: keys(hookpulse), pollMs: 5_000, intake, clock: systemClock, log: captureLog().log };
  const backend = createHookPulse(options);
  try {
    const examined = await lookAt(backend);
    const calls = hookpulse.journal.entries.filter((entry) => entry.kind === 'call');
    assert.ok(
      calls.every(({ method }) => method === 'GET'),
      'nothing is decided',
    );
    return { ...examined, calls: calls.length };
  } finally {
    await backend.stop();
    await hookpulse.close();
  }
}

describe('what the doctor finds at HookPulse', () => {
  test('is nothing in a sound set-up, by one call for each brand', async () => {
    const { findings, untold, calls } = await looked(() => {}, own, 2);
    assert.deepEqual([findings, calls, untold.length], [[], 2, 1]);
  });

  test('is a key that it refuses, or that is of another brand', async () => {
    const refused = only(await looked(({ refuse, brandUuid }) => refuse(brandUuid)));
    assertFound(refused, {
      check: 'hookpulse.key',
      level: 'fault',
      what: /HOOKPULSE_API_KEY \(401: Invalid API key\)/,
      remedy: /same order/,
    });
    const swapped: Keys = (hookpulse) => {
      const [first, second] = own(hookpulse);
      return [
        { uuid: first?.uuid ?? '', apiKey: second?.apiKey ?? '', name: 'acme' },
        { uuid: second?.uuid ?? '', apiKey: second?.apiKey ?? '', name: 'bmce' },
      ];
    };
    const other = only(await looked(() => {}, swapped, 2));
    assert.match(other.what, /HOOKPULSE_API_KEY \(entry 1, acme\) \(401: Invalid brand UUID\)/);
  });

  test('is an allowance that others use up', async () => {
    const found = only(await looked(({ setRate }) => setRate({ remaining: 50 })));
    assertFound(found, { check: 'hookpulse.key', level: 'warning', what: /49 of 1000 calls/, remedy: /of its own/ });
  });
});
