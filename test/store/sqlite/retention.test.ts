/** The size of the file and the duration of a slice, with many archived approvals. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import Database from 'better-sqlite3';
import type { Input } from '../../../src/core/approval/inputs.ts';
import { step } from '../../../src/core/approval/steps/step.ts';
import type { Clock, Store } from '../../../src/core/ports/ports.ts';
import { createSqliteStore } from '../../../src/store/sqlite/index.ts';
import { systemClock } from '../../../src/system/clock.ts';
import { announced, pauseOf, pressed, sentAs } from '../../support/data/pauses.ts';
import { captureLog } from '../../support/log.ts';
import { runs } from '../../support/property.ts';

const folder = mkdtempSync(join(tmpdir(), 'countersign-retention-'));
after(() => rmSync(folder, { recursive: true }));
const { log } = captureLog();
const DAY_MS = 86_400_000;

const open = (file: string, clock: Clock) =>
  createSqliteStore({
    file,
    clock,
    log,
    onFatal: (error) => {
      throw error;
    },
  });
const put = (store: Store, clock: Clock, id: string, input: Input) =>
  store.transact({
    approvalId: id,
    inputId: `${id}:${input.type}:${clock.now()}`,
    audit: { input: input.type, actor: 'actor' in input ? input.actor : null, facts: { note: 'as it was' } },
    fn: (state) => step(state, input, clock.now()),
  });

/** From its announcement to the backend's acceptance, with its card posted. */
async function settleOne(store: Store, clock: Clock, id: string): Promise<void> {
  const pause = pauseOf({
    key: id,
    runId: `run-${id}`,
    parameters: { orderId: id, why: `The lamp of ${id} came broken.` },
  });
  await put(store, clock, id, announced({ id, pause }));
  await put(store, clock, id, pressed());
  await put(store, clock, id, { type: 'sending', resendable: true });
  await put(store, clock, id, sentAs({ type: 'recorded', following: false }));
}

async function runJobs(store: Store): Promise<void> {
  for (;;) {
    const jobs = await store.claim({ draw: 100, decide: 100 }, 'w');
    if (jobs.length === 0) return;
    await Promise.all(jobs.map((job) => store.settle(job, { type: 'done' })));
  }
}

test('with many settled approvals the file stays small, a slice is short, and nothing is lost', async () => {
  const count = runs(600);
  const file = join(folder, 'many.db');
  const jump = { ms: 0 };
  let readings = 0;
  // Each reading of the clock takes a millisecond, so the length of a slice does not depend on the machine.
  const clock: Clock = { ...systemClock, now: () => systemClock.now() + jump.ms, monotonic: () => (readings += 1) };
  const store = open(file, clock);
  const sizes: number[] = [];
  const slices: number[] = [];
  const batch = Math.ceil(count / 5);
  for (let begun = 0; begun < count; begun += batch) {
    for (let from = begun; from < Math.min(begun + batch, count); from += 50) {
      const ids = Array.from(
        { length: Math.min(50, begun + batch - from, count - from) },
        (_, index) => `ap${from + index}`,
      );
      await Promise.all(ids.map((id) => settleOne(store, clock, id)));
      await runJobs(store);
    }
    jump.ms += 100 * DAY_MS;
    for (let more = true; more; ) {
      const startedAt = readings;
      more = await store.archiveAndPrune({ settledBefore: clock.now() - DAY_MS, seenBefore: clock.now() - DAY_MS });
      slices.push(readings - startedAt);
    }
    sizes.push(statSync(file).size);
  }
  assert.equal((await store.get('ap0'))?.outcome, 'approved');
  assert.equal((await store.get('ap0'))?.pause.parameters['why'], 'The lamp of ap0 came broken.');
  assert.deepEqual(
    (await store.audit('ap0')).map(({ input }) => input),
    ['announced', 'pressed', 'sending', 'sent'],
  );
  await store.close();

  const db = new Database(file);
  const rows = (table: string) => Number(db.prepare(`SELECT count(*) FROM ${table}`).pluck().get());
  assert.deepEqual(['approvals', 'inputs', 'jobs', 'audit', 'archive'].map(rows), [0, 0, 0, 0, count]);
  const perApproval = Number(db.prepare('SELECT avg(length(packed)) FROM archive').pluck().get());
  db.close();
  // The file keeps the space of one batch of approvals; beyond that, only the archive makes it grow.
  const growth = ((sizes.at(-1) ?? 0) - (sizes[0] ?? 0)) / (count - batch);
  assert.ok(perApproval < 1_200, `${Math.round(perApproval)} bytes an approval in the archive`);
  assert.ok(growth < 2 * perApproval, `the file grows by ${Math.round(growth)} bytes an approval`);
  assert.ok(Math.max(...slices) <= 12, `a slice took ${Math.max(...slices)} ms, while presses waited`);
  assert.ok(slices.length > count / 8, `${slices.length} slices`);
});

test('free space is returned to the disk', async () => {
  const file = join(folder, 'large.db');
  const clock: Clock = { ...systemClock };
  const store = open(file, clock);
  const long = 'A long question, and more of it. '.repeat(1_500);
  for (let from = 0; from < 160; from += 40) {
    await Promise.all(
      Array.from({ length: 40 }, async (_, index) => {
        const id = `large${from + index}`;
        const pause = pauseOf({ key: id, runId: id, parameters: { long } });
        await put(store, clock, id, announced({ id, pause }));
        await put(store, clock, id, { type: 'cancelled', reason: 'It ended.' });
      }),
    );
    await runJobs(store);
  }
  const later = systemClock.now() + DAY_MS;
  while (await store.archiveAndPrune({ settledBefore: later, seenBefore: later }));
  await store.close();
  const bytes = statSync(file).size;
  assert.ok(bytes < 6_000_000, `${bytes} bytes for what is packed into a few hundred thousand`);
});
