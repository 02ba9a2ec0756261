/** Row 52: the connection of a commit is cut, at any byte in either direction. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Input } from '../../../src/core/approval/inputs.ts';
import { step } from '../../../src/core/approval/steps/step.ts';
import { StoreDoubt, StoreError } from '../../../src/core/ports/errors.ts';
import type { Changed, Store } from '../../../src/core/ports/store.ts';
import { prepared } from '../../../src/store/postgres/connection/config.ts';
import { createPostgresStore } from '../../../src/store/postgres/index.ts';
import { commit } from '../../../src/store/postgres/sql/commit.ts';
import { systemClock } from '../../../src/system/clock.ts';
import { announced, dana, pauseOf, pressed, sam } from '../../support/data/pauses.ts';
import { captureLog } from '../../support/log.ts';
import { type CuttingProxy, createCuttingProxy, type Direction } from '../../support/network/cutting-proxy.ts';
import { createDatabase, type Database, skipPostgres } from '../../support/postgres/index.ts';
import { runs } from '../../support/property.ts';

const { log } = captureLog();

describe('row 52: a commit whose connection is cut', { skip: skipPostgres }, () => {
  let database: Database;
  let proxy: CuttingProxy;
  /** Behind the proxy, and beside it. */
  let stores: readonly [Store, Store];
  before(async () => {
    database = await createDatabase();
    const url = new URL(database.connectionString);
    proxy = await createCuttingProxy(Number(url.port));
    url.port = String(proxy.port);
    const onFatal = (error: Error): never => {
      throw error;
    };
    const open = async (name: string, connectionString: string) => {
      const options = { connectionString, name, version: '', clock: systemClock, log, onFatal };
      return (await createPostgresStore(options)).store;
    };
    stores = await Promise.all([open('one', url.href), open('two', database.connectionString)]);
  });
  after(async () => {
    await Promise.all(stores.map((store) => store.close()));
    await proxy.close();
    await database.drop();
  });

  function put(store: Store, id: string, input: Input, inputId: string | null): Promise<Changed> {
    return store.transact({
      approvalId: id,
      inputId,
      audit: { input: input.type, actor: 'actor' in input ? input.actor : null, facts: {} },
      fn: (state) => step(state, input, systemClock.now()),
    });
  }

  function announce(id: string): Promise<Changed> {
    const key = `approval:${id}`;
    return put(stores[0], id, announced({ id, pause: pauseOf({ key, groupId: key, runId: id }) }), null);
  }

  const auditOf = (id: string) =>
    database.query<{ input: string; seq: string }>('SELECT input, seq FROM audit WHERE approval_id = $1 ORDER BY seq', [
      id,
    ]);

  /** How many bytes a press takes in each direction. */
  async function bytesOf(): Promise<Record<Direction, number>> {
    await announce('measured');
    const before = { ...proxy.passed };
    await put(stores[0], 'measured', pressed(), 'measured');
    return {
      'to server': proxy.passed['to server'] - before['to server'],
      'to client': proxy.passed['to client'] - before['to client'],
    };
  }

  test('is recorded once or not at all, and its caller knows which, wherever it was cut', async () => {
    const bytes = await bytesOf();
    let cut = 0;
    const count = runs(40);
    for (let index = 0; index < count; index += 1) {
      const id = `cut${index}`;
      await announce(id);
      const direction = index % 2 === 0 ? 'to server' : 'to client';
      const afterBytes = Math.floor(((index + 0.5) / count) * bytes[direction]);
      const order = proxy.cut({ direction, afterBytes }).then(() => {
        cut += 1;
      });
      const ended = await put(stores[0], id, pressed(), `press-${id}`).catch((error: unknown) => error);
      proxy.spare();
      const rows = (await auditOf(id)).map(({ input }) => input);
      const about = `${afterBytes} bytes ${direction}`;
      if (ended instanceof StoreError) assert.deepEqual(rows, ['announced'], about);
      else if (!(ended instanceof StoreDoubt)) {
        assert.deepEqual(rows, ['announced', 'pressed'], about);
        assert.ok(typeof ended === 'object' && ended !== null && 'duplicate' in ended, about);
        assert.equal(ended.duplicate, false, `${about}: it was its own`);
      }
      void order;
    }
    assert.ok(cut > count / 2, `${cut} of ${count} were cut`);
    const twice = await database.query(
      "SELECT 1 FROM audit WHERE input = 'pressed' GROUP BY approval_id HAVING count(*) > 1",
    );
    assert.deepEqual(twice, []);
  });

  test('is recorded where only its answer was lost, and is no duplicate of itself', async () => {
    for (const inputId of ['with-an-id', null]) {
      const id = `answer-${inputId}`;
      await announce(id);
      const cut = proxy.cut({
        direction: 'to client',
        afterBytes: 0,
        seen: prepared({ sql: commit, values: [] }).name,
      });
      const changed = await put(stores[0], id, pressed(), inputId);
      await cut;
      assert.equal(changed.duplicate, false);
      assert.equal(changed.state?.decision?.actor.id, dana.id);
      assert.deepEqual(
        (await auditOf(id)).map(({ input }) => input),
        ['announced', 'pressed'],
      );
    }
  });

  test('loses to another replica that was faster meanwhile, and does not take that one’s row for its own', async () => {
    const id = 'overtaken';
    await announce(id);
    await put(stores[1], 'warm', announced({ id: 'warm' }), null);
    const cut = proxy.cut({ direction: 'to server', afterBytes: 40 });
    const late = put(stores[0], id, pressed({ actor: dana }), null);
    await cut;
    proxy.refuse();
    const first = await put(stores[1], id, pressed({ actor: sam, action: 'reject', text: 'No.' }), null);
    proxy.flow();
    const second = await late;
    assert.ok(!first.duplicate && first.ignored === null);
    assert.ok(!second.duplicate && second.ignored !== null, 'its press came too late');
    assert.equal(second.state?.decision?.actor.id, sam.id);
    assert.deepEqual(
      (await auditOf(id)).map(({ seq }) => Number(seq)),
      [1, 2, 3],
    );
  });
});
