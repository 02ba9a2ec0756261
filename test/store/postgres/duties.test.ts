/** What replicas share beside approvals, as two of them meet it; row 61: one that was frozen past its lease. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import pg from 'pg';
import { type OpenedStore, openStore } from '../../../src/store/open.ts';
import { createSharedIncidents } from '../../../src/store/postgres/duties/incidents.ts';
import type { Rows, Writes } from '../../../src/store/postgres/rows.ts';
import { systemClock } from '../../../src/system/clock.ts';
import { captureLog } from '../../support/log.ts';
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

const later = (database: Database) => database.query('UPDATE alerts SET sent_at = sent_at - $1', [QUIET_MS]);

describe('an incident that several replicas meet', { skip: skipPostgres }, () => {
  test('is told once, also in the same moment, and again after the quiet time, with how often it was met', () =>
    withTwo(async (a, b, database) => {
      const both = await Promise.all([a.met(false), b.met(false)]);
      assert.deepEqual(both.map(({ type }) => type).sort(), ['quiet', 'send']);
      assert.deepEqual(await a.met(false, 3), { type: 'quiet' });
      await later(database);
      assert.deepEqual(await b.met(false), { type: 'send', more: 4 });
    }));

  test('that lasts is over when it is over for all of them', () =>
    withTwo(async (a, b) => {
      assert.deepEqual(await a.met(true), { type: 'send', more: 0 });
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
      assert.deepEqual((await b.met(true)).type, 'send');
      assert.equal(await b.ended(), true);
    }));
});

describe('the members of groups', { skip: skipPostgres }, () => {
  const group = { platform: 'slack', id: 'S1' };

  test('are those that the replica with the duty has seen; what one that was frozen past its lease brings along is refused', async () => {
    const database = await createDatabase();
    const options = { clock: systemClock, log: captureLog().log, release: '1.0.0', onFatal: assert.fail };
    const at = { databaseFile: '', databaseUrl: database.connectionString, databaseListenUrl: null, allowLoss: true };
    const [a, b] = [
      await openStore({ ...at, replica: 'a' }, options),
      await openStore({ ...at, replica: 'b' }, options),
    ];
    const save = async ({ store }: OpenedStore, users: string[], epoch = 0) =>
      await store.groupMembers?.save({ ...group, users }, epoch);
    const users = async () => (await b.store.groupMembers?.list())?.map((one) => one.users);
    try {
      const held = await a.fleet.hold('members', 30_000);
      assert.equal(await b.fleet.hold('members', 30_000), null);
      assert.equal(await save(a, ['U1', 'U2'], held?.epoch), true);
      const [known] = (await b.store.groupMembers?.list()) ?? [];
      assert.deepEqual([known?.id, known?.users], ['S1', ['U1', 'U2']]);
      assert.ok(known !== undefined && known.ageMs >= 0 && known.ageMs < 60_000);
      // The first is frozen from here on, until after the end of its lease.
      await database.query('UPDATE duties SET until = 0');
      const next = await b.fleet.hold('members', 30_000);
      assert.ok(held !== null && next !== null && next.epoch > held.epoch);
      assert.equal(await save(a, ['U1', 'U2', 'U9'], held.epoch), false, 'before the other has written');
      assert.equal(await save(b, ['U1'], next.epoch), true);
      assert.equal(await save(a, ['U9'], held.epoch), false, 'and after it');
      assert.deepEqual(await users(), [['U1']]);
      assert.equal(await a.fleet.hold('members', 30_000), null, 'nor is there a second holder');
    } finally {
      for (const { store, fleet } of [a, b]) await fleet.leave().then(() => store.close());
      await database.drop();
    }
  });
});
