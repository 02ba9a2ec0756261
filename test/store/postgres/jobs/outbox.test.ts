/** Claims whose connection is cut. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { step } from '../../../../src/core/approval/steps/step.ts';
import type { Store } from '../../../../src/core/ports/store.ts';
import { prepared } from '../../../../src/store/postgres/connection/config.ts';
import { createPostgresStore } from '../../../../src/store/postgres/index.ts';
import { commit } from '../../../../src/store/postgres/sql/commit.ts';
import { lockClaims } from '../../../../src/store/postgres/sql/jobs.ts';
import { systemClock } from '../../../../src/system/clock.ts';
import { announced, pauseOf, pressed } from '../../../support/data/pauses.ts';
import { captureLog } from '../../../support/log.ts';
import { type CuttingProxy, createCuttingProxy } from '../../../support/network/cutting-proxy.ts';
import { createDatabase, type Database, skipPostgres } from '../../../support/postgres/index.ts';

const WORKER = 'worker';

describe('claims of one replica', { skip: skipPostgres }, () => {
  let database: Database;
  let proxy: CuttingProxy;
  let store: Store;
  before(async () => {
    database = await createDatabase();
    const url = new URL(database.connectionString);
    proxy = await createCuttingProxy(Number(url.port));
    url.port = String(proxy.port);
    const { log } = captureLog();
    const options = { name: 'one', version: '', clock: systemClock, log, onFatal: assert.fail };
    store = (await createPostgresStore({ connectionString: url.href, ...options })).store;
  });
  after(async () => {
    await store.close();
    await proxy.close();
    await database.drop();
  });

  async function decide(id: string): Promise<void> {
    const key = `approval:${id}`;
    for (const input of [announced({ id, pause: pauseOf({ key, groupId: key, runId: id }) }), pressed()]) {
      await store.transact({
        approvalId: id,
        inputId: null,
        audit: { input: input.type, actor: null, facts: {} },
        fn: (state) => step(state, input, systemClock.now()),
      });
    }
  }

  for (const { name, seen } of [
    { name: 'before they reach the database', seen: lockClaims },
    { name: 'after it has committed them', seen: commit },
  ]) {
    test(`never give a job twice, nor lose one, where the connection of several at once is cut ${name}`, async () => {
      for (const id of ['a', 'b', 'c', 'd']) await decide(`${id} ${name}`);
      // Prepared on the connection, so that what passes is the name of the statement.
      for (const job of await store.claim({ decide: 1 }, WORKER)) await store.settle(job, { type: 'done' });
      const cut = proxy.cut({ direction: 'to client', afterBytes: 0, seen: prepared({ sql: seen, values: [] }).name });
      const claims = await Promise.all([1, 2, 3].map(() => store.claim({ decide: 1 }, WORKER)));
      await cut;
      const jobs = claims.flat();
      const ids = jobs.map(({ id }) => id);
      assert.equal(new Set(ids).size, ids.length, `a job was given twice: ${ids}`);
      for (const job of jobs) assert.notEqual(await store.settle(job, { type: 'done' }), null);
      for (const job of await store.claim({ decide: 32 }, WORKER)) {
        jobs.push(job);
        await store.settle(job, { type: 'done' });
      }
      assert.equal(jobs.length, 3);
    });
  }
});
