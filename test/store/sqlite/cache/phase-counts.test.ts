/** The counts are those of the file, whatever is written, refused and rolled back. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PhaseCounts } from '../../../../src/store/sqlite/cache/phase-counts.ts';
import { createSqliteStore } from '../../../../src/store/sqlite/index.ts';
import { put } from '../../../contract/store/support.ts';
import { createTestClock } from '../../../support/clock.ts';
import { announced, pauseOf, pressed } from '../../../support/data/pauses.ts';
import { captureLog } from '../../../support/log.ts';

test('are counted once', async () => {
  const counted: string[] = [];
  const clock = createTestClock();
  const { log } = captureLog();
  const watch = { statement: (sql: string) => counted.push(...(sql.includes('GROUP BY backend') ? [sql] : [])) };
  const store = createSqliteStore({ file: ':memory:', clock, log, onFatal: assert.fail, watch });
  const phases = async () =>
    (await store.stats(0)).approvals.map(({ backend, phase, count }) => [backend, phase, count]);
  const announce = (id: string, backend: string) =>
    put(store, clock, announced({ id, pause: pauseOf({ key: id, backend }) }), { id });
  assert.deepEqual(await phases(), []);
  await Promise.all([announce('a', 'runtype'), announce('b', 'sonzai'), announce('c', 'runtype')]);
  await put(store, clock, pressed(), { id: 'a' });
  assert.deepEqual(await phases(), [
    ['runtype', 'decided', 1],
    ['runtype', 'open', 1],
    ['sonzai', 'open', 1],
  ]);
  await put(store, clock, { type: 'cancelled', reason: 'over' }, { id: 'b' });
  assert.equal((await phases()).length, 2);
  assert.equal(counted.length, 1);

  const refused = store.transact({
    approvalId: 'd',
    inputId: null,
    audit: { input: 'bad', actor: null, facts: {} },
    fn: () => {
      throw new Error('no');
    },
  });
  await Promise.allSettled([announce('e', 'sonzai'), refused]);
  assert.deepEqual((await phases()).at(-1), ['sonzai', 'open', 1]);
  assert.equal(counted.length, 2, 'counted again after a rollback');
  await store.close();
});

test('are counted when they are first asked for', () => {
  const counts = new PhaseCounts(() => [{ backend: 'runtype', phase: 'open', count: 3 }]);
  assert.deepEqual(counts.all(), [{ backend: 'runtype', phase: 'open', count: 3 }]);
});
