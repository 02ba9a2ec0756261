/** The archive, while another replica works on the same approvals. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Input } from '../../../src/core/approval/inputs.ts';
import { step } from '../../../src/core/approval/steps/step.ts';
import type { Store } from '../../../src/core/ports/store.ts';
import { createPostgresStore } from '../../../src/store/postgres/index.ts';
import { systemClock } from '../../../src/system/clock.ts';
import { announced, dana, pauseOf, pressed, sentAs } from '../../support/data/pauses.ts';
import { captureLog } from '../../support/log.ts';
import { createDatabase, type Database, skipPostgres } from '../../support/postgres/index.ts';
import { runs } from '../../support/property.ts';

const { log } = captureLog();
const { now } = systemClock;

describe('the archive of two replicas', { skip: skipPostgres }, () => {
  let database: Database;
  let stores: readonly [Store, Store];
  before(async () => {
    database = await createDatabase();
    const { connectionString } = database;
    const onFatal = (error: Error) => assert.fail(error);
    const open = async (name: string) =>
      (await createPostgresStore({ connectionString, name, version: '', clock: systemClock, log, onFatal })).store;
    stores = await Promise.all([open('one'), open('two')]);
  });
  after(async () => {
    await Promise.all(stores.map((store) => store.close()));
    await database.drop();
  });

  const put = (store: Store, id: string, input: Input) =>
    store.transact({
      approvalId: id,
      inputId: null,
      audit: { input: input.type, actor: 'actor' in input ? input.actor : null, facts: {} },
      fn: (state) => step(state, input, now()),
    });
  const sending = { type: 'sending', resendable: true } as const;
  const retried = { type: 'retried', actor: dana, right: 'allowed' } as const;

  /** Both replicas have it in memory. */
  async function settled(id: string) {
    const [one, two] = stores;
    await put(one, id, announced({ id, places: [], pause: pauseOf({ key: id, groupId: id, runId: id }) }));
    await put(two, id, pressed());
    await put(one, id, sending);
    await put(one, id, sentAs({ type: 'refused', reason: 'No.' }));
    await put(two, id, pressed());
    await withoutJobs(id);
  }
  /** As if its cards were drawn and its decision were sent. */
  const withoutJobs = (id: string) => database.query(`DELETE FROM jobs WHERE subject = $1`, [id]);
  async function archiveAll(store: Store) {
    // All of these were settled before.
    while (await store.archiveAndPrune({ settledBefore: now() + 60_000, seenBefore: 0 }));
  }
  const isLive = async (id: string) => (await database.query('SELECT FROM approvals WHERE id = $1', [id])).length > 0;
  const inputsOf = async (store: Store, id: string) => (await store.audit(id)).map(({ input }) => input);
  const first = ['announced', 'pressed', 'sending', 'sent', 'pressed'];

  test('what one has archived, the other one presses, revives and archives again, with its whole log', async () => {
    const [one, two] = stores;
    await settled('a');
    await archiveAll(one);
    assert.equal(await isLive('a'), false);
    const late = await put(two, 'a', pressed());
    assert.equal(!late.duplicate && late.ignored, 'already_decided');
    assert.equal(await isLive('a'), false, 'a late press leaves it there');
    await put(two, 'a', retried);
    assert.equal((await one.get('a'))?.phase, 'decided');
    assert.equal((await one.list({ groupId: 'a' })).length, 1);
    await put(one, 'a', sending);
    await put(two, 'a', sentAs({ type: 'recorded', following: false }));
    await withoutJobs('a');
    await archiveAll(two);
    assert.equal(await isLive('a'), false);
    const whole = [...first, 'pressed', 'retried', 'sending', 'sent'];
    for (const store of stores) {
      assert.equal((await store.get('a'))?.outcome, 'approved');
      assert.deepEqual(await inputsOf(store, 'a'), whole);
    }
    assert.deepEqual(await database.query('SELECT * FROM audit WHERE approval_id = $1', ['a']), []);
  });

  test('what one has decided and archived meanwhile, the other one does not decide again as it remembers it', async () => {
    const [one, two] = stores;
    await settled('c');
    await put(one, 'c', retried);
    await put(one, 'c', sending);
    await put(one, 'c', sentAs({ type: 'recorded', following: false }));
    await withoutJobs('c');
    await archiveAll(one);
    assert.equal(await isLive('c'), false);
    const late = await put(two, 'c', retried);
    assert.notEqual(!late.duplicate && late.ignored, null);
    assert.equal(late.state?.outcome, 'approved');
    assert.equal(await isLive('c'), false);
    assert.deepEqual(await inputsOf(two, 'c'), [...first, 'retried', 'sending', 'sent', 'retried']);
  });

  test('one archives while the other one changes: every change is in the log once, and none is lost', async () => {
    const [one, two] = stores;
    const ids = Array.from({ length: runs(20) }, (_, index) => `b${index}`);
    for (const id of ids) await settled(id);
    const archiving = archiveAll(one);
    const changed = ids.map(async (id, index) => {
      await put(two, id, pressed());
      if (index % 2 === 0) await put(two, id, retried);
    });
    await Promise.all([archiving, ...changed]);
    await archiveAll(two);
    for (const [index, id] of ids.entries()) {
      const isRevived = index % 2 === 0;
      assert.deepEqual(await inputsOf(two, id), [...first, 'pressed', ...(isRevived ? ['retried'] : [])], id);
      assert.equal((await one.get(id))?.phase, isRevived ? 'decided' : 'settled', id);
      assert.equal(await isLive(id), isRevived, id);
    }
  });
});
