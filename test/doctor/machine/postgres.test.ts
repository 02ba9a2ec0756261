/** What the doctor finds in a database of PostgreSQL: each fault is planted in a real one. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { postgresGroup } from '../../../src/doctor/machine/postgres.ts';
import { examine } from '../../../src/doctor/run.ts';
import { migrate } from '../../../src/store/postgres/schema/migrate.ts';
import { createTestClock } from '../../support/clock.ts';
import { createDatabase, type Database, skipPostgres } from '../../support/postgres/index.ts';

async function findings(url: string, allowLoss = false) {
  const [group] = await examine([postgresGroup(url, allowLoss)], createTestClock());
  assert.ok(group);
  return group.findings.map(({ check, level, what, remedy }) => `${check} ${level}: ${what} → ${remedy}`);
}

describe('the doctor of PostgreSQL', { skip: skipPostgres }, () => {
  let database: Database;
  const join = `INSERT INTO replicas (id, name, version, shapes, fingerprint, started_at, beat_at, state)
    VALUES ($1, $1, '1.0.0', 1, $2, 1, (extract(epoch FROM clock_timestamp()) * 1000)::bigint - $3::bigint, 'working')`;
  before(async () => {
    database = await createDatabase();
  });
  after(() => database.drop());

  test('finds nothing in one that is well, also where replicas work, and changes nothing', async () => {
    await database.query(join, ['one', 'a b', 0]);
    await database.query(join, ['two', 'a b', 0]);
    assert.deepEqual(await findings(database.connectionString), []);
    await database.query('DELETE FROM replicas');
  });

  test('finds nothing in an empty one: the start makes the tables', async () => {
    const empty = await createDatabase({ empty: true });
    assert.deepEqual(await findings(empty.connectionString), []);
    assert.deepEqual(await empty.query("SELECT to_regclass('meta') AS found"), [{ found: null }]);
    await empty.drop();
  });

  test('says what to do where it can’t be reached or entered, and nothing else', async () => {
    const closed = await findings('postgres://someone:secret@127.0.0.1:1/nowhere');
    assert.equal(closed.length, 1);
    assert.match(
      closed[0] ?? '',
      /^database.reach fault: 127\.0\.0\.1:1\/nowhere can’t be used: .*ECONNREFUSED.*→ Check the host/,
    );
    assert.ok(!closed.join().includes('secret'));
    const url = new URL(database.connectionString);
    url.pathname = '/no_such_database';
    assert.match((await findings(url.href)).join(), /^database.reach fault: .*does not exist/);
  });

  test('names replicas that are silent, and the difference between those that work', async () => {
    await database.query(join, ['one', 'a b', 0]);
    await database.query(join, ['two', 'c b', 0]);
    await database.query(join, ['three', 'a b', 60_000]);
    const found = await findings(database.connectionString);
    assert.equal(found.length, 2);
    assert.match(found[0] ?? '', /^database.replicas warning: The replica three has stopped answering/);
    assert.match(found[1] ?? '', /^database.replicas fault: Replicas have different settings\./);
    await database.query('DELETE FROM replicas');
  });

  test('names dead letters', async () => {
    await database.query(`INSERT INTO jobs (job_key, kind, lane, subject, run_at, created_at, dead_at)
      VALUES ('draw:a:b', 'draw', 'post:slack:C1', 'a', 1, 1, 5), ('draw:a:c', 'draw', 'post:slack:C1', 'a', 1, 1, 0)`);
    assert.match(
      (await findings(database.connectionString)).join(),
      /^database.dead warning: The bot gave up on 1 card/,
    );
    await database.query('DELETE FROM jobs');
  });

  test('finds what may be lost, and takes the operator’s word for it', async () => {
    const name = new URL(database.connectionString).pathname.slice(1);
    await database.query(`ALTER DATABASE ${name} SET synchronous_commit = off`);
    assert.match(
      (await findings(database.connectionString)).join(),
      /^database.durability fault: synchronous_commit is off: .*→ Turn it on.*ALLOW_LOSS=yes/,
    );
    assert.match((await findings(database.connectionString, true)).join(), /^database.durability warning/);
    await database.query(`ALTER DATABASE ${name} RESET synchronous_commit`);
    await database.query(`ALTER DATABASE ${name} SET default_transaction_read_only = on`);
    assert.match((await findings(database.connectionString)).join(), /^database.reach fault: It can only be read/);
    await database.query('SET default_transaction_read_only = off');
    await database.query(`ALTER DATABASE ${name} RESET default_transaction_read_only`);
  });

  test('finds a role without rights, and one that can’t change the schema where that is due', async () => {
    const role = `doctor_${process.pid}`;
    await database.query(`CREATE ROLE ${role} LOGIN`);
    await database.query(`GRANT SELECT ON meta TO ${role}`);
    const url = new URL(database.connectionString);
    url.username = role;
    assert.match(
      (await findings(url.href)).join(),
      /^database.rights fault: .*can’t read or write approvals, audit.*→ Grant it/,
    );
    await database.query("UPDATE meta SET value = '0' WHERE key = 'schema'");
    assert.match(
      (await findings(url.href)).join(),
      /database.schema fault: The next start has to change its schema \(from 0 to/,
    );
    await database.query(`DROP OWNED BY ${role}`);
    await database.query(`DROP ROLE ${role}`);
  });

  test('finds a database that a newer version has changed beyond what this one knows', async () => {
    const newer = await createDatabase();
    await migrate(newer.connectionString);
    await newer.query(`UPDATE meta SET value = '99'`);
    assert.match(
      (await findings(newer.connectionString)).join(),
      /^database.schema fault: .*changed by a newer version of Countersign.*→ Start that version, or restore a backup/,
    );
    await newer.drop();
  });
});
