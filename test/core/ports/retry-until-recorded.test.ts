import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DiskError, StoreDoubt, StoreError } from '../../../src/core/ports/errors.ts';
import { retryUntilRecorded } from '../../../src/core/ports/retry-until-recorded.ts';
import { systemClock } from '../../../src/system/clock.ts';
import { captureLog } from '../../support/log.ts';

const clock = { ...systemClock, sleep: async () => {} };

/** Fails with each of these in turn, then succeeds. */
function failing(...errors: Error[]) {
  let calls = 0;
  return async () => {
    calls += 1;
    const error = errors.shift();
    if (error !== undefined) throw error;
    return calls;
  };
}

test('what was not recorded, and what is in doubt, is requested again until it is confirmed', async () => {
  const { log, lines } = captureLog();
  const work = failing(new StoreError('full'), new StoreDoubt('no answer'), new StoreDoubt('no answer'));
  assert.equal(await retryUntilRecorded(clock, log, work), 4);
  assert.equal(lines().filter(({ msg }) => msg === 'what happened is not recorded yet').length, 3);
});

test('it gives up after about half a minute, and at once where a new start is needed', async () => {
  const { log } = captureLog();
  const doubts = Array.from({ length: 6 }, () => new StoreDoubt('no answer'));
  await assert.rejects(retryUntilRecorded(clock, log, failing(...doubts)), StoreDoubt);
  await assert.rejects(retryUntilRecorded(clock, log, failing(new DiskError('I/O'))), DiskError);
});
