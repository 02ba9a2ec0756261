/** What a look for the next job costs while a room has a long queue: the loop stands still for so long, after each commit. */
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { LaneEnd, Store } from '../../../../src/core/ports/store.ts';
import { createSqliteStore } from '../../../../src/store/sqlite/index.ts';
import { systemClock } from '../../../../src/system/clock.ts';
import { createLog } from '../../../../src/system/log.ts';
import type { Bench, Case, Figures } from '../../contract.ts';
import { seededDatabase } from '../../world/templates.ts';

const WAITING = 20_000;
/** As the outbox asks. */
const LIMITS = { draw: 32, decide: 32, wake: 8 };
/** Less than the outbox takes for a clock that was set back. */
const LATER_MS = 600_000;
const floor = 'heads of lanes by hand';

export const claim: Case = {
  name: 'claim',
  title: `A look for the next job while ${WAITING.toLocaleString('en')} cards wait for one room`,
  maxRounds: 3,
  metrics: [
    { name: 'claim', unit: 'ms', better: 'less', goals: [{ limit: 0.5 }] },
    { name: 'room busy', unit: 'ms', better: 'less', goals: [{ limit: 0.5 }] },
    { name: 'room paced', unit: 'ms, with the time of the next look', better: 'less', goals: [{ limit: 0.5 }] },
  ],
  subjects: [
    { name: 'store', kind: 'product', inProcess: true, measure: measureStore },
    { name: floor, kind: 'floor', inProcess: true, measure: measureFloor },
  ],
};

async function measureStore(bench: Bench): Promise<Figures> {
  const file = await seededDatabase(bench, 'waiting', WAITING);
  delayTimers(file);
  const onFatal = (error: Error) => {
    throw error;
  };
  const store = createSqliteStore({ file, clock: systemClock, log: createLog('silent'), onFatal });
  const again = async (jobs: Claimed, lane?: LaneEnd) => {
    const retry = { type: 'retry', waitMs: 0, error: '', notArrived: true, uncounted: true } as const;
    for (const job of jobs) await store.settle(job, retry, lane);
  };
  const figures = await measure(bench, {
    async claim() {
      const jobs = await store.claim(LIMITS, 'worker');
      return jobs.filter(({ kind }) => kind === 'draw');
    },
    async pace() {
      await again(await store.claim(LIMITS, 'worker'), { restMs: LATER_MS });
      const since = cpuNow();
      const none = await store.claim(LIMITS, 'worker');
      await store.msUntilNextJob();
      const ms = cpuNow() - since;
      await store.retryDeadLetters(null);
      return { none, ms };
    },
    release: again,
  });
  await store.close();
  return figures;
}

/** In a long run those of the copies have become due: a look for them is not what is measured. */
function delayTimers(file: string): void {
  const db = new Database(file);
  db.prepare("UPDATE jobs SET run_at = ? WHERE kind = 'wake'").run(Date.now() + LATER_MS);
  db.close();
}

type Claimed = Awaited<ReturnType<Store['claim']>>;

async function measure<T extends Claimed | readonly number[]>(
  bench: Bench,
  {
    claim,
    pace,
    release,
  }: { claim(): Promise<T>; pace?(): Promise<{ none: Claimed; ms: number }>; release(jobs: T): Promise<void> },
): Promise<Figures> {
  const times = bench.quick ? 30 : 200;
  let claiming = 0;
  let looking = 0;
  let pacing = 0;
  for (let count = -5; count < times; count += 1) {
    const since = cpuNow();
    const jobs = await claim();
    const claimed = cpuNow();
    const none = await claim();
    const looked = cpuNow();
    if (jobs.length !== 1 || none.length !== 0) throw new Error(`claimed ${jobs.length} and ${none.length}`);
    await release(jobs);
    const paced = await pace?.();
    if (paced && paced.none.length !== 0) throw new Error(`claimed ${paced.none.length} of a room that is paced`);
    if (count < 0) continue;
    pacing += paced?.ms ?? 0;
    claiming += claimed - since;
    looking += looked - claimed;
  }
  const each = { claim: claiming / times, 'room busy': looking / times };
  return pace === undefined ? each : { ...each, 'room paced': pacing / times };
}

async function measureFloor(bench: Bench): Promise<Figures> {
  const db = new Database(join(bench.folder, 'floor.db'));
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL');
  db.exec(`
    CREATE TABLE jobs (id INTEGER PRIMARY KEY, lane TEXT, due_by INTEGER, run_at INTEGER, locked_by TEXT, state TEXT);
    CREATE INDEX heads ON jobs (lane, due_by, id);
    CREATE INDEX locked ON jobs (lane) WHERE locked_by IS NOT NULL`);
  const insert = db.prepare('INSERT INTO jobs (lane, due_by, run_at, state) VALUES (?, ?, 0, ?)');
  db.transaction(() => {
    for (let count = 0; count < WAITING; count += 1) insert.run('room', WAITING - count, 'x'.repeat(200));
  })();
  const busy = db.prepare<[string]>('SELECT 1 FROM jobs WHERE lane = ? AND locked_by IS NOT NULL');
  const head = db.prepare<[string, number], number>(
    'SELECT id FROM jobs WHERE lane = ? AND run_at <= ? ORDER BY due_by, id LIMIT 1',
  );
  const lock = db.prepare('UPDATE jobs SET locked_by = ? WHERE id = ?');
  const claimOne = db.transaction(() => {
    if (busy.get('room') !== undefined) return [];
    const id = head.pluck().get('room', Date.now());
    if (id === undefined) return [];
    lock.run('worker', id);
    return [id];
  }).immediate;
  return measure(bench, {
    claim: async () => claimOne(),
    release: async (ids) => {
      for (const id of ids) lock.run(null, id);
    },
  });
}

/** ms of CPU of this thread: other programs' work does not count. */
function cpuNow(): number {
  // Linux counts up to the last switch of threads: this call makes it count up to now.
  process.cpuUsage();
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}
