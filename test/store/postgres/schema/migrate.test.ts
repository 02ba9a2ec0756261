import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { migrate } from '../../../../src/store/postgres/schema/migrate.ts';
import { migrations } from '../../../../src/store/postgres/schema/migrations.ts';
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
    assert.equal(row?.value, String(migrations.length));
    await migrate(database.connectionString);
    assert.equal((await database.query('SELECT FROM approvals')).length, 0);
  });

  test('leave whole steps when one fails, and go on from there', async () => {
    const steps = [...migrations, 'CREATE TABLE first_new (id bigint)', 'CREATE TABLE second_new (id nothing)'];
    await assert.rejects(migrate(database.connectionString, steps), /type "nothing" does not exist/);
    const [row] = await database.query<{ value: string }>("SELECT value FROM meta WHERE key = 'schema'");
    assert.equal(row?.value, String(migrations.length + 1));
    const repaired = [...steps.slice(0, -1), 'CREATE TABLE second_new (id bigint)'];
    await migrate(database.connectionString, repaired);
    assert.deepEqual(await database.query('SELECT FROM second_new'), []);
  });

  test('refuse a database of a newer version', async () => {
    await assert.rejects(migrate(database.connectionString), /written by a newer version of Countersign/);
  });
});

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
