import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Pool } from '../../../../src/store/postgres/connection/pool.ts';
import { captureLog } from '../../../support/log.ts';
import { createCuttingProxy } from '../../../support/network/cutting-proxy.ts';
import { createDatabase, skipPostgres } from '../../../support/postgres/index.ts';

describe('the connections that read', { skip: skipPostgres }, () => {
  test('are cut while they read, and the process goes on with new ones', async () => {
    const database = await createDatabase();
    const url = new URL(database.connectionString);
    const proxy = await createCuttingProxy(Number(url.port));
    url.port = String(proxy.port);
    const { log } = captureLog();
    const pool = new Pool({ connectionString: url.href, log });
    try {
      const cut = proxy.cut({ direction: 'to client', afterBytes: 0, seen: 'generate_series' });
      const read = pool.rows<{ count: number }>('SELECT count(*) AS count FROM generate_series(1, 1000)');
      await cut;
      assert.deepEqual(await read, [{ count: 1000 }], 'it is read again on a new connection');
      proxy.cutAll();
      assert.deepEqual(await pool.rows('SELECT 1 AS one'), [{ one: 1 }]);
    } finally {
      await pool.close();
      await proxy.close();
      await database.drop();
    }
  });
});
