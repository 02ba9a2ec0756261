import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import pg from 'pg';
import { migrate } from '../../../../src/store/postgres/schema/migrate.ts';
import { type Migration, postgresMigrations } from '../../../../src/store/postgres/schema/migrations.ts';
import { createDatabase, type Database, skipPostgres } from '../../../support/postgres/index.ts';

describe('migrations of PostgreSQL', { skip: skipPostgres }, () => {
  let database: Database;
  before(async () => {
    database = await createDatabase({ empty: true });
  });
  after(() => database.drop());

  test('bring an empty database up to date once, however many replicas start together', async () => {
    await Promise.all(Array.from({ length: 8 }, () => migrate(database.connectionString)));
    const [row] = await database.query<{ value: string }>("SELECT value FROM meta WHERE key = 'schema'");
    assert.equal(row?.value, String(postgresMigrations.length));
    await migrate(database.connectionString);
    assert.equal((await database.query('SELECT FROM approvals')).length, 0);
  });

  test('leave whole steps when one fails, and go on from there', async () => {
    const steps = [...postgresMigrations, 'CREATE TABLE first_new (id bigint)', 'CREATE TABLE second_new (id nothing)'];
    await assert.rejects(migrate(database.connectionString, steps), /type "nothing" does not exist/);
    const [row] = await database.query<{ value: string }>("SELECT value FROM meta WHERE key = 'schema'");
    assert.equal(row?.value, String(postgresMigrations.length + 1));
    const repaired = [...steps.slice(0, -1), 'CREATE TABLE second_new (id bigint)'];
    await migrate(database.connectionString, repaired);
    assert.deepEqual(await database.query('SELECT FROM second_new'), []);
  });

  test('leave a newer database as it is, which this version can work with', async () => {
    const schema = await migrate(database.connectionString);
    assert.deepEqual(schema, { done: postgresMigrations.length + 2, readableFrom: 0 });
    assert.deepEqual(await database.query('SELECT FROM second_new'), []);
  });

  test('refuse a newer database that has lost what this version needs', async () => {
    const steps = [
      ...postgresMigrations,
      '',
      '',
      { sql: 'DROP TABLE first_new', readableFrom: postgresMigrations.length + 2 },
    ];
    await migrate(database.connectionString, steps);
    await assert.rejects(migrate(database.connectionString), {
      name: 'SetupError',
      message: /changed by a newer version of Countersign.*Start that version, or restore a backup/,
    });
    const before = [...postgresMigrations, '', ''];
    assert.equal(
      (await migrate(database.connectionString, before)).done,
      postgresMigrations.length + 3,
      'it can do without',
    );
  });

  test('of a process that is killed in the middle of a step leave nothing of it, and the next start does it again', async () => {
    const { steps, known } = await nextSteps(database);
    const slow = `CREATE TABLE half_done (id bigint); INSERT INTO half_done VALUES (1); SELECT pg_sleep(600)`;
    const killed = migrate(database.connectionString, [...steps, slow]);
    const ended = assert.rejects(killed);
    while (!(await kill(database, 'half_done'))) await new Promise((resolve) => setImmediate(resolve));
    await ended;
    assert.deepEqual(await database.query("SELECT to_regclass('half_done') AS found"), [{ found: null }]);
    const whole = await migrate(database.connectionString, [...steps, 'CREATE TABLE half_done (id bigint)']);
    assert.equal(whole.done, known + 1);
    assert.deepEqual(await database.query('SELECT FROM half_done'), []);
  });

  test('reach the fail-points of each step: one that dies before the end of a step leaves nothing of it', async () => {
    const { steps, known } = await nextSteps(database);
    const more = [...steps, 'CREATE TABLE told (id bigint)'];
    const dyingAt = async (last: string) => {
      const reached: string[] = [];
      const died = migrate(database.connectionString, more, (point) => {
        reached.push(point);
        if (point === last) throw new Error(point);
      });
      await assert.rejects(died, { message: last });
      return reached;
    };
    const found = () => database.query("SELECT to_regclass('told') IS NOT NULL AS found");
    assert.deepEqual(await dyingAt('migration.begun'), ['migration.begun']);
    assert.deepEqual(await dyingAt('migration.written'), ['migration.begun', 'migration.written']);
    assert.deepEqual(await found(), [{ found: false }]);
    assert.deepEqual(await dyingAt('migration.done'), ['migration.begun', 'migration.written', 'migration.done']);
    assert.deepEqual(await found(), [{ found: true }]);
    assert.equal((await migrate(database.connectionString, more, assert.fail)).done, known + 1);
  });

  test('say what to do where the role has no right, and ask for none where there is nothing to do', async () => {
    const role = `reader_${process.pid}`;
    await database.query(`CREATE ROLE ${role} LOGIN`);
    await database.query(`GRANT SELECT ON meta TO ${role}`);
    const url = new URL(database.connectionString);
    url.username = role;
    const { steps, known } = await nextSteps(database);
    assert.equal((await migrate(url.href, steps)).done, known);
    const refused = migrate(url.href, [...steps, 'CREATE TABLE not_mine (id bigint)']);
    await assert.rejects(refused, { name: 'SetupError', message: /role of DATABASE_URL may not.*owns the tables/ });
    await database.query(`DROP OWNED BY ${role}`);
    await database.query(`DROP ROLE ${role}`);
  });

  test('do not keep presses waiting behind a table that another session has locked', async () => {
    const other = new pg.Client({ connectionString: database.connectionString });
    await other.connect();
    await other.query('BEGIN; LOCK TABLE jobs IN ACCESS EXCLUSIVE MODE');
    const { steps } = await nextSteps(database);
    const refused = migrate(database.connectionString, [...steps, 'ALTER TABLE jobs ADD COLUMN more text']);
    await assert.rejects(refused, { name: 'SetupError', message: /another session holds a lock.*Nothing was changed/ });
    await other.end();
    await migrate(database.connectionString, [...steps, 'ALTER TABLE jobs ADD COLUMN more text']);
  });
});

