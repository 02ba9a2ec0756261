import assert from 'node:assert/strict';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { step } from '../../../../src/core/approval/steps/step.ts';
import type { Word } from '../../../../src/core/ports/store/fleet.ts';
import { DEAD_MS, STALE_MS } from '../../../../src/store/postgres/fleet/fleet.ts';
import { createPostgresStore } from '../../../../src/store/postgres/index.ts';
import { createTestClock } from '../../../support/clock.ts';
import { announced, pauseOf } from '../../../support/data/pauses.ts';
import { captureLog } from '../../../support/log.ts';
import { createDatabase, type Database, skipPostgres } from '../../../support/postgres/index.ts';

const RUN: Word = { type: 'run', runId: 'r', key: null, by: null };

describe('a fleet on PostgreSQL', { skip: skipPostgres }, () => {
  let database: Database;
  let end: (() => Promise<void>)[] = [];
  let fatal: Error[] = [];

  beforeEach(async () => {
    database = await createDatabase();
    fatal = [];
  });
  afterEach(async () => {
    for (const close of end) await close();
    end = [];
    await database.drop();
  });

  let clocks = 0;
  async function join(name: string) {
    const clock = createTestClock();
    const start = ++clocks;
    const { log } = captureLog();
    const { connectionString } = database;
    const options = { connectionString, name, version: '1.0.0', log, onFatal: (error: Error) => fatal.push(error) };
    const id = clock.id;
    const { store, fleet } = await createPostgresStore({
      ...options,
      clock: { ...clock, id: () => `${start}-${id()}` },
    });
    end.push(() => store.close());
    return { store, fleet, clock };
  }
  /** Its last beat was long ago, by the clock of the database. */
  const silence = (replica: string) =>
    database.query('UPDATE replicas SET beat_at = beat_at - 13000 WHERE id = $1', [replica]);

  test('looks for dead ones so often that it finds each within 15 s of its last beat, with time to spare', async () => {
    const { fleet } = await join('a');
    assert.ok(fleet.beatEveryMs !== null && DEAD_MS + fleet.beatEveryMs <= 14_500);
  });

  test('counts those that live, and gives the work of each dead one to one of them', async () => {
    const all = await Promise.all(['a', 'b', 'c', 'd', 'e'].map(join));
    const [a, b, ...dead] = all;
    assert.ok(a && b);
    await a.fleet.beat('x');
    assert.equal(a.fleet.size(), 5);
    assert.deepEqual(await a.fleet.adopt(), [], 'all are alive');
    for (const { fleet } of dead) await silence(fleet.me);
    const adopted = await Promise.all([a, b, a, b, a, b, a, b].map(({ fleet }) => fleet.adopt()));
    assert.deepEqual(
      adopted
        .flat()
        .map(({ replica, ended }) => [replica, ended])
        .sort(),
      dead.map(({ fleet }) => [fleet.me, 'died']).sort(),
    );
    await a.fleet.beat('x');
    assert.equal(a.fleet.size(), 2);
  });

  test('gives the work of a dead one to another if the first adopter dies, and to nobody once it is taken over', async () => {
    const [a, b, c] = [await join('a'), await join('b'), await join('c')];
    await silence(c.fleet.me);
    assert.equal((await a.fleet.adopt()).length, 1);
    assert.deepEqual(await b.fleet.adopt(), []);
    await silence(a.fleet.me);
    assert.deepEqual((await b.fleet.adopt()).map(({ replica }) => replica).sort(), [a.fleet.me, c.fleet.me].sort());
    await b.fleet.adopted(c.fleet.me);
    await silence(b.fleet.me);
    await a.fleet.beat('x').catch(() => {});
    const d = await join('d');
    assert.ok(!(await d.fleet.adopt()).some(({ replica }) => replica === c.fleet.me));
  });

  test('that was taken for dead does nothing until its work is taken over, and then comes back', async () => {
    const [a, b] = [await join('a'), await join('b')];
    await silence(a.fleet.me);
    assert.equal((await b.fleet.adopt()).length, 1);
    await assert.rejects(a.fleet.beat('x'), /taking over/);
    assert.deepEqual([a.fleet.alive(), await a.fleet.hold('house', 1_000), await a.fleet.adopt()], [false, null, []]);
    await assert.rejects(a.store.claim({ draw: 1 }, a.fleet.me), /taken this replica for dead/);
    await b.fleet.adopted(a.fleet.me);
    await a.fleet.beat('x');
    assert.deepEqual([a.fleet.alive(), a.fleet.size()], [true, 2]);
    assert.deepEqual(await a.store.claim({ draw: 1 }, a.fleet.me), []);
  });

  test('knows the jobs that it had claimed before others took it for dead', async () => {
    const [a, b] = [await join('a'), await join('b')];
    const announce = (id: string) =>
      a.store.transact({
        approvalId: id,
        inputId: null,
        audit: { input: 'announced', actor: null, facts: {} },
        fn: (state) => step(state, announced({ id, pause: pauseOf({ key: id, groupId: id, runId: id }) }), 1),
      });
    await announce('before');
    const [job] = await a.store.claim({ draw: 1 }, a.fleet.me);
    assert.deepEqual([job?.lapses, a.fleet.lapses()], [0, 0]);
    a.clock.advance(STALE_MS);
    await a.fleet.beat('x');
    assert.equal(a.fleet.lapses(), 0, 'its beats were late, and no one took it for dead');
    await silence(a.fleet.me);
    await b.fleet.adopt();
    await b.store.release(a.fleet.me);
    await b.fleet.adopted(a.fleet.me);
    await a.fleet.beat('x');
    assert.deepEqual([a.fleet.alive(), a.fleet.lapses()], [true, 1]);
    const [again] = await a.store.claim({ draw: 1 }, a.fleet.me);
    assert.deepEqual([again?.id, again?.lapses], [job?.id, 1]);
    await a.fleet.beat('x');
    assert.equal(a.fleet.lapses(), 1);
  });

  test('is not alive any more when its own beats are late, before others take it for dead', async () => {
    const { fleet, clock } = await join('a');
    assert.equal(fleet.alive(), true);
    clock.advance(STALE_MS - 1);
    assert.equal(fleet.alive(), true);
    clock.advance(1);
    assert.deepEqual([fleet.alive(), await fleet.hold('house', 1_000)], [false, null]);
    await fleet.beat('x');
    assert.equal(fleet.alive(), true);
  });

  test('has one process of each name: the later one adopts the earlier one at once, which ends', async () => {
    const first = await join('a');
    const second = await join('a');
    assert.notEqual(first.fleet.me, second.fleet.me);
    assert.deepEqual(
      (await second.fleet.adopt()).map(({ replica }) => replica),
      [first.fleet.me],
    );
    await second.fleet.adopted(first.fleet.me);
    assert.equal(fatal.length, 0);
    await first.fleet.beat('x');
    assert.equal(first.fleet.alive(), false);
    assert.match(String(fatal[0]?.message), /Another process has started as replica "a".*REPLICA/);
  });

  test('gives a duty to one, and to another when it is let go, has run out, or its holder is taken over', async () => {
    const [a, b] = [await join('a'), await join('b')];
    const held = await Promise.all([a.fleet.hold('house', 60_000), b.fleet.hold('house', 60_000)]);
    const [holder, other] = held[0] === null ? [b, a] : [a, b];
    assert.deepEqual(
      held.filter((one) => one !== null),
      [{ epoch: 1 }],
    );
    assert.deepEqual(await holder.fleet.hold('house', 60_000), { epoch: 1 }, 'it goes on');
    assert.deepEqual(await other.fleet.hold('watch:x', 60_000), { epoch: 1 }, 'another duty');
    await database.query("UPDATE duties SET until = 1 WHERE name = 'house'");
    assert.deepEqual(await other.fleet.hold('house', 60_000), { epoch: 2 });
    assert.equal(await holder.fleet.hold('house', 60_000), null, 'it comes back too late');
    await silence(other.fleet.me);
    await holder.fleet.adopt();
    await holder.fleet.adopted(other.fleet.me);
    assert.deepEqual(await holder.fleet.hold('house', 60_000), { epoch: 3 });
    await holder.fleet.leave();
    await other.fleet.beat('x');
    assert.deepEqual(await other.fleet.hold('house', 60_000), { epoch: 4 });
    assert.notEqual(await other.fleet.hold('house', 0), null);
    const third = await join('c');
    assert.deepEqual(await third.fleet.hold('house', 60_000), { epoch: 5 }, 'it was let go by name');
  });

  test('that stops says so: nobody has to wait until it counts as dead', async () => {
    const [a, b] = [await join('a'), await join('b')];
    await a.fleet.leave();
    assert.deepEqual(
      (await b.fleet.adopt()).map(({ replica, ended }) => [replica, ended]),
      [[a.fleet.me, 'stopped']],
    );
  });

  test('hears what the others say, and not itself', async () => {
    const [a, b] = [await join('a'), await join('b')];
    const own: Word[] = [];
    a.fleet.onTold((word) => own.push(word));
    const heard = new EventTarget();
    b.fleet.onTold((word) => heard.dispatchEvent(new CustomEvent(word.type, { detail: word })));
    const [run, jobs] = [once(heard, 'run'), once(heard, 'jobs')];
    a.fleet.tell(RUN);
    a.fleet.tell({ type: 'jobs' });
    assert.deepEqual((await run)[0].detail, RUN);
    await jobs;
    assert.deepEqual(own, []);
  });
});
