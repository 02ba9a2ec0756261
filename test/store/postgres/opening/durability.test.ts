import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { checkDurability } from '../../../../src/store/postgres/opening/durability.ts';
import type { Rows } from '../../../../src/store/postgres/rows.ts';
import { captureLog } from '../../../support/log.ts';
import { createDatabase, skipPostgres } from '../../../support/postgres/index.ts';

describe('the durability of a database', { skip: skipPostgres }, () => {
  test('is enough with the defaults of PostgreSQL, and not with a setting that loses commits', async () => {
    const database = await createDatabase();
    const rows: Rows = (sql, values = []) => database.query(sql, [...values]);
    const { log, lines } = captureLog();
    assert.deepEqual(await checkDurability(rows, false, log), []);
    await database.query('SET synchronous_commit = off');
    await assert.rejects(
      checkDurability(rows, false, log),
      /synchronous_commit is off, and a press .* Turn it on in postgresql.conf, or set ALLOW_LOSS=yes/,
    );
    assert.deepEqual(await checkDurability(rows, true, log), [
      'synchronous_commit is off: a crash of the database may lose what it has confirmed',
    ]);
    assert.equal(lines().length, 1);
    await database.drop();
  });

  test('is not enough with a version that gets no corrections', async () => {
    const old = (async () => [{ name: 'server_version_num', setting: '140011' }]) as unknown as Rows;
    await assert.rejects(checkDurability(old, true, captureLog().log), /PostgreSQL 14; Countersign needs 15 or newer/);
  });
});
