/** Row 58: a database that takes no changes for a while, as some hosts make it when its disk is nearly full. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import pg from 'pg';
import { step } from '../../../../src/core/approval/steps/step.ts';
import { StoreError } from '../../../../src/core/ports/errors.ts';
import type { Store } from '../../../../src/core/ports/store.ts';
import { createPostgresStore } from '../../../../src/store/postgres/index.ts';
import { systemClock } from '../../../../src/system/clock.ts';
import { announced } from '../../../support/data/pauses.ts';
import { captureLog } from '../../../support/log.ts';
import { ownFolder } from '../../../support/postgres/guard.ts';
import { skipPostgres } from '../../../support/postgres/index.ts';
import { createCluster, startServer } from '../../../support/postgres/server.ts';

describe('a database that only reads', { skip: skipPostgres }, () => {
  test('is asked to record nothing from the next beat on, and is used again once it takes changes', async () => {
    const folder = ownFolder();
    const server = await startServer(folder, createCluster(folder), {});
    await server.ready();
    const connectionString = server.urlOf('postgres');
    const { log } = captureLog();
    const options = { name: 'one', version: '', clock: systemClock, log, onFatal: assert.fail };
    const { store, fleet } = await createPostgresStore({ connectionString, ...options });
    await announce(store, 'before');
    const [job] = await store.claim({ draw: 1 }, fleet.me);
    assert.ok(job !== undefined);

    await administer(connectionString, 'ALTER SYSTEM SET default_transaction_read_only = on');
    await assert.rejects(fleet.beat(''), isRefused);
    await assert.rejects(announce(store, 'meanwhile'), isRefused);
    await assert.rejects(store.settle(job, { type: 'done' }), isRefused);
    await assert.rejects(store.claim({ draw: 1 }, fleet.me), isRefused);
    assert.deepEqual([(await store.get('before'))?.phase, await store.get('meanwhile')], ['open', null]);

    await administer(connectionString, 'ALTER SYSTEM RESET default_transaction_read_only');
    await fleet.beat('');
    await announce(store, 'after');
    assert.notEqual(await store.settle(job, { type: 'done' }), null);
    assert.notEqual(await store.get('after'), null);
    await store.close();
    await server.stop();
  });
});

function isRefused(error: unknown): boolean {
  assert.ok(error instanceof StoreError, String(error));
  assert.match(error.message, /can only be read: it is a standby, or default_transaction_read_only is on/);
  return true;
}

function announce(store: Store, id: string): Promise<unknown> {
  return store.transact({
    approvalId: id,
    inputId: null,
    audit: { input: 'announced', actor: null, facts: {} },
    fn: (state) => step(state, announced({ id }), systemClock.now()),
  });
}

/** Also where the database only reads. */
async function administer(connectionString: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString, options: '-c default_transaction_read_only=off' });
  await client.connect();
  try {
    await client.query(statement);
    await client.query('SELECT pg_reload_conf()');
    // The server tells its processes: until then, another connection still writes.
    for (let value = ''; value !== (statement.includes('RESET') ? 'off' : 'on'); ) {
      const probe = new pg.Client({ connectionString });
      await probe.connect();
      value = (await probe.query<{ value: string }>("SELECT current_setting('default_transaction_read_only') AS value"))
        .rows[0]?.value as string;
      await probe.end();
    }
  } finally {
    await client.end();
  }
}
