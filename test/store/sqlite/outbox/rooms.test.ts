/** Rests and closed rooms after a restart; what every store does with them is in test/contract/store/outbox/rooms.ts. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { step } from '../../../../src/core/approval/steps/step.ts';
import { createSqliteStore } from '../../../../src/store/sqlite/index.ts';
import { createTestClock } from '../../../support/clock.ts';
import { announced, slackRoom } from '../../../support/data/pauses.ts';
import { captureLog } from '../../../support/log.ts';

const NOW = Date.UTC(2026, 8, 1, 10);
const pace = { everyMs: 60_000, burst: 2 };
const again = { type: 'retry', waitMs: 0, error: 'e', notArrived: true } as const;
const folder = mkdtempSync(join(tmpdir(), 'rooms-'));
after(() => rmSync(folder, { recursive: true, force: true }));

function open(name: string, now: number) {
  const onFatal = (error: Error): never => {
    throw error;
  };
  const { log } = captureLog();
  return createSqliteStore({ file: join(folder, name), clock: createTestClock(now), log, onFatal });
}

/** One card, whose room has used up its burst. */
async function begin(name: string): Promise<void> {
  const store = open(name, NOW);
  const audit = { input: 'announced', actor: null, facts: {} };
  const card = announced({ places: [slackRoom] });
  await store.transact({ approvalId: 'ap1', inputId: null, audit, fn: (state) => step(state, card, NOW) });
  for (let call = 0; call < pace.burst; call += 1) {
    const [job] = await store.claim({ draw: 1 }, 'only');
    assert.ok(job);
    await store.settle(job, again, { pace });
  }
  await store.closeRooms(slackRoom, 'is_archived', 60_000);
  await store.close();
}

test('a start gives no new burst, and knows which rooms are closed', async () => {
  await begin('same.db');
  const store = open('same.db', NOW + 20_000);
  await store.retryDeadLetters(null);
  assert.deepEqual(await store.claim({ draw: 1 }, 'only'), []);
  assert.equal(await store.msUntilNextJob(), 40_000);
  await store.close();
  const later = open('same.db', NOW + 60_000);
  const [job] = await later.claim({ draw: 1 }, 'only');
  assert.deepEqual([job?.roomClosed, job?.isProbe], ['is_archived', true]);
  assert.ok(job);
  assert.deepEqual(await later.settle(job, again, { pace }), { pacedMs: 60_000 });
  await later.close();
});

test('a start after the wall clock was set back waits for no rest from the future, and has at most a burst to make up for', async () => {
  await begin('back.db');
  const store = open('back.db', NOW - 3_600_000);
  const [job] = await store.claim({ draw: 1 }, 'only');
  assert.ok(job);
  assert.deepEqual(await store.settle(job, again, { pace }), { pacedMs: 2 * 60_000 });
  await store.close();
});
