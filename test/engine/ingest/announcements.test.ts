/** One pause, whichever way it is heard of. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Approval } from '../../../src/core/approval/approval.ts';
import { pauseOf } from '../../support/data/pauses.ts';
import { createTestEngine } from '../../support/worlds/engine.ts';

for (const [first, then] of [
  ['ingest', 'stream'],
  ['poll', 'stream'],
  ['stream', 'poll'],
  ['stream', 'ingest'],
] as const) {
  test(`a pause that comes by ${first} first, and by ${then} then, is one approval`, async () => {
    const engine = createTestEngine();
    const announce = (via: Approval['via']) =>
      engine.intake.deliver({ type: 'announced', pause: pauseOf(), via, streamOpen: false, inputId: null });
    try {
      await announce(first);
      await announce(then);
      assert.equal((await engine.store.unfinished()).length, 1);
    } finally {
      await engine.stop();
    }
  });
}