/** Those that the database has had, in place of which nothing is done. */
async function nextSteps(database: Database): Promise<{ steps: Migration[]; known: number }> {
  const [row] = await database.query<{ value: string }>("SELECT value FROM meta WHERE key = 'schema'");
  const known = Number(row?.value);
  return { steps: Array.from({ length: known }, () => ''), known };
}

/** Kills the session that runs this statement. @returns whether there was one that is asleep */
async function kill(database: Database, statement: string): Promise<boolean> {
  const killed = await database.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
     WHERE datname = current_database() AND pid <> pg_backend_pid() AND wait_event = 'PgSleep' AND query LIKE $1`,
    [`%${statement}%`],
  );
  return killed.length > 0;
}

describe('the schema', { skip: skipPostgres }, () => {
  let database: Database;
  before(async () => {
    database = await createDatabase();
  });
  after(() => database.drop());

  const row = `INSERT INTO audit (approval_id, seq, write_id, at, input, facts, phase_from, phase_to)
    VALUES ('a', $1, 'w', 1, 'pressed', '{}', 'open', 'open')`;

  test('keeps the audit log from being changed, emptied, or deleted before it is archived', async () => {
    await database.query(row, [1]);
    for (const statement of ["UPDATE audit SET input = 'x'", 'DELETE FROM audit', 'TRUNCATE audit']) {
      await assert.rejects(database.query(statement), /the audit log is append-only/);
    }
    await database.query(row, [2]);
    await database.query("INSERT INTO archive (id, group_key, audit_through, packed) VALUES ('a', 'g', 1, '')");
    await assert.rejects(database.query('DELETE FROM audit WHERE seq = 2'), /append-only/);
    await database.query('DELETE FROM audit WHERE seq = 1');
    for (const statement of ['DELETE FROM archive', 'TRUNCATE archive']) {
      await assert.rejects(database.query(statement), /the archive is kept/);
    }
  });

  test('has no two rows of one approval with the same number in the audit log', async () => {
    await database.query(row, [7]);
    await assert.rejects(database.query(row, [7]), /audit_pkey/);
  });

  test('has no two running jobs in one lane', async () => {
    const job = `INSERT INTO jobs (job_key, kind, lane, subject, run_at, created_at, locked_by)
      VALUES ($1, 'draw', 'post:slack:C1', 's', 1, 1, $2)`;
    await database.query(job, ['one', 'a']);
    await database.query(job, ['two', null]);
    await assert.rejects(database.query(job, ['three', 'b']), /jobs_running/);
    await assert.rejects(database.query("UPDATE jobs SET locked_by = 'b' WHERE job_key = 'two'"), /jobs_running/);
  });
});
