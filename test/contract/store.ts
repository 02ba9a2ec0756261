import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Input } from '../../src/core/approval/inputs.ts';
import { step } from '../../src/core/approval/steps/step.ts';
import { StoreError } from '../../src/core/ports/errors.ts';
import type { Changed, Clock, Store } from '../../src/core/ports/ports.ts';
import { mine } from '../../src/core/view/list-query.ts';
import { createTestClock } from '../support/clock.ts';
import { announced, dana, pauseOf, pressed, sentAs, slackRoom } from '../support/data/pauses.ts';

export interface StoreUnderTest {
  store: Store;
  close(): Promise<void>;
}

/** What every store must do. `open` gives an empty one. */
export function storeContract(name: string, open: (clock: Clock) => Promise<StoreUnderTest>): void {
  const one = announced({ places: [slackRoom] });

  async function withStore(run: (store: Store, clock: ReturnType<typeof createTestClock>) => Promise<void>) {
    const clock = createTestClock();
    const { store, close } = await open(clock);
    try {
      await run(store, clock);
    } finally {
      await close();
    }
  }

  const put = (
    store: Store,
    clock: Clock,
    input: Input,
    options: { id?: string; inputId?: string | null } = {},
  ): Promise<Changed> =>
    store.transact({
      approvalId: options.id ?? 'ap1',
      inputId: options.inputId ?? null,
      audit: { input: input.type, actor: 'actor' in input ? input.actor : null, facts: {} },
      fn: (state) => step(state, input, clock.now()),
    });

  describe(`${name}: transact`, () => {
    test('keeps what step returned', () =>
      withStore(async (store, clock) => {
        const changed = await put(store, clock, one);
        assert.equal(changed.duplicate, false);
        assert.deepEqual(await store.get('ap1'), changed.state);
        assert.equal(await store.get('other'), null);
      }));

    test('takes an input once', () =>
      withStore(async (store, clock) => {
        await put(store, clock, one);
        const press = pressed();
        const both = await Promise.all([
          put(store, clock, press, { inputId: 'press-1' }),
          put(store, clock, press, { inputId: 'press-1' }),
        ]);
        assert.deepEqual(
          both.map(({ duplicate }) => duplicate),
          [false, true],
        );
        assert.equal((await store.audit('ap1')).filter(({ input }) => input === 'pressed').length, 1);
      }));

    test('lets the first of two racers win', () =>
      withStore(async (store, clock) => {
        await put(store, clock, one);
        const racers = Array.from({ length: 20 }, (_, index) =>
          put(store, clock, pressed({ actor: { ...dana, id: `U${index}` } }), { inputId: `press-${index}` }),
        );
        const ignored = (await Promise.all(racers)).map((changed) => !changed.duplicate && changed.ignored);
        assert.deepEqual(ignored, [null, ...Array(19).fill('already_decided')]);
        assert.equal((await store.get('ap1'))?.decision?.actor.id, 'U0');
      }));

    test('a function that throws undoes its own change and no other', () =>
      withStore(async (store, clock) => {
        const bad = store.transact({
          approvalId: 'ap1',
          inputId: 'bad',
          audit: { input: 'bad', actor: null, facts: {} },
          fn: () => {
            throw new Error('no');
          },
        });
        const good = put(store, clock, one);
        await assert.rejects(bad, StoreError);
        await good;
        assert.equal((await store.audit('ap1')).length, 1);
        assert.equal(
          (await put(store, clock, pressed(), { inputId: 'bad' })).duplicate,
          false,
          'its input id is free again',
        );
      }));

    test('writes what was refused into the audit log, too', () =>
      withStore(async (store, clock) => {
        await put(store, clock, one);
        await put(store, clock, pressed({ right: 'denied' }));
        const rows = await store.audit('ap1');
        assert.deepEqual(
          rows.map(({ input, from, to, ignored, actor }) => [input, from, to, ignored, actor?.id ?? null]),
          [
            ['announced', 'none', 'open', null, null],
            ['pressed', 'open', 'open', 'not_allowed', dana.id],
          ],
        );
      }));
  });

  describe(`${name}: the outbox`, () => {
    const jobs = async (store: Store) =>
      (await store.claim({ draw: 10, decide: 10 }, 'w1', 60_000)).map(({ kind, subject }) => [kind, subject]);

    test('holds one job a key, and a lane runs one at a time', () =>
      withStore(async (store, clock) => {
        await put(store, clock, one);
        await put(store, clock, announced({ id: 'ap2', places: [slackRoom], pause: pauseOf({ key: 'k2' }) }), {
          id: 'ap2',
        });
        await put(store, clock, pressed());
        assert.deepEqual(await jobs(store), [
          ['draw', 'ap2'],
          ['decide', 'approval:appr_1'],
        ]);
        assert.deepEqual(await jobs(store), [], 'the card that nobody has to decide any more waits for its lane');
      }));

    test('runs again what was asked for while it ran', () =>
      withStore(async (store, clock) => {
        await put(store, clock, one);
        const [job] = await store.claim({ draw: 10, decide: 10 }, 'w1', 60_000);
        assert.ok(job);
        await put(store, clock, announced({ fingerprint: 'd2' }));
        assert.equal(await store.settle(job, { type: 'done' }), true);
        const [again] = await store.claim({ draw: 10, decide: 10 }, 'w1', 60_000);
        assert.deepEqual([again?.id, again?.attempts], [job.id, 1]);
        assert.ok(again);
        await store.settle(again, { type: 'done' });
        assert.equal(await store.msUntilNextJob(), null);
      }));

    test('counts an attempt when it is claimed, and waits as it was told', () =>
      withStore(async (store, clock) => {
        await put(store, clock, one);
        const [job] = await store.claim({ draw: 10, decide: 10 }, 'w1', 60_000);
        assert.ok(job);
        await store.settle(job, { type: 'retry', waitMs: 5_000, error: 'down', notArrived: true });
        assert.equal(await store.msUntilNextJob(), 5_000);
        await put(store, clock, announced({ fingerprint: 'd2' }));
        assert.deepEqual(await jobs(store), [], 'a new wish does not shorten the wait');
        clock.advance(5_000);
        const [second] = await store.claim({ draw: 10, decide: 10 }, 'w1', 60_000);
        assert.equal(second?.attempts, 2);
      }));

    test('fences off a worker that lost its lease', () =>
      withStore(async (store, clock) => {
        await put(store, clock, one);
        const [job] = await store.claim({ draw: 10, decide: 10 }, 'w1', 1_000);
        assert.ok(job);
        clock.advance(1_001);
        const [taken] = await store.claim({ draw: 10, decide: 10 }, 'w2', 1_000);
        assert.equal(taken?.id, job.id);
        assert.equal(await store.settle(job, { type: 'done' }), false);
        assert.ok(taken);
        assert.equal(await store.settle(taken, { type: 'done' }), true);
      }));

    test('gives back what a dead process held', () =>
      withStore(async (store, clock) => {
        await put(store, clock, one);
        await store.claim({ draw: 10, decide: 10 }, 'dead', 60_000);
        assert.deepEqual(await jobs(store), []);
        await store.unlockJobs(null);
        assert.equal((await jobs(store)).length, 1);
      }));

    test('keeps a dead letter, and tries it anew when it is asked for again', () =>
      withStore(async (store, clock) => {
        await put(store, clock, one);
        const [job] = await store.claim({ draw: 10, decide: 10 }, 'w1', 60_000);
        assert.ok(job);
        await store.settle(job, { type: 'dead', error: 'refused', notArrived: true });
        assert.deepEqual(await jobs(store), []);
        await put(store, clock, announced({ fingerprint: 'd2' }));
        assert.equal((await jobs(store)).length, 1);
      }));

    const claim = (store: Store, resting: readonly string[] = []) =>
      store.claim({ draw: 10, decide: 10 }, 'w1', 60_000, resting);
    const card = (id: string, deadline: number | null) =>
      announced({ id, places: [slackRoom], pause: pauseOf({ key: id, deadline }) });
    const receipt = { platform: 'slack', room: slackRoom.room, message: '1.1' };

    test('gives a room’s new cards by deadline, and what is decided a lane of its own', () =>
      withStore(async (store, clock) => {
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

    test('sends one decision of a run at a time', () =>
      withStore(async (store, clock) => {
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

    test('leaves resting lanes alone', () =>
      withStore(async (store, clock) => {
        await put(store, clock, one);
        const lane = 'post:slack:C0ROOM';
        assert.deepEqual(await claim(store, [lane]), []);
        assert.equal(await store.msUntilNextJob([lane]), null);
        const [job] = await claim(store);
        assert.deepEqual([job?.lane, job?.place], [lane, slackRoom]);
      }));

    test('knows of an earlier try that may have had effect, also over a crash, until one is known to have had none', () =>
      withStore(async (store, clock) => {
        await put(store, clock, one);
        const begun = clock.now();
        const [first] = await claim(store);
        assert.equal(first?.mayHaveArrivedSince, null);
        await store.unlockJobs(null);
        clock.advance(1_000);
        const [second] = await claim(store);
        assert.ok(second);
        assert.equal(second.mayHaveArrivedSince, begun);
        await store.settle(second, { type: 'retry', waitMs: 0, error: 'e', notArrived: true });
        const [third] = await claim(store);
        assert.ok(third);
        assert.equal(third.mayHaveArrivedSince, begun, 'the first try is still in doubt');
        await store.settle(third, { type: 'done' });
        await put(store, clock, announced({ fingerprint: 'd2' }));
        const [fresh] = await claim(store);
        assert.ok(fresh);
        assert.equal(fresh.mayHaveArrivedSince, null);
        await store.settle(fresh, { type: 'retry', waitMs: 0, error: 'e', notArrived: true, uncounted: true });
        const [sixth] = await claim(store);
        assert.deepEqual([sixth?.mayHaveArrivedSince, sixth?.attempts], [null, 1]);
      }));

    test('revives the dead cards of a room, or as many as are asked for, those first that are dead the longest', () =>
      withStore(async (store, clock) => {
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
        await store.unlockJobs(null);
        assert.equal(await store.retryDeadLetters({ platform: 'slack', room: slackRoom.room }), 2);
        assert.equal(await store.retryDeadLetters(null), 0);
      }));

    test('calls back when there are jobs', () =>
      withStore(async (store, clock) => {
        let calls = 0;
        store.onJobsAdded(() => {
          calls += 1;
        });
        await put(store, clock, one);
        await put(store, clock, one);
        assert.equal(calls, 1);
      }));
  });

  describe(`${name}: what it says of itself`, () => {
    test('remembers a word, and returns the one before it', () =>
      withStore(async (store, clock) => {
        assert.equal(await store.setMeta('process', 'running'), null);
        const at = clock.now();
        clock.advance(1_000);
        assert.deepEqual(await store.setMeta('process', 'stopped'), { value: 'running', at });
        assert.equal(await store.setMeta('other', 'x'), null);
      }));

    test('counts what there is to do, and since when', () =>
      withStore(async (store, clock) => {
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
        const [job] = await store.claim({ draw: 10, decide: 10 }, 'w1', 600_000);
        assert.ok(job);
        assert.deepEqual((await jobs())['draw'], { ...none, due: 1, running: 1, oldestDueMs: 5_000 });
        await store.settle(job, { type: 'retry', waitMs: 1_000, error: 'down' });
        assert.deepEqual((await jobs())['draw'], { ...none, due: 1, waiting: 1, oldestDueMs: 5_000 });
        const [other] = await store.claim({ draw: 10, decide: 10 }, 'w1', 600_000);
        assert.ok(other);
        await store.settle(other, { type: 'dead', error: 'gone' });
        assert.deepEqual((await jobs())['draw'], { ...none, waiting: 1, dead: 1, recentlyDead: 1 });
        clock.advance(61_000);
        const later = (await jobs())['draw'];
        assert.deepEqual([later?.dead, later?.recentlyDead, later?.due], [1, 0, 1]);
      }));
  });

  describe(`${name}: runs that are read`, () => {
    const run = (runId: string, row: string) => ({ backend: 'runtype', runId, resume: { row } });

    test('are kept until they are dropped, each once, oldest first', () =>
      withStore(async (store, clock) => {
        await store.saveOpenRun(run('one', '0'));
        clock.advance(1);
        await store.saveOpenRun(run('two', '0'));
        await store.deleteOpenRun('other', 'one');
        assert.deepEqual(await store.openRuns(), [run('one', '0'), run('two', '0')]);
        clock.advance(1);
        await store.saveOpenRun(run('one', '9'));
        await store.deleteOpenRun('runtype', 'two');
        await store.deleteOpenRun('runtype', 'never kept');
        assert.deepEqual(await store.openRuns(), [run('one', '9')]);
      }));
  });

  describe(`${name}: lists`, () => {
    test('groups, runs and what is unfinished, oldest first', () =>
      withStore(async (store, clock) => {
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

    test('what is unfinished of one backend only', () =>
      withStore(async (store, clock) => {
        await put(store, clock, one);
        await put(store, clock, announced({ id: 'ap2', pause: pauseOf({ key: 'k2', backend: 'sonzai' }) }), {
          id: 'ap2',
        });
        const ids = async (backend: string) => (await store.list({ unfinished: true, backend })).map(({ id }) => id);
        assert.deepEqual([await ids('runtype'), await ids('sonzai'), await ids('other')], [['ap1'], ['ap2'], []]);
      }));
  });

  describe(`${name}: housekeeping`, () => {
    const DAY_MS = 86_400_000;
    /** As often as it takes, with everything in reach. */
    async function tidy(store: Store, clock: Clock) {
      const limits = { settledBefore: clock.now() - DAY_MS, seenBefore: clock.now() - DAY_MS };
      for (let slices = 0; await store.archiveAndPrune(limits); slices += 1) assert.ok(slices < 100, 'it never ends');
    }
    async function runJobs(store: Store) {
      for (;;) {
        const jobs = await store.claim({ draw: 10, decide: 10 }, 'w1', 60_000);
        if (jobs.length === 0) return;
        for (const job of jobs) await store.settle(job, { type: 'done' });
      }
    }
    const inRun = async (store: Store) =>
      (await store.list({ backend: 'runtype', runId: 'exec_1' })).map(({ id }) => id);
    const refused = sentAs({ type: 'refused', reason: 'No.' });

    /** Announced, pressed, refused by its backend, long ago. */
    async function settled(store: Store, clock: ReturnType<typeof createTestClock>) {
      await put(store, clock, one);
      await put(store, clock, pressed(), { inputId: 'press-1' });
      await put(store, clock, { type: 'sending', resendable: true });
      await put(store, clock, refused);
      await runJobs(store);
      clock.advance(2 * DAY_MS);
    }

    test('archives what was settled long ago, and still finds it', () =>
      withStore(async (store, clock) => {
        await settled(store, clock);
        const before = await store.get('ap1');
        const audit = await store.audit('ap1');
        await tidy(store, clock);
        assert.deepEqual(await inRun(store), [], 'it is archived');
        assert.deepEqual(await store.get('ap1'), before);
        assert.deepEqual(await store.list({ groupId: 'approval:appr_1' }), [before]);
        assert.deepEqual(await store.audit('ap1'), audit);
        assert.equal(await store.msUntilNextJob(), null);
      }));

    test('a late press and a late announcement meet it as it was', () =>
      withStore(async (store, clock) => {
        await settled(store, clock);
        await tidy(store, clock);
        const press = await put(store, clock, pressed(), { inputId: 'late' });
        assert.equal(!press.duplicate && press.ignored, 'already_decided');
        assert.equal(press.state?.outcome, 'failed');
        const told = await put(store, clock, one);
        assert.equal(!told.duplicate && told.ignored, 'too_late');
        assert.deepEqual(await inRun(store), [], 'neither brings it back');
        assert.equal((await store.audit('ap1')).length, 6);
      }));

    test('what comes back to life is there again, and can go again', () =>
      withStore(async (store, clock) => {
        await settled(store, clock);
        await tidy(store, clock);
        await put(store, clock, { type: 'retried', actor: dana, right: 'allowed' });
        assert.deepEqual(await inRun(store), ['ap1']);
        assert.equal((await store.list({ groupId: 'approval:appr_1' })).length, 1, 'once, as it is now');
        assert.equal((await store.get('ap1'))?.phase, 'decided');
        await put(store, clock, { type: 'sending', resendable: true });
        await put(store, clock, sentAs({ type: 'recorded', following: false }));
        await runJobs(store);
        clock.advance(2 * DAY_MS);
        await tidy(store, clock);
        assert.deepEqual(await inRun(store), []);
        assert.equal((await store.get('ap1'))?.outcome, 'approved');
        assert.deepEqual(
          (await store.audit('ap1')).map(({ input }) => input),
          ['announced', 'pressed', 'sending', 'sent', 'retried', 'sending', 'sent'],
        );
      }));

    test('keeps what is settled since, what has a job to run, and what has an unfinished one in its run', () =>
      withStore(async (store, clock) => {
        await settled(store, clock);
        await put(store, clock, announced({ id: 'ap2', pause: pauseOf({ key: 'k2' }) }), { id: 'ap2' });
        await runJobs(store);
        await tidy(store, clock);
        assert.deepEqual(await inRun(store), ['ap1', 'ap2'], 'the run goes on');
        await put(store, clock, { type: 'cancelled', reason: 'w' }, { id: 'ap2' });
        await tidy(store, clock);
        assert.deepEqual(await inRun(store), ['ap1', 'ap2'], 'settled just now, and its card is to be drawn');
        clock.advance(2 * DAY_MS);
        await tidy(store, clock);
        assert.deepEqual(await inRun(store), ['ap2'], 'its card is to be drawn still');
        await runJobs(store);
        await tidy(store, clock);
        assert.deepEqual(await inRun(store), []);
      }));

    test('a job that was given up goes with what it was for', () =>
      withStore(async (store, clock) => {
        await settled(store, clock);
        await put(store, clock, { type: 'resolved', verdict: 'timeout', reason: null });
        const jobs = await store.claim({ draw: 10, decide: 10 }, 'w1', 60_000);
        for (const job of jobs) await store.settle(job, { type: 'dead', error: 'gone', notArrived: true });
        clock.advance(2 * DAY_MS);
        await tidy(store, clock);
        assert.deepEqual(await inRun(store), []);
      }));

    test('archives nothing where it is told to keep everything, and forgets what can’t come again', () =>
      withStore(async (store, clock) => {
        await settled(store, clock);
        await put(store, clock, pressed(), { inputId: 'press-2' });
        await store.archiveAndPrune({ settledBefore: null, seenBefore: clock.now() - DAY_MS });
        assert.deepEqual(await inRun(store), ['ap1']);
        const again = async (inputId: string) => (await put(store, clock, pressed(), { inputId })).duplicate;
        assert.deepEqual([await again('press-1'), await again('press-2')], [false, true]);
      }));
  });

  test(`${name}: a new store is no copy`, () =>
    withStore(async (store) => {
      assert.equal(await store.copyMark(), null);
      await store.clearCopyMark();
      assert.equal(await store.copyMark(), null);
    }));
  describe(`${name}: drafts of forms`, () => {
    const key = { approvalId: 'ap1', action: 'take_over', actor: dana, fingerprint: 'd1' } as const;
    const filled = { f0: 'Mara', f1: ['0', '2'] };

    test('are one a person, approval and action, and of what that person saw', () =>
      withStore(async (store) => {
        await store.drafts.save(key, filled);
        assert.deepEqual(await store.drafts.find(key), filled);
        await store.drafts.save(key, { f0: 'Mara L.' });
        assert.deepEqual(await store.drafts.find(key), { f0: 'Mara L.' });
        const others = [
          { ...key, approvalId: 'ap2' },
          { ...key, action: 'reject' } as const,
          { ...key, actor: { ...dana, id: 'U0NOBODY' } },
          { ...key, fingerprint: 'd2' },
        ];
        for (const other of others) assert.equal(await store.drafts.find(other), null);
      }));

    test('are forgotten when they are discarded, after a day, and when their approval is over', () =>
      withStore(async (store, clock) => {
        await store.drafts.save(key, filled);
        await store.drafts.delete('ap1');
        assert.equal(await store.drafts.find(key), null);
        await store.drafts.save(key, filled);
        clock.advance(24 * 60 * 60 * 1000 - 1);
        assert.deepEqual(await store.drafts.find(key), filled);
        clock.advance(1);
        assert.equal(await store.drafts.find(key), null);

        await put(store, clock, one);
        await store.drafts.save(key, filled);
        await put(store, clock, { type: 'cancelled', reason: 'over' });
        await store.drafts.save({ ...key, approvalId: 'ap2' }, filled);
        assert.equal(await store.drafts.find(key), null, 'at the latest when another one is kept');
      }));
  });

  describe(`${name}: home tabs`, () => {
    const tab = (id: string, page = 0) => ({ who: { actor: { ...dana, id } }, query: { ...mine('home'), page } });
    const seen = async (store: Store) => (await store.homeTabs.list()).map(({ who }) => who.actor.id);

    test('are one a person, the last one first, with where it was turned to', () =>
      withStore(async (store, clock) => {
        await store.homeTabs.save(tab('U1'));
        clock.advance(1);
        await store.homeTabs.save(tab('U2'));
        clock.advance(1);
        await store.homeTabs.save(tab('U1', 3));
        assert.deepEqual(await store.homeTabs.list(), [tab('U1', 3), tab('U2')]);
        await store.homeTabs.delete('slack', 'U1');
        await store.homeTabs.delete('discord', 'U2');
        assert.deepEqual(await seen(store), ['U2']);
      }));

    test('are forgotten after two weeks, and beyond two hundred', () =>
      withStore(async (store, clock) => {
        await store.homeTabs.save(tab('U0'));
        clock.advance(14 * 24 * 60 * 60 * 1000);
        assert.deepEqual(await seen(store), []);
        for (let index = 1; index <= 201; index += 1) await store.homeTabs.save(tab(`U${index}`));
        const left = await seen(store);
        assert.equal(left.length, 200);
        assert.ok(!left.includes('U1'), 'the oldest one goes');
      }));
  });

  test(`${name}: what is open is listed without what is decided or only watched`, () =>
    withStore(async (store, clock) => {
      await put(store, clock, one);
      await put(store, clock, announced({ id: 'ap2', pause: pauseOf({ key: 'k2' }) }), { id: 'ap2' });
      await put(store, clock, pressed());
      const found = await store.list({ open: true });
      assert.deepEqual(
        found.map(({ id }) => id),
        ['ap2'],
      );
    }));
}
