/** What replicas share beside approvals, as two of them meet it; row 61: one that was frozen past its lease. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import pg from 'pg';
import { createSharedIncidents } from '../../../src/store/postgres/duties/incidents.ts';
import { createSharedMembers } from '../../../src/store/postgres/duties/members.ts';
import type { Rows, Writes } from '../../../src/store/postgres/rows.ts';
import { createDatabase, type Database, skipPostgres } from '../../support/postgres/index.ts';

pg.types.setTypeParser(20, Number);
const QUIET_MS = 60_000;
const backend = { kind: 'backend_down', subject: 'sonzai' } as never;

/** One replica, with a connection of its own. */
async function replicaOn(database: Database, by: string) {
  const client = new pg.Client({ connectionString: database.connectionString });
  await client.connect();
  const rows: Rows = async (sql, values = []) => (await client.query(sql, [...values])).rows;
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
  const incidents = createSharedIncidents(writes);
  await rows(
    `INSERT INTO replicas (id, name, version, shapes, fingerprint, started_at, beat_at, state)
     VALUES ($1, $1, '1', 1, '', 0, (extract(epoch FROM clock_timestamp()) * 1000)::bigint, 'working')`,
    [by],
  );
  return {
    met: (lasts: boolean, times = 1) => incidents.met(backend, { by, times, lasts }, QUIET_MS),
    ended: () => incidents.ended(backend, by),
    members: createSharedMembers({ rows }, writes),
    end: () => client.end(),
  };
}

type Replica = Awaited<ReturnType<typeof replicaOn>>;

async function withTwo(run: (a: Replica, b: Replica, database: Database) => Promise<void>) {
  const database = await createDatabase();
  const [a, b] = [await replicaOn(database, 'a'), await replicaOn(database, 'b')];
  try {
    await run(a, b, database);
  } finally {
    await a.end();
    await b.end();
    await database.drop();
  }
}

const later = (database: Database) => database.query('UPDATE alerts SET told_at = told_at - $1', [QUIET_MS]);

describe('an incident that several replicas meet', { skip: skipPostgres }, () => {
  test('is told once, also in the same moment, and again after the quiet time, with how often it was met', () =>
    withTwo(async (a, b, database) => {
      const both = await Promise.all([a.met(false), b.met(false)]);
      assert.deepEqual(both.map(({ type }) => type).sort(), ['quiet', 'tell']);
      assert.deepEqual(await a.met(false, 3), { type: 'quiet' });
      await later(database);
      assert.deepEqual(await b.met(false), { type: 'tell', more: 4 });
    }));

  test('that lasts is over when it is over for all of them', () =>
    withTwo(async (a, b) => {
      assert.deepEqual(await a.met(true), { type: 'tell', more: 0 });
      assert.deepEqual(await b.met(true), { type: 'known' });
      assert.equal(await a.ended(), false, 'b still meets it');
      assert.equal(await b.ended(), true);
      assert.equal(await b.ended(), false, 'told once');
      assert.deepEqual(await b.met(true), { type: 'quiet' }, 'one that comes and goes');
      assert.equal(await b.ended(), false, 'its beginning was not told');
    }));

  test('that lasts at a replica that has died ends without it', () =>
    withTwo(async (a, b, database) => {
      await a.met(true);
      await b.met(true);
      await database.query('UPDATE replicas SET beat_at = beat_at - 20000 WHERE id = $1', ['a']);
      assert.equal(await b.ended(), true);
    }));

  test('is told anew where only a dead replica had it', () =>
    withTwo(async (a, b, database) => {
      await a.met(true);
      await database.query('UPDATE replicas SET beat_at = beat_at - 20000 WHERE id = $1', ['a']);
      assert.deepEqual(await b.met(true), { type: 'quiet' });
      await later(database);
      assert.deepEqual((await b.met(true)).type, 'tell');
      assert.equal(await b.ended(), true);
    }));
});

describe('the members of groups', { skip: skipPostgres }, () => {
  const hold = (database: Database, holder: string, epoch: number) =>
    database.query(
      `INSERT INTO duties (name, holder, epoch, until) VALUES ('members', $1, $2, 0)
       ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, epoch = excluded.epoch`,
      [holder, epoch],
    );
  const group = { platform: 'slack', id: 'S1' };

  test('are those that the replica with the duty has seen; what a frozen one brings along is refused', () =>
    withTwo(async (a, b, database) => {
      await hold(database, 'a', 1);
      assert.equal(await a.members.save({ ...group, users: ['U1', 'U2'] }, 1), true);
      const [known] = await b.members.list();
      assert.deepEqual([known?.id, known?.users], ['S1', ['U1', 'U2']]);
      assert.ok(known !== undefined && known.ageMs >= 0 && known.ageMs < 60_000);
      // The first is frozen now, and its lease ends.
      await hold(database, 'b', 2);
      assert.equal(await a.members.save({ ...group, users: ['U1', 'U2', 'U9'] }, 1), false, 'before b has written');
      assert.equal(await b.members.save({ ...group, users: ['U1'] }, 2), true);
      assert.equal(await a.members.save({ ...group, users: ['U9'] }, 1), false, 'and after it');
      assert.deepEqual(
        (await a.members.list()).map(({ users }) => users),
        [['U1']],
      );
    }));
});
