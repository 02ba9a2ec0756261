/** Jobs: order, lanes, leases, attempts, dead letters. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Settlement, Store } from '../../../../src/core/ports/ports.ts';
import { announced, pauseOf, pressed, slackRoom } from '../../../support/data/pauses.ts';
import { type OpenStore, one, put, withStore } from '../support.ts';

export function outboxContract(name: string, open: OpenStore): void {
  describe(`${name}: the outbox`, () => {
    const jobs = async (store: Store) =>
      (await store.claim({ draw: 10, decide: 10 }, 'w1')).map(({ kind, subject }) => [kind, subject]);

    test('holds one job per key, and runs one job per lane at a time', () =>
      withStore(open, async (store, clock) => {
        await put(store, clock, one);
        await put(store, clock, announced({ id: 'ap2', places: [slackRoom], pause: pauseOf({ key: 'k2' }) }), {
          id: 'ap2',
        });
        await put(store, clock, pressed());
        assert.deepEqual(await jobs(store), [
          ['draw', 'ap2'],
          ['decide', 'approval:appr_1'],
        ]);
        assert.deepEqual(await jobs(store), [], 'the decided card waits for its lane');
      }));

    test('runs a job again that was added while it ran', () =>
      withStore(open, async (store, clock) => {
        await put(store, clock, one);
        const [job] = await store.claim({ draw: 10, decide: 10 }, 'w1');
        assert.ok(job);
        await put(store, clock, announced({ fingerprint: 'd2' }));
        assert.deepEqual(await store.settle(job, { type: 'done' }), { pacedMs: 0 });
        const [again] = await store.claim({ draw: 10, decide: 10 }, 'w1');
        assert.deepEqual([again?.id, again?.attempts], [job.id, 1]);
        assert.ok(again);
        await store.settle(again, { type: 'done' });
        assert.equal(await store.msUntilNextJob(), null);
      }));

    test('counts an attempt when it is claimed, and waits as long as requested', () =>
      withStore(open, async (store, clock) => {
        await put(store, clock, one);
        const [job] = await store.claim({ draw: 10, decide: 10 }, 'w1');
        assert.ok(job);
        await store.settle(job, { type: 'retry', waitMs: 5_000, error: 'down', notArrived: true });
        assert.equal(await store.msUntilNextJob(), 5_000);
        await put(store, clock, announced({ fingerprint: 'd2' }));
        assert.deepEqual(await jobs(store), [], 'adding the job again does not shorten the wait');
        clock.advance(5_000);
        const [second] = await store.claim({ draw: 10, decide: 10 }, 'w1');
        assert.equal(second?.attempts, 2);
      }));

    test('waits a part of a millisecond longer, rather than refuse a wait that is none in whole ones', () =>
      withStore(open, async (store, clock) => {
        await put(store, clock, one);
        const [job] = await store.claim({ draw: 10, decide: 10 }, 'w1');
        assert.ok(job);
        assert.ok(await store.settle(job, { type: 'retry', waitMs: 64_569.2, error: 'down' }));
        assert.equal(await store.msUntilNextJob(), 64_570);
      }));

    test('fences off a process whose jobs were released', () =>
      withStore(open, async (store, clock) => {
        await put(store, clock, one);
        const [job] = await store.claim({ draw: 10, decide: 10 }, 'w1');
        assert.ok(job);
        await store.release('w1');
        const [taken] = await store.claim({ draw: 10, decide: 10 }, 'w2');
        assert.equal(taken?.id, job.id);
        assert.equal(await store.settle(job, { type: 'done' }), null);
        assert.ok(taken);
        assert.deepEqual(await store.settle(taken, { type: 'done' }), { pacedMs: 0 });
      }));

    test('releases the jobs of one process', () =>
      withStore(open, async (store, clock) => {
        await put(store, clock, one);
        await store.claim({ draw: 10, decide: 10 }, 'dead');
        assert.deepEqual(await jobs(store), []);
        clock.advance(24 * 3_600_000);
        await store.release('other');
        assert.deepEqual(await jobs(store), [], 'it may still be running');
        await store.release('dead');
        assert.equal((await jobs(store)).length, 1);
      }));

    test('keeps a dead letter, and retries it when it is added again', () =>
      withStore(open, async (store, clock) => {
        await put(store, clock, one);
        const [job] = await store.claim({ draw: 10, decide: 10 }, 'w1');
        assert.ok(job);
        await store.settle(job, { type: 'dead', error: 'refused', notArrived: true });
        assert.deepEqual(await jobs(store), []);
        await put(store, clock, announced({ fingerprint: 'd2' }));
        assert.equal((await jobs(store)).length, 1);
      }));

    const claim = (store: Store) => store.claim({ draw: 10, decide: 10 }, 'w1');
    const card = (id: string, deadline: number | null) =>
      announced({ id, places: [slackRoom], pause: pauseOf({ key: id, deadline }) });
    const receipt = { platform: 'slack', room: slackRoom.room, message: '1.1' };

    test('claims new cards of a room by deadline, and edits of decided ones in a separate lane', () =>
      withStore(open, async (store, clock) => {
        for (const [id, deadline] of [
          ['never', null],
          ['late', clock.now() + 9_000],
          ['soon', clock.now() + 1_000],
        ] as const) {
          await put(store, clock, card(id, deadline), { id });
        }
        await put(store, clock, card('shown', null), { id: 'shown' });
        const [slot = ''] = Object.keys((await store.get('shown'))?.slots ?? {});
        await put(store, clock, { type: 'posted', slot, receipt }, { id: 'shown' });
        await put(store, clock, pressed(), { id: 'shown' });
        const order: string[] = [];
        for (let turn = 0; turn < 3; turn += 1) {
          const claimed = await claim(store);
          order.push(claimed.map(({ kind, subject }) => `${kind === 'draw' ? 'card' : kind}:${subject}`).join(' '));
          for (const job of claimed) await store.settle(job, { type: 'done' });
        }
        assert.deepEqual(order, ['card:shown card:soon decide:shown', 'card:late', 'card:never']);
      }));

    test('sends one decision per run at a time', () =>
      withStore(open, async (store, clock) => {
        for (const [id, runId] of [
          ['first', 'exec_1'],
          ['second', 'exec_1'],
          ['other', 'exec_2'],
        ] as const) {
          await put(store, clock, announced({ id, pause: pauseOf({ key: id, groupId: id, runId }) }), { id });
          await put(store, clock, pressed(), { id });
        }
        const decisions = (jobs: readonly { kind: string; subject: string }[]) =>
          jobs.flatMap(({ kind, subject }) => (kind === 'decide' ? [subject] : []));
        const claimed = await claim(store);
        assert.deepEqual(decisions(claimed), ['first', 'other']);
        for (const job of claimed) await store.settle(job, { type: 'done' });
        assert.deepEqual(decisions(await claim(store)), ['second']);
      }));

    test('knows of an earlier attempt that may have arrived, also over a crash', () =>
      withStore(open, async (store, clock) => {
        await put(store, clock, one);
        const begun = clock.now();
        const [first] = await claim(store);
        assert.equal(first?.mayHaveArrivedSince, null);
        await store.release('w1');
        clock.advance(1_000);
        const [second] = await claim(store);
        assert.ok(second);
        assert.equal(second.mayHaveArrivedSince, begun);
        await store.settle(second, { type: 'retry', waitMs: 0, error: 'e', notArrived: true });
        const [third] = await claim(store);
        assert.ok(third);
        assert.equal(third.mayHaveArrivedSince, begun, 'the first attempt may still have arrived');
        await store.settle(third, { type: 'done' });
        await put(store, clock, announced({ fingerprint: 'd2' }));
        const [fresh] = await claim(store);
        assert.ok(fresh);
        assert.equal(fresh.mayHaveArrivedSince, null);
        await store.settle(fresh, { type: 'retry', waitMs: 0, error: 'e', notArrived: true, uncounted: true });
        const [sixth] = await claim(store);
        assert.deepEqual([sixth?.mayHaveArrivedSince, sixth?.attempts], [null, 1]);
      }));

    test('retries the dead letters of a room, or a number of them, oldest first', () =>
      withStore(open, async (store, clock) => {
        for (const id of ['a', 'b', 'c']) {
          await put(store, clock, card(id, null), { id });
          const [job] = await claim(store);
          assert.ok(job);
          await store.settle(job, { type: 'dead', error: 'gone', notArrived: true });
          clock.advance(1);
        }
        assert.equal(await store.retryDeadLetters({ platform: 'slack', room: 'C0OTHER' }), 0);
        assert.equal(await store.retryDeadLetters({ platform: 'discord', room: null }), 0);
        assert.equal(await store.retryDeadLetters({ platform: 'slack', room: null }, 1), 1);
        assert.deepEqual(
          (await claim(store)).map(({ subject }) => subject),
          ['a'],
        );
        await store.release('w1');
        assert.equal(await store.retryDeadLetters({ platform: 'slack', room: slackRoom.room }), 2);
        assert.equal(await store.retryDeadLetters(null), 0);
      }));

    test('keeps what a message shows for its next job, and forgets it when it may no longer be true', () =>
      withStore(open, async (store, clock) => {
        const lastSent: (string | null)[] = [];
        const run = async (settlement: Partial<Settlement>) => {
          await put(store, clock, announced({ fingerprint: `d${lastSent.length}`, places: [slackRoom] }));
          const [job] = await claim(store);
          assert.ok(job);
          lastSent.push(job.lastSent);
          await store.settle(job, { type: 'done', ...settlement } as Settlement);
          return job;
        };
        const first = await run({ sent: 'h1' });
        await run({});
        assert.equal(await store.settle(first, { type: 'done', sent: 'h2' }), null, 'it has ended');
        await run({ sent: null });
        await run({ sent: 'h3' });
        await store.clearCopyMark();
        await run({});
        assert.deepEqual(lastSent, [null, 'h1', 'h1', null, null]);
      }));

    test('notifies listeners of new jobs, and of which approval they are', () =>
      withStore(open, async (store, clock) => {
        const heard: (string | null)[] = [];
        const end = store.onJobsAdded((approvalId) => heard.push(approvalId));
        await put(store, clock, one);
        await put(store, clock, one);
        await put(store, clock, announced({ id: 'ap2', places: [slackRoom], pause: pauseOf({ key: 'k2' }) }), {
          id: 'ap2',
        });
        assert.deepEqual(heard, ['ap1', 'ap2']);
        const [job] = await store.claim({ draw: 1 }, 'w1');
        assert.ok(job);
        await store.settle(job, { type: 'dead', error: 'gone' });
        await store.retryDeadLetters(null);
        assert.deepEqual(heard, ['ap1', 'ap2', null]);
        end();
        await put(store, clock, pressed());
        assert.equal(heard.length, 3);
      }));
  });
}
