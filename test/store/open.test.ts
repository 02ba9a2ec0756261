import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { SetupError } from '../../src/core/ports/errors.ts';
import { ONLY_REPLICA } from '../../src/core/ports/store/fleet.ts';
import { openStore } from '../../src/store/open.ts';
import { systemClock } from '../../src/system/clock.ts';
import { captureLog } from '../support/log.ts';
import { createDatabase, skipPostgres } from '../support/postgres/index.ts';

const { log } = captureLog();
const options = { clock: systemClock, log, release: '1.2.3', onFatal: () => {} };
const where = {
  databaseFile: ':memory:',
  databaseUrl: null,
  databaseListenUrl: null,
  allowLoss: false,
  replica: null,
};

test('an SQLite file is opened with a fleet of one, and the time of this machine', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-open-'));
  after(() => rmSync(folder, { recursive: true }));
  const { store, fleet, clock } = await openStore({ ...where, databaseFile: join(folder, 'test.db') }, options);
  assert.deepEqual([fleet.me, clock], [ONLY_REPLICA, systemClock]);
  await store.close();
});

describe('a database of PostgreSQL', { skip: skipPostgres }, () => {
  test('is given its schema, and joined under the name of this machine, with the time of the database', async () => {
    const database = await createDatabase({ empty: true });
    const own = { ...systemClock, now: () => Date.now() - 3_600_000 };
    const here = { ...where, databaseUrl: database.connectionString };
    const { store, fleet, clock } = await openStore(here, { ...options, clock: own });
    const rows = await database.query('SELECT id, name, version, state FROM replicas');
    assert.deepEqual(rows, [{ id: fleet.me, name: hostname(), version: '1.2.3', state: 'working' }]);
    assert.ok(Math.abs(clock.now() - Date.now()) < 60_000, 'the clock of this machine is an hour late');
    await store.setMeta('x', 'y');
    await store.close();
    await database.drop();
  });

  test('that can’t be used is reported as what the operator must fix', async () => {
    for (const databaseUrl of ['postgres://countersign@127.0.0.1:1/db', 'postgres://countersign@host.invalid/db']) {
      await assert.rejects(openStore({ ...where, databaseUrl }, options), (thrown) => {
        assert.ok(thrown instanceof SetupError);
        assert.match(thrown.message, /The database that DATABASE_URL names can’t be used .*Check the address/);
        return true;
      });
    }
  });
});
