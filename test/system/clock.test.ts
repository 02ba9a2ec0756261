import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '../../src/system/clock.ts';

test('a sleep ends with its time, or rejects with the reason of its signal, and then leaves nothing behind', async () => {
  await systemClock.sleep(1);
  const reason = new Error('enough');
  const woken = new AbortController();
  const sleep = systemClock.sleep(2 ** 31 - 1, woken.signal);
  woken.abort(reason);
  await assert.rejects(sleep, reason);
  await assert.rejects(systemClock.sleep(1, woken.signal), reason);
  const later = new AbortController();
  await systemClock.sleep(1, later.signal);
  later.abort();
  await assert.rejects(systemClock.sleep(1, AbortSignal.abort()), { name: 'AbortError' });
});
