/** Lists, counts, and values of the process. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { precedentKey } from '../../../src/core/approval/precedent.ts';
import type { Store } from '../../../src/core/ports/ports.ts';
import { announced, application, pauseOf, pressed, runOf, sentAs, slackRoom } from '../../support/data/pauses.ts';
import { jon, mara, requirementOf, signed } from '../../support/data/requirements.ts';
import { type OpenStore, one, put, type TestClock, withStore } from './support.ts';

export function queriesContract(name: string, open: OpenStore): void {
  describe(`${name}: lists`, () => {
    test('a group, a run, and unfinished approvals, oldest first', () =>
      withStore(open, async (store, clock) => {
        for (const [index, groupId] of ['g1', 'g1', 'g2'].entries()) {
          const pause = pauseOf({ key: `k${index}`, groupId, runId: index === 2 ? 'r2' : 'r1' });
          await put(store, clock, announced({ id: `ap${index}`, pause }), { id: `ap${index}` });
          clock.advance(1);
        }
        const ids = async (filter: Parameters<Store['list']>[0]) => (await store.list(filter)).map(({ id }) => id);
        assert.deepEqual(await ids({ groupId: 'g1' }), ['ap0', 'ap1']);
        assert.deepEqual(await ids({ backend: 'runtype', runId: 'r2' }), ['ap2']);
        await put(store, clock, { type: 'cancelled', reason: 'w' }, { id: 'ap0' });
        assert.deepEqual(await ids({ unfinished: true }), ['ap1', 'ap2']);
      }));

    test('what is unfinished without its states: decisions on their way first, and who asks', () =>
      withStore(open, async (store, clock) => {
        for (const index of [0, 1, 2]) {
          const contact = { name: 'Bo', id: 'c1' };
          const pause = pauseOf({
            key: `k${index}`,
            groupId: `g${index}`,
            ...(index === 1 && { askerId: 'a1', contact }),
          });
          await put(store, clock, announced({ id: `ap${index}`, pause }), { id: `ap${index}` });
          clock.advance(1);
        }
        await put(store, clock, { type: 'cancelled', reason: 'w' }, { id: 'ap0' });
        await put(store, clock, { type: 'claimed', action: 'approve', actor: application, text: null }, { id: 'ap2' });
        const rest = { backend: 'runtype', runId: 'exec_1' };
        assert.deepEqual(await store.unfinished(), [
          { id: 'ap2', phase: 'sending', ...rest },
          { id: 'ap1', phase: 'open', ...rest },
        ]);
        const { askerId, contact, asker, kind, backend } = (await store.get('ap1'))?.pause ?? pauseOf();
        assert.deepEqual(await store.asked(['ap1', 'none']), [
          {
            id: 'ap1',
            phase: 'open',
            via: 'stream',
            sharedNames: [],
            pause: { backend, kind, asker, askerId, contact },
          },
        ]);
        assert.equal((await store.asked(['ap2']))[0]?.pause.contact, undefined);
      }));

    test('unfinished approvals of one backend', () =>
      withStore(open, async (store, clock) => {
        await put(store, clock, one);
        await put(store, clock, announced({ id: 'ap2', pause: pauseOf({ key: 'k2', backend: 'sonzai' }) }), {
          id: 'ap2',
        });
        const ids = async (backend: string) => (await store.list({ unfinished: true, backend })).map(({ id }) => id);
        assert.deepEqual([await ids('runtype'), await ids('sonzai'), await ids('other')], [['ap1'], ['ap2'], []]);
      }));
  });

  describe(`${name}: precedents`, () => {
    const settle = async (store: Store, clock: TestClock, id: string, outcome: 'recorded' | 'refused') => {
      const pause = pauseOf({ key: id, groupId: id, runId: id, parameters: { id } });
      await put(store, clock, announced({ id, pause }), { id });
      await put(store, clock, pressed(), { id });
      await put(store, clock, { type: 'sending', resendable: true }, { id });
      const result = outcome === 'recorded' ? { type: outcome, following: false } : { type: outcome, reason: 'No.' };
      await put(store, clock, sentAs(result as Parameters<typeof sentAs>[0]), { id });
      clock.advance(1_000);
    };
    const key = precedentKey(pauseOf(), 'stream') ?? '';

    test('are what was approved of one tool and asker, the latest first, archived or not', () =>
      withStore(open, async (store, clock) => {
        await settle(store, clock, 'a', 'recorded');
        await settle(store, clock, 'refused', 'refused');
        await settle(store, clock, 'b', 'recorded');
        const found = async (limit: number) =>
          (await store.precedents(key, limit)).map(({ id, pause }) => [id, pause.parameters]);
        const expected = [
          ['b', { id: 'b' }],
          ['a', { id: 'a' }],
        ];
        assert.deepEqual(await found(5), expected);
        assert.deepEqual(await found(1), expected.slice(0, 1));
        assert.deepEqual(await store.precedents(precedentKey(pauseOf(), 'ingest') ?? '', 5), []);
        for (const job of await store.claim({ draw: 9, decide: 9 }, 'w')) await store.settle(job, { type: 'done' });
        for (const job of await store.claim({ draw: 9, decide: 9 }, 'w')) await store.settle(job, { type: 'done' });
        clock.advance(1_000_000);
        const limits = { settledBefore: clock.now() - 1_000, seenBefore: 0 };
        for (let slices = 0; slices < 20 && (await store.archiveAndPrune(limits)); slices += 1);
        assert.deepEqual(await found(5), expected);
      }));
  });

  describe(`${name}: meta and stats`, () => {
    test('stores a value, and returns the previous one', () =>
      withStore(open, async (store, clock) => {
        assert.equal(await store.setMeta('process', 'running'), null);
        const at = clock.now();
        clock.advance(1_000);
        assert.deepEqual(await store.setMeta('process', 'stopped'), { value: 'running', at });
        assert.equal(await store.setMeta('other', 'x'), null);
      }));

    test('makes a secret once for each name, also for two who ask at once', () =>
      withStore(open, async (store) => {
        const [one, same] = await Promise.all([store.secret('a'), store.secret('a')]);
        const [again, other] = [await store.secret('a'), await store.secret('b')];
        assert.deepEqual([same, again], [one, one]);
        assert.notEqual(other, one);
      }));

    test('counts what waits for people, by rule: how many, since when, and the signatures that a yes still takes', () =>
      withStore(open, async (store, clock) => {
        const asked = (id: string, more: Parameters<typeof announced>[0] = {}) =>
          put(store, clock, announced({ id, places: [slackRoom], pause: pauseOf({ key: id }), ...more }), { id });
        const since = clock.now();
        await asked('ap1', { requirement: requirementOf() });
        clock.advance(1_000);
        await asked('ap2', { requirement: requirementOf() });
        await asked('ap3');
        await asked('run1', { pause: runOf() });
        const none = { backend: 'runtype', rule: '', count: 1, since: since + 1_000, missing: 0 };
        const refunds = { backend: 'runtype', rule: 'refunds' };
        assert.deepEqual(await store.waiting(), [none, { ...refunds, count: 2, since, missing: 4 }]);
        await put(store, clock, signed(mara), { id: 'ap1' });
        assert.deepEqual(await store.waiting(), [none, { ...refunds, count: 2, since, missing: 3 }]);
        await put(store, clock, signed(jon), { id: 'ap1' });
        assert.deepEqual(await store.waiting(), [none, { ...refunds, count: 1, since: since + 1_000, missing: 2 }]);
      }));

    test('counts approvals and jobs', () =>
      withStore(open, async (store, clock) => {
        const jobs = async () => {
          const { jobs: all } = await store.stats(60_000);
          return Object.fromEntries(all.map(({ kind, ...stats }) => [kind, stats]));
        };
        const none = { waiting: 0, due: 0, running: 0, dead: 0, recentlyDead: 0, oldestDueMs: null };
        for (const stats of Object.values(await jobs())) assert.deepEqual(stats, none);
        assert.ok('draw' in (await jobs()));
        await put(store, clock, one);
        await put(store, clock, announced({ id: 'ap2', places: [slackRoom], pause: pauseOf({ key: 'k2' }) }), {
          id: 'ap2',
        });
        assert.deepEqual((await store.stats(0)).approvals, [{ backend: 'runtype', phase: 'open', count: 2 }]);
        clock.advance(5_000);
        assert.deepEqual((await jobs())['draw'], { ...none, due: 2, oldestDueMs: 5_000 });
        const [job] = await store.claim({ draw: 10, decide: 10 }, 'w1');
        assert.ok(job);
        assert.deepEqual((await jobs())['draw'], { ...none, due: 1, running: 1, oldestDueMs: 5_000 });
        await store.settle(job, { type: 'retry', waitMs: 1_000, error: 'down' });
        assert.deepEqual((await jobs())['draw'], { ...none, due: 1, waiting: 1, oldestDueMs: 5_000 });
        const [other] = await store.claim({ draw: 10, decide: 10 }, 'w1');
        assert.ok(other);
        await store.settle(other, { type: 'dead', error: 'gone' });
        assert.deepEqual((await jobs())['draw'], { ...none, waiting: 1, dead: 1, recentlyDead: 1 });
        clock.advance(61_000);
        const later = (await jobs())['draw'];
        assert.deepEqual([later?.dead, later?.recentlyDead, later?.due], [1, 0, 1]);
      }));
  });

  test(`${name}: a new store is not a copy`, () =>
    withStore(open, async (store) => {
      assert.equal(await store.copyMark(), null);
      await store.clearCopyMark();
      assert.equal(await store.copyMark(), null);
    }));
}
