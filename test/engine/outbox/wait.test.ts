/** When the outbox looks again: what is due must not wait for luck. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Store } from '../../../src/core/ports/ports.ts';
import { createOutbox } from '../../../src/engine/outbox/outbox.ts';
import { createTestClock } from '../../support/clock.ts';
import { captureLog } from '../../support/log.ts';

test('a job that becomes due while the outbox looks is not slept over', async () => {
  const clock = createTestClock();
  const due = clock.now() + 100;
  const looks: number[] = [];
  const found = Promise.withResolvers<void>();
  const store = {
    claimInCommits: () => {},
    async claim() {
      if (looks.length > 1 && clock.now() >= due) found.resolve();
      return [];
    },
    // A busy process takes its time between the answer and the sleep.
    async msUntilNextJob() {
      const wait = due - clock.now();
      looks.push(clock.now());
      if (looks.length === 1) clock.advance(150);
      return wait;
    },
    probes: async () => [],
    release: async () => {},
  } as Partial<Store> as Store;
  const nothing = async () => {
    throw new Error('there are no jobs');
  };
  const { log } = captureLog();
  const outbox = createOutbox({ store, clock, log, draw: nothing, decide: nothing, wake: nothing });
  outbox.start();
  const late = setTimeout(() => found.reject(new Error(`it looked at ${looks} only, and sleeps`)), 1_000);
  try {
    await found.promise;
  } finally {
    clearTimeout(late);
    await outbox.stop();
  }
  assert.equal(looks.length >= 2, true);
});
