/** `countersign audit` on PostgreSQL. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { step } from '../../src/core/approval/steps/step.ts';
import { openStore } from '../../src/store/open.ts';
import { startChild } from '../support/child.ts';
import { createTestClock } from '../support/clock.ts';
import { announced } from '../support/data/pauses.ts';
import { captureLog } from '../support/log.ts';
import { createDatabase, skipPostgres } from '../support/postgres/index.ts';

async function audit(url: string, ...args: string[]) {
  const child = startChild('src/cli/audit.ts', { env: { DATABASE_URL: url, TZ: 'UTC' }, args });
  return { code: await child.ended, text: child.lines.join('\n') };
}

describe('on PostgreSQL', { skip: skipPostgres }, () => {
  test('it tells what was asked, by a word and by either ID', async () => {
    const database = await createDatabase();
    const { connectionString: databaseUrl } = database;
    try {
      const config = { databaseFile: ':memory:', databaseUrl, databaseListenUrl: null, allowLoss: true, replica: 'a' };
      const clock = createTestClock();
      const onFatal = (error: Error) => assert.fail(error);
      const { store } = await openStore(config, { clock, log: captureLog().log, release: null, onFatal });
      await store.transact({
        approvalId: 'ap1',
        inputId: null,
        audit: { input: 'announced', actor: null, facts: {} },
        fn: (state) => step(state, announced(), clock.now()),
      });
      await store.close();
      const found = await audit(databaseUrl, 'refund');
      assert.equal(found.code, 0, found.text);
      assert.match(found.text, /ap1/);
      const [byOwn, byAsker] = [
        await audit(databaseUrl, '--approval', 'ap1'),
        await audit(databaseUrl, '--approval', 'appr_1'),
      ];
      assert.deepEqual([byOwn.code, byAsker.text], [0, byOwn.text]);
      const none = await audit(databaseUrl, '--approval', 'none');
      assert.equal(none.code, 1);
      assert.match(none.text, /There is no approval with the ID none/);
    } finally {
      await database.drop();
    }
  });

  test('on a database without a bot, or none at all, it says so', async () => {
    const database = await createDatabase({ empty: true });
    try {
      const empty = await audit(database.connectionString, 'refund');
      assert.equal(empty.code, 2);
      assert.match(empty.text, /is empty: no bot has written to it yet/);
      const gone = await audit('postgres://nobody:secretpass@127.0.0.1:1/none', 'refund');
      assert.equal(gone.code, 2);
      assert.match(gone.text, /can’t be reached .*Check that PostgreSQL runs/);
      assert.doesNotMatch(gone.text, /secretpass/);
    } finally {
      await database.drop();
    }
  });
});
