/** Row 58: a database whose disk is full: what is asked meanwhile is refused with the reason. */
import assert from 'node:assert/strict';
import { chmodSync, copyFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { step } from '../../../../src/core/approval/steps/step.ts';
import { StoreError } from '../../../../src/core/ports/errors.ts';
import type { Store } from '../../../../src/core/ports/store.ts';
import { createPostgresStore } from '../../../../src/store/postgres/index.ts';
import { systemClock } from '../../../../src/system/clock.ts';
import { announced } from '../../../support/data/pauses.ts';
import { onBadDisk, skipDisk } from '../../../support/disk/disk.ts';
import { captureLog } from '../../../support/log.ts';
import { ownFolder } from '../../../support/postgres/guard.ts';
import { skipPostgres } from '../../../support/postgres/index.ts';
import type { Programs } from '../../../support/postgres/programs.ts';
import { createCluster, startServer } from '../../../support/postgres/server.ts';

/** More than fit on the pages that a new database has. */
const UNTIL_FULL = 500;

async function open(connectionString: string) {
  const { log } = captureLog();
  const options = { name: 'one', version: '', clock: systemClock, log, onFatal: assert.fail };
  return await createPostgresStore({ connectionString, ...options });
}

function announce(store: Store, id: string): Promise<unknown> {
  return store.transact({
    approvalId: id,
    inputId: null,
    audit: { input: 'announced', actor: null, facts: {} },
    fn: (state) => step(state, announced({ id }), systemClock.now()),
  });
}

/** The programs on a disk that has no room for what is under `base`, the rows, while there is a file at `until`. */
function onFullDisk(folder: string, programs: Programs, until: string): Programs {
  const { LD_PRELOAD: built = '', ...faults } = onBadDisk('/data/base/', { DISK_FULL_FROM: 1, DISK_FULL_UNTIL: until });
  // Where the user of the server may read it.
  const library = join(folder, 'disk-faults.so');
  copyFileSync(built, library);
  chmodSync(library, 0o755);
  const { options } = programs;
  return { ...programs, options: { ...options, env: { ...options.env, ...faults, LD_PRELOAD: library } } };
}

describe('a database whose disk is full', { skip: skipPostgres }, () => {
  test('keeps what was confirmed, and refuses the rest with the reason, until there is space', {
    skip: skipDisk,
  }, async () => {
    const folder = ownFolder();
    const full = join(folder, 'full');
    const server = await startServer(folder, onFullDisk(folder, createCluster(folder), full), {
      settings: { autovacuum: 'off' },
    });
    await server.ready();
    const { store } = await open(server.urlOf('postgres'));
    await announce(store, 'before');
    writeFileSync(full, '');
    const recorded: string[] = [];
    let refused: unknown = null;
    for (let next = 0; refused === null; next += 1) {
      assert.ok(next < UNTIL_FULL, 'the disk did not become full');
      await announce(store, `ap${next}`).then(
        () => recorded.push(`ap${next}`),
        (thrown: unknown) => {
          refused = thrown;
        },
      );
    }
    assert.ok(refused instanceof StoreError);
    assert.match(refused.message, /the disk of the database is full: free some space/);
    assert.equal(await store.get(`ap${recorded.length}`), null, 'nothing of it was recorded');
    rmSync(full);
    await announce(store, 'after');
    for (const id of ['before', ...recorded, 'after']) assert.notEqual(await store.get(id), null, id);
    await store.close();
    await server.stop();
  });
});
