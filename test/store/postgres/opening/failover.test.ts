/** Row 58: a database that is started anew, and a streaming standby that takes over without what was confirmed last. */
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import pg from 'pg';
import { step } from '../../../../src/core/approval/steps/step.ts';
import { DiskError, isUnconfirmed } from '../../../../src/core/ports/errors.ts';
import type { Fleet } from '../../../../src/core/ports/store/fleet.ts';
import type { Store } from '../../../../src/core/ports/store.ts';
import { createPostgresStore } from '../../../../src/store/postgres/index.ts';
import { systemClock } from '../../../../src/system/clock.ts';
import { announced } from '../../../support/data/pauses.ts';
import { captureLog } from '../../../support/log.ts';
import { ownFolder } from '../../../support/postgres/guard.ts';
import { skipPostgres } from '../../../support/postgres/index.ts';
import type { Programs } from '../../../support/postgres/programs.ts';
import { createCluster, type Server, startServer } from '../../../support/postgres/server.ts';

const ONLY_OWN_WORK = { autovacuum: 'off' };

describe('a database that goes away', { skip: skipPostgres }, () => {
  test('and comes back loses nothing, and what was asked meanwhile is recorded or refused', async () => {
    const folder = ownFolder();
    const programs = createCluster(folder);
    let server = await started(folder, programs, {});
    const { store, fatal } = await open(server);
    await announce(store, 'before');
    const { port } = server;
    await server.stop('SIGQUIT');
    const meanwhile = announce(store, 'meanwhile').then(
      () => true,
      (thrown: unknown) => {
        assert.ok(isUnconfirmed(thrown));
        return false;
      },
    );
    server = await started(folder, programs, { port });
    const isRecorded = await meanwhile;
    await announce(store, 'after');
    const kept = await Promise.all(['before', 'meanwhile', 'after'].map(async (id) => (await store.get(id)) !== null));
    assert.deepEqual(kept, [true, isRecorded, true]);
    assert.equal(await store.copyMark(), null);
    assert.deepEqual(fatal, []);
    await store.close();
    await server.stop();
  });

  test('and whose standby takes over ends the process, and the next start knows that something may be missing', async () => {
    const folder = ownFolder();
    const programs = createCluster(folder);
    const primary = await started(folder, programs, { settings: ONLY_OWN_WORK });
    const { store, fatal } = await open(primary);
    const idle = await open(primary, 'two');
    const standbyFolder = ownFolder();
    await copyCluster(primary, standbyFolder, programs);
    const { port } = primary;
    let standby = await started(standbyFolder, programs, { settings: { ...ONLY_OWN_WORK, ...streamFrom(port) } });
    // Synchronous: it is confirmed once the standby has it, and the copy was made before.
    await administer(primary, "ALTER SYSTEM SET synchronous_standby_names = '*'");
    await announce(store, 'kept');
    assert.deepEqual(await administer(primary, 'SELECT state, sync_state FROM pg_stat_replication'), [
      { state: 'streaming', sync_state: 'sync' },
    ]);
    await administer(primary, 'ALTER SYSTEM RESET synchronous_standby_names');
    // Nothing of the next commit reaches it: it is cut off, and nobody waits for it.
    await standby.stop();
    await announce(store, 'lost');
    await primary.stop('SIGQUIT');
    standby = await started(standbyFolder, programs, { port, settings: ONLY_OWN_WORK });
    const client = new pg.Client({ connectionString: standby.urlOf('postgres') });
    await client.connect();
    await assert.rejects(announce(store, 'to a standby'), isUnconfirmed);
    assert.equal(fatal.length, 0);
    await client.query('SELECT pg_promote()');
    await client.end();
    await assert.rejects(announce(store, 'too late'), isUnconfirmed);
    assert.deepEqual(
      fatal.map(({ name }) => name),
      [DiskError.name],
    );
    await assert.rejects(store.claim({ draw: 1 }, 'w'), isUnconfirmed);
    await store.close();

    // Another replica, which has nothing to do, has not noticed: the first start settles what is outstanding for all of them.
    const next = await open(standby);
    assert.notEqual(await next.store.copyMark(), null);
    await assert.rejects(idle.fleet.beat(''), isUnconfirmed);
    assert.deepEqual(
      idle.fatal.map(({ name }) => name),
      [DiskError.name],
    );
    await assert.rejects(announce(idle.store, 'of before'), isUnconfirmed);
    await assert.rejects(idle.store.claim({ draw: 1 }, idle.fleet.me), isUnconfirmed);
    await idle.store.close();
    assert.deepEqual([(await next.store.get('kept'))?.phase, await next.store.get('lost')], ['open', null]);
    assert.equal(await next.store.get('too late'), null);
    assert.equal(await next.store.get('of before'), null);
    await next.store.clearCopyMark();
    const later = await open(standby, 'two');
    assert.equal(await later.store.copyMark(), null, 'it is settled once');
    await later.store.close();
    await next.store.close();
    await standby.stop();
  });
});

async function started(
  folder: string,
  programs: Programs,
  options: Parameters<typeof startServer>[2],
): Promise<Server> {
  const server = await startServer(folder, programs, options);
  await server.ready();
  return server;
}

async function open(server: Server, name = 'one'): Promise<{ store: Store; fleet: Fleet; fatal: Error[] }> {
  const fatal: Error[] = [];
  const onFatal = (error: Error) => void fatal.push(error);
  const { log } = captureLog();
  const options = { name, version: '', clock: systemClock, log, onFatal };
  const opened = await createPostgresStore({ connectionString: server.urlOf('postgres'), ...options });
  return { ...opened, fatal };
}

function announce(store: Store, id: string): Promise<unknown> {
  return store.transact({
    approvalId: id,
    inputId: null,
    audit: { input: 'announced', actor: null, facts: {} },
    fn: (state) => step(state, announced({ id }), systemClock.now()),
  });
}

/** Where a standby gets its commits from, as they are made. */
const streamFrom = (port: number) => ({ primary_conninfo: `host=127.0.0.1 port=${port} user=countersign` });

/** One statement; a change of the server's settings counts from then on. */
async function administer(server: Server, statement: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: server.urlOf('postgres') });
  await client.connect();
  try {
    const { rows } = await client.query(statement);
    if (statement.startsWith('ALTER')) await client.query('SELECT pg_reload_conf()');
    return rows;
  } finally {
    await client.end();
  }
}

/** A standby of it, as `pg_basebackup` makes one. */
async function copyCluster(primary: Server, folder: string, programs: Programs): Promise<void> {
  const client = new pg.Client({ connectionString: primary.urlOf('postgres') });
  await client.connect();
  await client.query("SELECT pg_backup_start('test', true)");
  const [from, to] = [join(primary.folder, 'data'), join(folder, 'data')];
  mkdirSync(to, { mode: 0o700 });
  cpSync(from, to, { recursive: true, filter: (path) => !path.endsWith('postmaster.pid') });
  const { rows } = await client.query<{ labelfile: string }>('SELECT labelfile FROM pg_backup_stop(false)');
  // With the end of the backup, up to which the copy is no whole database.
  rmSync(join(to, 'pg_wal'), { recursive: true });
  cpSync(join(from, 'pg_wal'), join(to, 'pg_wal'), { recursive: true });
  await client.end();
  writeFileSync(join(to, 'backup_label'), rows[0]?.labelfile ?? '');
  writeFileSync(join(to, 'standby.signal'), '');
  programs.ownAll(to);
}
