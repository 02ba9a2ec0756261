/** Whether a database is noticed to be a copy. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { checkIdentity, createCopyMark } from '../../../../src/store/postgres/opening/copy-mark.ts';
import type { Rows, Writes } from '../../../../src/store/postgres/rows.ts';
import { createDatabase, type Database, skipPostgres } from '../../../support/postgres/index.ts';

const rowsOf =
  (database: Database): Rows =>
  (sql, values = []) =>
    database.query(sql, [...values]) as never;

function marksOf(database: Database) {
  const rows = rowsOf(database);
  const writes: Writes = { run: (work) => work(rows), aside: (work) => work(rows) };
  return createCopyMark({ rows }, writes);
}

describe('a database on PostgreSQL', { skip: skipPostgres }, () => {
  test('that is new is no copy, and stays none', async () => {
    const database = await createDatabase();
    try {
      assert.equal(await checkIdentity(rowsOf(database)), false);
      assert.equal(await checkIdentity(rowsOf(database)), false);
      assert.equal(await marksOf(database).copyMark(), null);
    } finally {
      await database.drop();
    }
  });

  test('that was restored from another is a copy, once, until its recovery is complete; the original is none', async () => {
    const [original, restored] = [await createDatabase(), await createDatabase()];
    try {
      await checkIdentity(rowsOf(original));
      const beat = `INSERT INTO replicas (id, name, version, shapes, fingerprint, started_at, beat_at, state)
        VALUES ('r', 'r', '1', 1, 'f', 1, 12345, 'working')`;
      await original.query(beat);
      // As a dump carries them.
      await restored.query(beat);
      const meta = await original.query<{ key: string; value: string }>("SELECT * FROM meta WHERE key = 'identity'");
      for (const { key, value } of meta) await restored.query('INSERT INTO meta VALUES ($1, $2)', [key, value]);
      await restored.query("INSERT INTO sent_content VALUES ('draw:a:s', 'hash')");

      assert.equal(await checkIdentity(rowsOf(restored)), true);
      assert.equal(await checkIdentity(rowsOf(restored)), false, 'it is marked');
      assert.deepEqual(await marksOf(restored).copyMark(), { madeAt: 12_345 });
      await marksOf(restored).clearCopyMark();
      assert.equal(await marksOf(restored).copyMark(), null);
      assert.equal(await checkIdentity(rowsOf(restored)), false, 'it is an original now');
      assert.deepEqual(await restored.query('SELECT * FROM sent_content'), [], 'what messages show is not known');
      assert.equal(await checkIdentity(rowsOf(original)), false);
    } finally {
      await original.drop();
      await restored.drop();
    }
  });
});
