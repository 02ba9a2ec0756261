/** Row 52: the connection ends in the middle of a commit, and what was recorded is known all the same. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import pg from 'pg';
import type { Input } from '../../../../src/core/approval/inputs.ts';
import { step } from '../../../../src/core/approval/steps/step.ts';
import { StoreDoubt, StoreError } from '../../../../src/core/ports/errors.ts';
import type { Fleet } from '../../../../src/core/ports/store/fleet.ts';
import type { Changed, Job, Settlement, Store } from '../../../../src/core/ports/store.ts';
import { findLapses } from '../../../../src/store/postgres/fleet/sql.ts';
import { createPostgresStore } from '../../../../src/store/postgres/index.ts';
import type { OpenRuns } from '../../../../src/store/postgres/open-runs.ts';
import { finishJob, lockClaims, rerunJob } from '../../../../src/store/postgres/sql/jobs.ts';
import type { BatchCall } from '../../../../src/store/postgres/write/call.ts';
import { draftOf } from '../../../../src/store/postgres/write/draft.ts';
import { statementsOf } from '../../../../src/store/postgres/write/statements.ts';
import type { World } from '../../../../src/store/postgres/write/world.ts';
import { createSkippingClock, type SkippingClock } from '../../../support/clock.ts';
import { announced, pauseOf, pressed } from '../../../support/data/pauses.ts';
import { captureLog } from '../../../support/log.ts';
import { type CuttingProxy, createCuttingProxy, type Direction } from '../../../support/network/cutting-proxy.ts';
import { createDatabase, type Database, skipPostgres } from '../../../support/postgres/index.ts';

/** Of the first statement that a commit writes, where it is sent for the first time on its connection. */
const BEGUN = 'INSERT INTO audit';
/** More than a commit, in this direction; a cut that comes later than the commit does not happen. */
const SIZES: Record<Direction, number> = { 'to server': 9_000, 'to client': 1_600 };
const STEPS: Record<Direction, number> = { 'to server': 610, 'to client': 90 };
/** Longer than a call waits for its answer. */
const TOO_LONG_MS = 2_200;

const isDoubt = (message: RegExp) => (thrown: unknown) => {
  assert.ok(thrown instanceof StoreDoubt);
  assert.match(thrown.message, message);
  return true;
};

