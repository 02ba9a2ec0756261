import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import pg from 'pg';
import { followOthers } from '../../../../src/store/postgres/lists/others.ts';
import type { Rows } from '../../../../src/store/postgres/rows.ts';
import { createDatabase, skipPostgres } from '../../../support/postgres/index.ts';

const append = `
  INSERT INTO audit (approval_id, seq, write_id, at, input, facts, phase_from, phase_to)
  VALUES ($1, $2, 'w', 1, 'pressed', '{}', 'open', 'open')`;

describe('approvals that any replica changes', { skip: skipPostgres }, () => {
  test('are those since the last look; a row that is committed after a later one is not left out', async () => {
    const database = await createDatabase();
    const slow = new pg.Client({ connectionString: database.connectionString });
    await slow.connect();
    try {
      const rows = (async (sql: string, values: unknown[] = []) =>
        (await database.query<Record<string, string>>(sql, values)).map((row) =>
          'id' in row ? { ...row, id: Number(row['id']) } : row,
        )) as never as Rows;
      await database.query(append, ['before', 1]);
      const next = followOthers({ rows });
      assert.deepEqual(await next(), []);
      await slow.query('BEGIN');
      await slow.query(append, ['slow', 1]);
      await database.query(append, ['a', 1]);
      await database.query(append, ['a', 2]);
      await database.query(append, ['b', 1]);
      assert.deepEqual(await next(), ['a', 'b']);
      assert.deepEqual(await next(), []);
      await slow.query('COMMIT');
      assert.deepEqual(await next(), ['slow']);
      assert.deepEqual(await next(), []);
    } finally {
      await slow.end();
      await database.drop();
    }
  });
});
