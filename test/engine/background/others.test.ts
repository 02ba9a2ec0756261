import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Asked } from '../../../src/core/ports/ports.ts';
import { createOthers } from '../../../src/engine/background/others.ts';
import { createTestClock } from '../../support/clock.ts';
import { pauseOf } from '../../support/data/pauses.ts';
import { captureLog } from '../../support/log.ts';

const askedOf = (id: string): Asked => ({ id, phase: 'open', via: 'stream', sharedNames: [], pause: pauseOf() });

/** @param looks what each look finds; a string: the store fails with it */
function others(looks: (string[] | string)[], beatEveryMs: number | null) {
  const clock = createTestClock();
  const noted: string[][] = [];
  let current: string[] = [];
  const { log, lines } = captureLog();
  const found = Promise.withResolvers<void>();
  const rest = [...looks];
  const made = createOthers({
    store: {
      followOthers: () => async () => {
        const next = rest.shift();
        if (next === undefined) found.resolve();
        if (typeof next === 'string') throw new Error(next);
        return next ?? [];
      },
      asked: async (ids) => ids.map(askedOf),
    },
    fleet: { beatEveryMs },
    note: ({ id }) => void current.push(id),
    async onNoted() {
      noted.push(current);
      current = [];
    },
    // No time passes between two looks.
    clock: { ...clock, sleep: () => new Promise((later) => setImmediate(later)) },
    log,
  });
  return { made, noted, found: found.promise, lines };
}

describe('what other replicas change', () => {
  test('is noted, also after the store has failed, which is reported once', async () => {
    const { made, noted, found, lines } = others([['a', 'b'], 'down', 'down', [], ['c']], 3_000);
    made.start();
    await found;
    await made.stop();
    assert.deepEqual(noted, [['a', 'b'], ['c']]);
    assert.equal(lines().length, 1);
  });

  test('is not looked for where there are no others', async () => {
    const { made, noted } = others([['a']], null);
    made.start();
    await made.stop();
    assert.deepEqual(noted, []);
  });
});