describe('a commit whose connection ends', { skip: skipPostgres }, () => {
  let database: Database;
  let proxy: CuttingProxy;
  let clock: SkippingClock;
  let store: Store;
  let fleet: Fleet;
  /** Beside the proxy. */
  let other: { store: Store; fleet: Fleet };
  let approvals = 0;
  let onBegun = () => {};
  beforeEach(async () => {
    database = await createDatabase();
    const url = new URL(database.connectionString);
    proxy = await createCuttingProxy(Number(url.port));
    url.port = String(proxy.port);
    clock = createSkippingClock(Date.now());
    const { log } = captureLog();
    const onFatal = (error: Error): never => {
      throw error;
    };
    const failPoint = (point: string) => {
      if (point === 'commit.before') onBegun();
    };
    const options = { version: '', clock, log, onFatal };
    ({ store, fleet } = await createPostgresStore({ connectionString: url.href, name: 'one', failPoint, ...options }));
    other = await createPostgresStore({ connectionString: database.connectionString, name: 'two', ...options });
  });
  afterEach(async () => {
    proxy.flow();
    onBegun = () => {};
    await store.close();
    await other.store.close();
    await proxy.close();
    await database.drop();
  });

  const put = (
    id: string,
    input: Input,
    inputId: string | null,
    settling?: { job: Job; settlementOf: () => Settlement },
  ) =>
    store.transact({
      approvalId: id,
      inputId,
      audit: { input: input.type, actor: null, facts: {} },
      fn: (state) => step(state, input, clock.now()),
      settling,
    });
  const waiting = async (): Promise<string> => {
    const id = `ap${++approvals}`;
    await put(id, announced({ id, pause: pauseOf({ key: id, groupId: id, runId: id }) }), null);
    return id;
  };
  const rowsOf = async (id: string, input: string) =>
    (await database.query('SELECT FROM audit WHERE approval_id = $1 AND input = $2', [id, input])).length;
  const whatCameOf = ({ duplicate, ...changed }: Changed) => [duplicate, 'ignored' in changed ? changed.ignored : '?'];

  for (const direction of ['to server', 'to client'] as const) {
    test(`is recorded once, and its caller knows, wherever it is cut on its way ${direction}`, async () => {
      let cuts = 0;
      for (let afterBytes = 0; afterBytes < SIZES[direction]; afterBytes += STEPS[direction]) {
        const [one, other] = [await waiting(), await waiting()];
        const [job] = await store.claim({ draw: 1 }, 'w');
        assert.ok(job);
        // The texts of its statements are sent once on each connection.
        proxy.cutAll();
        void proxy.cut({ direction, afterBytes, seen: BEGUN }).then(() => cuts++);
        const changed = await Promise.all([
          put(one, pressed(), `press-${one}`, { job, settlementOf: () => ({ type: 'done' }) }),
          put(other, pressed(), null),
        ]);
        proxy.spare();
        const seen = changed.map((each) => [...whatCameOf(each), each.settled]);
        assert.deepEqual(
          seen,
          [
            [false, null, true],
            [false, null, undefined],
          ],
          `cut after ${afterBytes} bytes`,
        );
        assert.deepEqual([await rowsOf(one, 'pressed'), await rowsOf(other, 'pressed')], [1, 1]);
        assert.equal((await put(one, pressed(), `press-${one}`, undefined)).duplicate, true);
        const [stored, again] = [await store.get(one), await put(other, pressed(), null)];
        assert.deepEqual([stored?.phase, whatCameOf(again)], ['decided', [false, 'already_decided']]);
        assert.deepEqual(await database.query('SELECT FROM jobs WHERE locked_by IS NOT NULL'), []);
      }
      assert.ok(cuts > 5, `${cuts} cuts`);
    });
  }

  test('is in doubt for who has waited too long, and known to who asks again', async () => {
    const id = await waiting();
    const begun = Promise.withResolvers<void>();
    onBegun = () => {
      proxy.stall();
      begun.resolve();
    };
    const failed = assert.rejects(put(id, pressed(), 'press'), isDoubt(/^the database has not answered in time/));
    await begun.promise;
    clock.skip(TOO_LONG_MS);
    await failed;
    onBegun = () => {};
    proxy.flow();
    const again = await put(id, pressed(), 'press');
    assert.equal(again.state?.phase, 'decided');
    assert.equal(await rowsOf(id, 'pressed'), 1);
  });

  test('is in doubt because of its connection only where that was lost', async () => {
    const id = await waiting();
    onBegun = () => {
      proxy.stall();
      onBegun = () => {};
      setImmediate(() => {
        proxy.refuse();
        proxy.cutAll();
      });
    };
    const failed = assert.rejects(put(id, pressed(), 'press'), isDoubt(/^the connection to the database was lost/));
    await clock.sleep(150);
    clock.skip(TOO_LONG_MS);
    await failed;
    proxy.flow();
    assert.equal((await put(id, pressed(), 'press')).state?.phase, 'decided');
    assert.equal(await rowsOf(id, 'pressed'), 1);
  });

  test('that could not even begin is reported as not recorded', async () => {
    const id = await waiting();
    proxy.refuse();
    proxy.cutAll();
    // A connection that has ended is noticed by the next turn but some.
    for (let turn = 0; turn < 20; turn += 1) await clock.sleep(1);
    const failed = assert.rejects(put(id, pressed(), 'press'), (thrown) => {
      assert.ok(thrown instanceof StoreError);
      return true;
    });
    await clock.sleep(150);
    clock.skip(TOO_LONG_MS);
    await failed;
    proxy.flow();
    assert.equal((await store.get(id))?.phase, 'open');
    assert.equal((await put(id, pressed(), 'press')).duplicate, false);
  });

  test('settles a job once, whatever becomes of the answer', async () => {
    for (let afterBytes = 0; afterBytes < 400; afterBytes += 40) {
      await waiting();
      const [job] = await store.claim({ draw: 1 }, 'w');
      assert.ok(job);
      proxy.cutAll();
      void proxy.cut({ direction: 'to client', afterBytes, seen: 'DELETE FROM jobs' });
      assert.deepEqual(await store.settle(job, { type: 'done' }), { pacedMs: 0 });
      proxy.spare();
      assert.deepEqual(await database.query('SELECT FROM jobs WHERE id = $1', [job.id]), []);
    }
  });

  /** The other replica takes this one for dead, and takes over what it had. */
  async function takenOver(): Promise<void> {
    await database.query('UPDATE replicas SET beat_at = beat_at - 13000 WHERE id = $1', [fleet.me]);
    assert.equal((await other.fleet.adopt()).length, 1);
    await other.store.release(fleet.me);
    await other.fleet.adopted(fleet.me);
  }

  test('ends no job that another replica has taken over meanwhile, and says so', async () => {
    const id = await waiting();
    const [job, second] = await store.claim({ draw: 2 }, fleet.me);
    assert.ok(job && second);
    proxy.cutAll();
    const cut = proxy.cut({ direction: 'to server', afterBytes: 40, seen: 'DELETE FROM jobs' });
    const alone = store.settle(job, { type: 'done' });
    await cut;
    proxy.refuse();
    await takenOver();
    const theirs = await other.store.claim({ draw: 9 }, other.fleet.me);
    proxy.flow();
    assert.equal(await alone, null);

    void proxy.cut({ direction: 'to client', afterBytes: 0, seen: BEGUN });
    proxy.cutAll();
    const settling = { job: second, settlementOf: () => ({ type: 'done' }) as const };
    const { settled } = await put(id, pressed(), 'press', settling);
    assert.deepEqual([settled, await rowsOf(id, 'pressed')], [false, 1]);
    const locked = await database.query<{ id: string }>('SELECT id FROM jobs WHERE locked_by = $1', [other.fleet.me]);
    assert.deepEqual(locked.map((row) => Number(row.id)).sort(), theirs.map((one) => one.id).sort());
    assert.deepEqual(theirs.map((one) => one.id).sort(), [job.id, second.id].sort());
  });

  test('costs a settlement no statement more, unless an earlier try of it is in doubt', async () => {
    await waiting();
    const [job] = await store.claim({ draw: 1 }, fleet.me);
    assert.ok(job);
    const kindsOf = (isInDoubt: boolean) => {
      const request = { type: 'settle', job, settlement: { type: 'done' } } as const;
      const call: BatchCall = {
        request,
        since: 0,
        isAnswered: false,
        isSent: false,
        isInDoubt,
        resolve() {},
        reject() {},
      };
      const options = { me: fleet.me, writeId: 'w', now: 1, runs: {} as OpenRuns, checked: new Set<string>() };
      return statementsOf([draftOf(call, {} as World, 1)], options).map(({ sql }) => sql);
    };
    assert.deepEqual(kindsOf(false), [finishJob, rerunJob]);
    assert.deepEqual(kindsOf(true), [finishJob, rerunJob, findLapses]);
  });

  test('leaves no job locked that was claimed in an answer that was lost', async () => {
    for (let afterBytes = 0; afterBytes < 900; afterBytes += 60) {
      const id = await waiting();
      proxy.cutAll();
      void proxy.cut({ direction: 'to client', afterBytes, seen: 'pg_advisory_xact_lock' });
      const jobs = await store.claim({ draw: 9 }, 'w').catch(() => []);
      proxy.spare();
      const found = jobs.length > 0 ? jobs : await store.claim({ draw: 9 }, 'w');
      const subjects = found.map(({ subject }) => subject);
      // A card in each of its rooms.
      assert.deepEqual(subjects, [id, id], `cut after ${afterBytes} bytes`);
      for (const job of found) await store.settle(job, { type: 'done' });
    }
  });

  test('releases the jobs of a replica also where a claim of its own is under way', async () => {
    await waiting();
    const claiming = new pg.Client({ connectionString: database.connectionString });
    await claiming.connect();
    await claiming.query('BEGIN');
    await claiming.query(lockClaims);
    await claiming.query("UPDATE jobs SET locked_by = 'frozen' WHERE id = (SELECT min(id) FROM jobs)");
    const released = store.release('frozen');
    const waits =
      "SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
    const deadline = performance.now() + 1_500;
    while ((await database.query(waits)).length === 0 && performance.now() < deadline) await clock.sleep(5);
    await claiming.query('COMMIT');
    await claiming.end();
    await released;
    assert.deepEqual(await database.query('SELECT FROM jobs WHERE locked_by IS NOT NULL'), []);
  });
});
