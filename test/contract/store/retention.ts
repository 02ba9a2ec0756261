/** What is archived, what is kept, and what a late press, a late delivery and an auditor still find. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Clock, Store } from '../../../src/core/ports/ports.ts';
import { parseExact } from '../../../src/core/text/exact/parse.ts';
import { announced, dana, pauseOf, pressed, sentAs } from '../../support/data/pauses.ts';
import { type OpenStore, one, put, type TestClock, withStore } from './support.ts';

export function retentionContract(name: string, open: OpenStore): void {
  describe(`${name}: retention`, () => {
    const DAY_MS = 86_400_000;
    /** Until nothing is left to do. */
    async function archiveAll(store: Store, clock: Clock) {
      const limits = { settledBefore: clock.now() - DAY_MS, seenBefore: clock.now() - DAY_MS };
      for (let slices = 0; await store.archiveAndPrune(limits); slices += 1) assert.ok(slices < 100, 'it does not end');
    }
    async function runJobs(store: Store) {
      for (;;) {
        const jobs = await store.claim({ draw: 10, decide: 10 }, 'w1');
        if (jobs.length === 0) return;
        for (const job of jobs) await store.settle(job, { type: 'done' });
      }
    }
    const inRun = async (store: Store) =>
      (await store.list({ backend: 'runtype', runId: 'exec_1' })).map(({ id }) => id);
    const refused = sentAs({ type: 'refused', reason: 'No.' });

    /** Announced, pressed, and refused by its backend, long ago. */
    async function settled(store: Store, clock: TestClock) {
      await put(store, clock, one);
      await put(store, clock, pressed(), { inputId: 'press-1' });
      await put(store, clock, { type: 'sending', resendable: true });
      await put(store, clock, refused);
      await runJobs(store);
      clock.advance(2 * DAY_MS);
    }

    test('archives what was settled long ago, and still finds it', () =>
      withStore(open, async (store, clock) => {
        await settled(store, clock);
        const before = await store.get('ap1');
        const audit = await store.audit('ap1');
        await archiveAll(store, clock);
        assert.deepEqual(await inRun(store), [], 'it is archived');
        assert.deepEqual(await store.get('ap1'), before);
        assert.deepEqual(await store.list({ groupId: 'approval:appr_1' }), [before]);
        assert.deepEqual(await store.audit('ap1'), audit);
        assert.equal(await store.msUntilNextJob(), null);
      }));

    test('keeps the spelling of every number, stored and archived', () =>
      withStore(open, async (store, clock) => {
        const digits = '{"amount":120.00,"order":1234567890123456789,"of":[{"rate":1e-3,"debt":-0}]}';
        const parameters = parseExact(digits) as Record<string, unknown>;
        await put(store, clock, announced({ pause: pauseOf({ parameters, wire: parameters }) }));
        const written = async () => {
          const pause = (await store.get('ap1'))?.pause;
          return JSON.stringify([pause?.parameters, pause?.wire]);
        };
        assert.equal(await written(), `[${digits},${digits}]`);
        await put(store, clock, pressed(), { inputId: 'press-1' });
        await put(store, clock, { type: 'sending', resendable: true });
        await put(store, clock, refused);
        await runJobs(store);
        clock.advance(2 * DAY_MS);
        await archiveAll(store, clock);
        assert.deepEqual(await inRun(store), [], 'it is archived');
        assert.equal(await written(), `[${digits},${digits}]`);
      }));

    test('a late press and a late announcement find an archived approval unchanged', () =>
      withStore(open, async (store, clock) => {
        await settled(store, clock);
        await archiveAll(store, clock);
        const press = await put(store, clock, pressed(), { inputId: 'late' });
        assert.equal(!press.duplicate && press.ignored, 'already_decided');
        assert.equal(press.state?.outcome, 'failed');
        const announcedAgain = await put(store, clock, one);
        assert.equal(!announcedAgain.duplicate && announcedAgain.ignored, 'too_late');
        assert.deepEqual(await inRun(store), [], 'it stays archived');
        assert.equal((await store.audit('ap1')).length, 6);
      }));

    test('an approval that becomes active again is copied back, and archived again', () =>
      withStore(open, async (store, clock) => {
        await settled(store, clock);
        await archiveAll(store, clock);
        await put(store, clock, { type: 'retried', actor: dana, right: 'allowed' });
        assert.deepEqual(await inRun(store), ['ap1']);
        assert.equal((await store.list({ groupId: 'approval:appr_1' })).length, 1, 'once, in its current state');
        assert.equal((await store.get('ap1'))?.phase, 'decided');
        await put(store, clock, { type: 'sending', resendable: true });
        await put(store, clock, sentAs({ type: 'recorded', following: false }));
        await runJobs(store);
        clock.advance(2 * DAY_MS);
        await archiveAll(store, clock);
        assert.deepEqual(await inRun(store), []);
        assert.equal((await store.get('ap1'))?.outcome, 'approved');
        assert.deepEqual(
          (await store.audit('ap1')).map(({ input }) => input),
          ['announced', 'pressed', 'sending', 'sent', 'retried', 'sending', 'sent'],
        );
      }));

    test('keeps recently settled approvals, those with a live job, and those of an unfinished run', () =>
      withStore(open, async (store, clock) => {
        await settled(store, clock);
        await put(store, clock, announced({ id: 'ap2', pause: pauseOf({ key: 'k2' }) }), { id: 'ap2' });
        await runJobs(store);
        await archiveAll(store, clock);
        assert.deepEqual(await inRun(store), ['ap1', 'ap2'], 'the run continues');
        await put(store, clock, { type: 'cancelled', reason: 'w' }, { id: 'ap2' });
        await archiveAll(store, clock);
        assert.deepEqual(await inRun(store), ['ap1', 'ap2'], 'one was settled just now, and its card must be drawn');
        clock.advance(2 * DAY_MS);
        await archiveAll(store, clock);
        assert.deepEqual(await inRun(store), ['ap2'], 'its card must still be drawn');
        await runJobs(store);
        await archiveAll(store, clock);
        assert.deepEqual(await inRun(store), []);
      }));

    test('deletes a dead letter with its approval', () =>
      withStore(open, async (store, clock) => {
        await settled(store, clock);
        await put(store, clock, { type: 'resolved', verdict: 'timeout', reason: null });
        const jobs = await store.claim({ draw: 10, decide: 10 }, 'w1');
        for (const job of jobs) await store.settle(job, { type: 'dead', error: 'gone', notArrived: true });
        clock.advance(2 * DAY_MS);
        await archiveAll(store, clock);
        assert.deepEqual(await inRun(store), []);
      }));

    test('forgets a lane in which nothing has happened for long', () =>
      withStore(open, async (store, clock) => {
        await put(store, clock, one);
        const failuresAfter = async (ms: number) => {
          clock.advance(ms);
          await archiveAll(store, clock);
          const [job] = await store.claim({ draw: 1 }, 'w1');
          assert.ok(job);
          await store.settle(job, { type: 'retry', waitMs: 0, error: 'none' }, { failures: 3, restMs: 1_000 });
          return job.laneFailures;
        };
        const seen = [await failuresAfter(0), await failuresAfter(DAY_MS / 2), await failuresAfter(2 * DAY_MS)];
        assert.deepEqual(seen, [0, 3, 0]);
      }));

    test('archives nothing without a limit, and prunes old input ids', () =>
      withStore(open, async (store, clock) => {
        await settled(store, clock);
        await put(store, clock, pressed(), { inputId: 'press-2' });
        await store.archiveAndPrune({ settledBefore: null, seenBefore: clock.now() - DAY_MS });
        assert.deepEqual(await inRun(store), ['ap1']);
        const again = async (inputId: string) => (await put(store, clock, pressed(), { inputId })).duplicate;
        assert.deepEqual([await again('press-1'), await again('press-2')], [false, true]);
      }));
  });
}
