import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { replicasOf } from '../../../../src/store/postgres/health/report.ts';
import type { Rows } from '../../../../src/store/postgres/rows.ts';
import { createDatabase, type Database, skipPostgres } from '../../../support/postgres/index.ts';

describe('the report of replicas', { skip: skipPostgres }, () => {
  let database: Database;
  before(async () => {
    database = await createDatabase();
  });
  after(() => database.drop());

  test('has those that work, alive or silent, and nobody whose work is taken over', async () => {
    const join = `INSERT INTO replicas (id, name, version, shapes, fingerprint, started_at, beat_at, state)
      VALUES ($1, $1, '1.0.0', 1, 'f', 1, (extract(epoch FROM clock_timestamp()) * 1000)::bigint - $2::bigint, $3)`;
    await database.query(join, ['alive', 3_000, 'working']);
    await database.query(join, ['silent', 60_000, 'working']);
    await database.query(join, ['stopped', 60_000, 'stopped']);
    await database.query(join, ['adopted', 60_000, 'adopted']);
    const rows: Rows = async (sql, values = []) => (await database.query(sql, [...values])) as never;
    const found = await replicasOf(rows, 12_000);
    assert.deepEqual(
      found.map(({ name, isAlive, version }) => ({ name, isAlive, version })),
      [
        { name: 'alive', isAlive: true, version: '1.0.0' },
        { name: 'silent', isAlive: false, version: '1.0.0' },
      ],
    );
    assert.ok(Number(found[0]?.beatAgeMs) >= 3_000);
  });
});
