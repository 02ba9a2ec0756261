/** Two stores on one database, as two replicas have them: what they do in the same moment. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Input } from '../../../src/core/approval/inputs.ts';
import { step } from '../../../src/core/approval/steps/step.ts';
import type { Fleet } from '../../../src/core/ports/store/fleet.ts';
import type { Changed, Job, Store } from '../../../src/core/ports/store.ts';
import { createPostgresStore } from '../../../src/store/postgres/index.ts';
import { systemClock } from '../../../src/system/clock.ts';
import { createTestClock } from '../../support/clock.ts';
import { announced, dana, pauseOf, pressed, sam } from '../../support/data/pauses.ts';
import { captureLog } from '../../support/log.ts';
import { createDatabase, type Database, skipPostgres } from '../../support/postgres/index.ts';
import { runs } from '../../support/property.ts';

const { log } = captureLog();

describe('two replicas on one PostgreSQL', { skip: skipPostgres }, () => {
  let database: Database;
  let stores: readonly [Store, Store];
  let fleets: readonly [Fleet, Fleet];
  before(async () => {
    database = await createDatabase();
    const { connectionString } = database;
    const onFatal = (error: Error): never => {
      throw error;
    };
    const open = async (name: string) => {
      const options = { connectionString, name, version: '', clock: systemClock, log, onFatal };
      return createPostgresStore(options);
    };
    const [one, two] = await Promise.all([open('one'), open('two')]);
    stores = [one.store, two.store];
    fleets = [one.fleet, two.fleet];
  });
  after(async () => {
    await Promise.all(stores.map((store) => store.close()));
    await database.drop();
  });

  function put(store: Store, id: string, input: Input, inputId: string | null = null): Promise<Changed> {
    return store.transact({
      approvalId: id,
      inputId,
      audit: { input: input.type, actor: 'actor' in input ? input.actor : null, facts: {} },
      fn: (state) => step(state, input, systemClock.now()),
    });
  }

  /** So many approvals of runs of their own, each with cards in two rooms. */
  async function announce(prefix: string, count: number): Promise<string[]> {
    const ids = Array.from({ length: count }, (_, index) => `${prefix}${index}`);
    for (let from = 0; from < count; from += 50) {
      const announceOne = (id: string) => {
        const key = `approval:${id}`;
        const places = [`C${prefix}${Number(id.slice(prefix.length)) % 100}`].map((room) => ({
          platform: 'slack',
          room,
        }));
        return put(stores[0], id, announced({ id, pause: pauseOf({ key, groupId: key, runId: id }), places }));
      };
      await Promise.all(ids.slice(from, from + 50).map(announceOne));
    }
    return ids;
  }

  const claim = (store: Store, worker: string) => store.claim({ draw: 1_000, decide: 1_000, wake: 8 }, worker);
  /** An audit log's numbers are its order, so none is missing. */
  const GAPS = 'SELECT approval_id FROM audit GROUP BY approval_id HAVING count(*) <> max(seq) OR min(seq) <> 1';

  test('row 53: a press that both receive counts once', async () => {
    const [one, two] = stores;
    const ids = await announce('same', runs(100));
    for (const id of ids) {
      const both = await Promise.all([one, two].map((store) => put(store, id, pressed(), `press-${id}`)));
      assert.deepEqual(both.map(({ duplicate }) => duplicate).toSorted(), [false, true]);
      for (const { state } of both) assert.equal(state?.decision?.actor.id, dana.id);
    }
    assert.deepEqual(await database.query(GAPS), []);
  });

  test('row 53: of an approval and a rejection at different replicas one decides, and the other learns of it', async () => {
    const [one, two] = stores;
    const ids = await announce('race', runs(100));
    const winners = new Set<string>();
    for (const id of ids) {
      const both = await Promise.all([
        put(one, id, pressed({ actor: dana })),
        put(two, id, pressed({ actor: sam, action: 'reject', text: 'No.' })),
      ]);
      const ignored = both.map((changed) => (changed.duplicate ? null : changed.ignored));
      assert.equal(ignored.filter((reason) => reason !== null).length, 1, JSON.stringify(ignored));
      const names = both.map(({ state }) => state?.decision?.actor.id);
      assert.equal(names[0], names[1], 'both know the same winner');
      assert.equal(names[0], ignored[0] === null ? dana.id : sam.id);
      winners.add(names[0] ?? '');
    }
    assert.deepEqual(await database.query(GAPS), []);
    const { length } = await database.query(
      "SELECT 1 FROM jobs WHERE kind = 'decide' AND subject LIKE 'approval:race%'",
    );
    assert.equal(length, ids.length, 'one decision is sent for each');
  });

  test('two that claim at once never work in one lane, and never on one job', async () => {
    const workers = ['one', 'two'] as const;
    await announce('lane', 600);
    const running = new Map<string, number>();
    let claimed = 0;
    const laneOf = ({ lane }: Job) => JSON.stringify(lane);
    const work = async (index: 0 | 1) => {
      for (let empty = 0; empty < 3; ) {
        const jobs = await claim(stores[index], workers[index]);
        empty = jobs.length === 0 ? empty + 1 : 0;
        claimed += jobs.length;
        for (const job of jobs) {
          assert.ok(!running.has(laneOf(job)), `${laneOf(job)} is worked in already`);
          running.set(laneOf(job), job.id);
        }
        await Promise.all(
          jobs.map((job) => {
            running.delete(laneOf(job));
            return stores[index].settle(job, { type: 'done' });
          }),
        );
      }
    };
    await Promise.all([work(0), work(1)]);
    assert.ok(claimed >= 600, `${claimed} jobs`);
    assert.deepEqual(await database.query('SELECT job_key FROM jobs WHERE locked_by IS NOT NULL'), []);
  });

  test('one that claims while another does takes nothing from its lanes', async () => {
    const [one, two] = stores;
    const room = { platform: 'slack', room: 'C0SLOW' };
    const ask = (id: string, deadline: number) => {
      const key = `approval:${id}`;
      return put(
        one,
        id,
        announced({ id, places: [room], pause: pauseOf({ key, groupId: key, runId: id, deadline }) }),
      );
    };
    const later = systemClock.now() + 3_600_000;
    await ask('slow1', later);
    // The claim of the first stands still after it has chosen, until this session lets it go on.
    await database.query(`
      CREATE FUNCTION stand_still() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        IF NEW.locked_by = 'one' AND OLD.locked_by IS NULL THEN PERFORM pg_advisory_xact_lock_shared(1); END IF;
        RETURN NEW;
      END $$`);
    await database.query(
      'CREATE TRIGGER stand_still BEFORE UPDATE ON jobs FOR EACH ROW EXECUTE FUNCTION stand_still()',
    );
    await database.query('SELECT pg_advisory_lock(1)');
    const isWaiting = async (count: number) => {
      const waiting = await database.query('SELECT 1 FROM pg_locks WHERE NOT granted');
      return waiting.length >= count;
    };
    const first = claim(one, 'one');
    while (!(await isWaiting(1)));
    await ask('slow2', later - 60_000);
    let ended = false;
    const second = claim(two, 'two').finally(() => {
      ended = true;
    });
    while (!ended && !(await isWaiting(2)));
    await database.query('SELECT pg_advisory_unlock(1)');
    const jobs = (await Promise.all([first, second]))
      .flat()
      .filter(({ kind, subject }) => kind === 'draw' && subject.startsWith('slow'));
    await database.query('DROP TRIGGER stand_still ON jobs');
    assert.deepEqual(
      jobs.map(({ subject }) => subject),
      ['slow1'],
    );
  });

  test('a job that is moved into a lane that rests, while a claim chooses, waits there', async () => {
    const [one] = stores;
    await announce('moved', 1);
    const mine = async () => (await claim(one, 'one')).filter(({ subject }) => subject === 'moved0');
    const rest = async (ms: number) =>
      database.query('UPDATE lanes SET rest_until = $1 WHERE lane = $2', [systemClock.now() + ms, resting]);
    const resting = 'edit:slack:C0RESTING';
    await database.query('INSERT INTO lanes (lane) VALUES ($1)', [resting]);
    await rest(60_000);
    // A claim that looks which lanes rest stands still, until this session lets it go on: what it sees of jobs is old by then.
    await database.query(`
      ALTER TABLE lanes RENAME TO all_lanes;
      CREATE FUNCTION lanes_in_a_while() RETURNS SETOF all_lanes LANGUAGE plpgsql AS $$
      BEGIN
        PERFORM pg_advisory_xact_lock_shared(2);
        RETURN QUERY SELECT * FROM all_lanes;
      END $$;
      CREATE VIEW lanes AS SELECT * FROM lanes_in_a_while()`);
    await database.query('SELECT pg_advisory_lock(2)');
    const claimed = mine();
    const blocked = "SELECT FROM pg_locks WHERE locktype = 'advisory' AND objid = 2 AND NOT granted";
    while ((await database.query(blocked)).length === 0);
    // As a renewal is moved, when its card is pressed.
    await database.query("UPDATE jobs SET lane = $1 WHERE subject = 'moved0' AND kind = 'draw'", [resting]);
    await database.query('SELECT pg_advisory_unlock(2)');
    assert.deepEqual(await claimed, []);
    await database.query('DROP VIEW lanes; DROP FUNCTION lanes_in_a_while; ALTER TABLE all_lanes RENAME TO lanes');
    await rest(0);
    assert.equal((await mine()).length, 1, 'it is due where it is now');
  });

  test('a job that another replica asks for while it ends runs again', async () => {
    const [one, two] = stores;
    const [id = ''] = await announce('again', 1);
    for (let round = 0; round < runs(100); round += 1) {
      const [job] = (await claim(one, 'one')).filter(({ subject }) => subject === id);
      assert.ok(job, `round ${round}: the job waits`);
      const key = `approval:${id}`;
      const more = announced({ id, fingerprint: `d${round + 2}`, pause: pauseOf({ key, groupId: key, runId: id }) });
      const [settled] = await Promise.all([one.settle(job, { type: 'done' }), put(two, id, more)]);
      assert.notEqual(settled, null);
    }
  });

  test('a job that is asked for in the moment in which it ends runs again', async () => {
    const [one] = stores;
    await announce('ending', 1);
    const mine = async () => (await claim(one, 'one')).filter(({ subject }) => subject === 'ending0');
    const [job] = await mine();
    assert.ok(job);
    // As another replica asks for it, whose commit is under way when the job ends.
    await database.query('BEGIN');
    await database.query(`UPDATE jobs SET again = true, next_lane = lane WHERE id = $1`, [job.id]);
    const settled = one.settle(job, { type: 'done' });
    while (
      (await database.query("SELECT FROM pg_locks WHERE locktype = 'transactionid' AND NOT granted")).length === 0
    );
    await database.query('COMMIT');
    await settled;
    assert.equal((await mine()).length, 1);
  });

  test('row 56: each looks every second for what no one has told it of', async () => {
    const { connectionString } = database;
    const clock = createTestClock(Date.now());
    const elsewhere = new URL(connectionString);
    elsewhere.pathname = '/postgres';
    const onFatal = (error: Error) => assert.fail(error);
    const options = { connectionString, listenString: elsewhere.href, name: 'deaf', version: '', clock, log, onFatal };
    const deaf = await createPostgresStore(options);
    try {
      await fleets[0].beat('');
      await deaf.fleet.beat('');
      let looks = 0;
      deaf.store.onJobsAdded(() => {
        looks += 1;
      });
      await announce('untold', 1);
      for (let second = 1; second <= 3; second += 1) {
        clock.advance(1_000);
        await new Promise((resolve) => setImmediate(resolve));
        assert.equal(looks, second);
      }
    } finally {
      await deaf.store.close();
    }
  });

  test('a decision is left to the replica that holds its lane, until that one is gone', async () => {
    const [holder] = fleets;
    // However long the tests before this one took.
    for (const fleet of fleets) await fleet.beat('');
    const [id = ''] = await announce('held', 1);
    await holder.keepLane(`run:runtype:${id}`);
    await put(stores[1], id, pressed());
    const decisions = async (of: 0 | 1) => {
      const jobs = await claim(stores[of], fleets[of].me);
      return jobs.filter(({ kind, subject }) => kind === 'decide' && subject === `approval:${id}`);
    };
    assert.deepEqual(await decisions(1), [], 'the application listens elsewhere');
    const [job] = await decisions(0);
    assert.ok(job);
    await stores[0].settle(job, { type: 'retry', waitMs: 0, error: '', notArrived: true });
    assert.deepEqual(await decisions(1), []);
    await database.query("UPDATE replicas SET state = 'replaced' WHERE id = $1", [holder.me]);
    assert.equal((await decisions(1)).length, 1, 'nobody listens there any more');
  });

  test('a standing answer that was used at one replica is used at the other one, too', async () => {
    const [one, two] = stores;
    const heard: unknown[] = [];
    two.records.onElsewhere((found) => heard.push(found.map(({ value }) => value)));
    await one.records.list();
    await one.records.put({ kind: 'grant', id: 'g', value: 0 }, { input: 'granted', actor: dana, facts: {} });
    await two.records.refresh();
    assert.deepEqual(heard, [[0]]);
    const use = (store: Store, id: string) =>
      store.transact({
        approvalId: id,
        inputId: null,
        audit: { input: 'announced', actor: null, facts: {} },
        fn: (state) => step(state, announced({ id, pause: pauseOf({ key: id, groupId: id, runId: id }) }), 1),
        followUp: {
          record: { kind: 'grant', id: 'g' },
          fn: (_before, state, value) => ({
            step: step(state, pressed(), 2),
            audit: { input: 'stood', actor: dana, facts: {} },
            value: Number(value) + 1,
          }),
        },
      });
    await Promise.all([use(one, 'used1'), use(one, 'used2')]);
    await two.records.refresh();
    assert.deepEqual(heard.at(-1), [2], 'who may give another one must know that this one is used up');
    await use(two, 'used3');
    await two.records.refresh();
    assert.deepEqual(heard.at(-1), [2], 'its own use is none of another');
    await one.records.delete('grant', 'g', { input: 'grant_ended', actor: dana, facts: {} });
  });
});
