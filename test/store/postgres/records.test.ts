/** What one replica decides by while another changes it. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import pg from 'pg';
import { step } from '../../../src/core/approval/steps/step.ts';
import { StoreError } from '../../../src/core/ports/errors.ts';
import type { Store } from '../../../src/core/ports/store.ts';
import { createPostgresStore } from '../../../src/store/postgres/index.ts';
import { createRecords, RecordsFollower } from '../../../src/store/postgres/records.ts';
import type { Rows, Writes } from '../../../src/store/postgres/rows.ts';
import { systemClock } from '../../../src/system/clock.ts';
import { createTestClock } from '../../support/clock.ts';
import { announced, dana, pauseOf, pressed } from '../../support/data/pauses.ts';
import { captureLog } from '../../support/log.ts';
import { createDatabase, type Database, skipPostgres } from '../../support/postgres/index.ts';

pg.types.setTypeParser(20, Number);
const note = { input: 'stopped', actor: dana, facts: {} };
const stop = (value: number) => ({ kind: 'stop', id: 'all', value }) as const;

/** One replica, with a connection of its own. */
async function replicaOn(database: Database) {
  const client = new pg.Client({ connectionString: database.connectionString });
  await client.connect();
  const asked: string[] = [];
  const rows: Rows = async (sql, values = []) => {
    asked.push(sql);
    return (await client.query(sql, [...values])).rows;
  };
  const inTransaction: Writes['run'] = async (work) => {
    await client.query('BEGIN');
    try {
      const done = await work(rows);
      await client.query('COMMIT');
      return done;
    } catch (error) {
      await client.query('ROLLBACK');
      throw error;
    }
  };
  const writes: Writes = { run: inTransaction, aside: inTransaction };
  const follower = new RecordsFollower();
  const told: unknown[] = [];
  const reads = { rows, snapshot: inTransaction };
  const appendAudit = async () => {};
  const records = createRecords({ reads, writes, follower, appendAudit, tell() {}, clock: createTestClock() });
  records.onElsewhere((found) => told.push(found.map(({ value }) => value)));
  await records.list();
  const check = () => {
    const { sql, values } = follower.checkStatement();
    return inTransaction((written) => written(sql, values));
  };
  return { records, told, asked, check, end: () => client.end() };
}

async function withTwo(
  run: (a: Awaited<ReturnType<typeof replicaOn>>, b: Awaited<ReturnType<typeof replicaOn>>) => Promise<void>,
) {
  const database = await createDatabase();
  const [a, b] = [await replicaOn(database), await replicaOn(database)];
  try {
    await run(a, b);
  } finally {
    await a.end();
    await b.end();
    await database.drop();
  }
}

describe('records of the policy at two replicas', { skip: skipPostgres }, () => {
  test('nothing is committed by what another has changed, until it is read', () =>
    withTwo(async (a, b) => {
      await b.check();
      await a.records.put(stop(1), note);
      await assert.rejects(b.check(), { code: '40001' });
      await a.check();
      await b.records.refresh();
      await b.check();
      assert.deepEqual(b.told, [[1]]);
      assert.deepEqual(a.told, [], 'its own change is none of others');
      await b.records.delete('stop', 'all', note);
      await assert.rejects(a.check(), { code: '40001' });
      await a.records.refresh();
      assert.deepEqual(a.told, [[]]);
    }));

  test('what is asked for at once is read once, and only where something has changed', () =>
    withTwo(async (a, b) => {
      await a.records.put(stop(1), note);
      b.asked.length = 0;
      await Promise.all(Array.from({ length: 50 }, () => b.records.refresh()));
      assert.deepEqual(b.told, [[1]]);
      assert.equal(b.asked.length, 2, 'whether they changed, and what they are');
      await b.records.refresh();
      assert.equal(b.asked.length, 3, 'nothing has changed since');
    }));

  test('what must not follow an unread change is not recorded', () =>
    withTwo(async (a, b) => {
      await a.records.put(stop(1), note);
      await assert.rejects(b.records.put(stop(2), note, { unlessChanged: true }), StoreError);
      await b.records.refresh();
      await b.records.put(stop(2), note, { unlessChanged: true });
      assert.deepEqual(
        (await a.records.list()).map(({ value }) => value),
        [2],
      );
    }));

  test('one’s own change hides none of another’s', () =>
    withTwo(async (a, b) => {
      await a.records.put(stop(1), note);
      await b.records.put({ kind: 'grant', id: 'g', value: 0 }, note);
      await assert.rejects(b.check(), { code: '40001' });
      await b.records.refresh();
      assert.deepEqual(b.told, [[1, 0]]);
    }));
});

describe('a stop at another replica, no word of which arrives', { skip: skipPostgres }, () => {
  /** As the engine judges by it: whether a stop is in force, as far as this replica knows. */
  async function withStopElsewhere(
    run: (store: Store, isStopped: () => boolean, stopIt: () => Promise<void>) => Promise<void>,
  ) {
    const database = await createDatabase();
    const { connectionString } = database;
    const { log } = captureLog();
    const onFatal = (error: Error) => assert.fail(error);
    const options = { version: '', clock: systemClock, log, onFatal };
    // Words stay in the database in which they are said.
    const elsewhere = new URL(connectionString);
    elsewhere.pathname = '/postgres';
    const [here, there] = await Promise.all([
      createPostgresStore({ connectionString, listenString: elsewhere.href, name: 'here', ...options }),
      createPostgresStore({ connectionString, name: 'there', ...options }),
    ]);
    let stops = 0;
    here.store.records.onElsewhere((found) => {
      stops = found.length;
    });
    try {
      await here.store.records.list();
      await run(
        here.store,
        () => stops > 0,
        () => there.store.records.put(stop(1), note),
      );
    } finally {
      await Promise.all([here.store.close(), there.store.close()]);
      await database.drop();
    }
  }

  const put = (store: Store, input: Parameters<typeof step>[1], judge: () => string | null = () => null) =>
    store.transact({
      approvalId: 'a',
      inputId: null,
      audit: { input: input.type, actor: null, facts: {} },
      fn(state) {
        const refusal = judge();
        if (refusal !== null) throw new Error(refusal);
        return step(state, input, systemClock.now());
      },
    });
  const asked = announced({ id: 'a', pause: pauseOf({ key: 'a', groupId: 'a', runId: 'a' }) });

  test('is known before anything that it forbids is recorded', () =>
    withStopElsewhere(async (store, isStopped, stopIt) => {
      await put(store, asked);
      await stopIt();
      assert.equal(isStopped(), false, 'no word of it');
      await assert.rejects(
        put(store, pressed(), () => (isStopped() ? 'it is stopped' : null)),
        /it is stopped/,
      );
    }));

  test('is known before a job that it holds back is taken', () =>
    withStopElsewhere(async (store, isStopped, stopIt) => {
      await put(store, asked);
      await put(store, pressed());
      await stopIt();
      const jobs = await store.claim({ decide: 1 }, 'worker');
      assert.deepEqual([jobs.length, isStopped()], [1, true]);
    }));
});
