/** Jobs that are claimed, or end, in the commits of others. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { SENDING_SHOWN_AFTER_MS } from '../../../../src/core/approval/lanes.ts';
import { slotKey } from '../../../../src/core/approval/parts/slot.ts';
import { step } from '../../../../src/core/approval/steps/step.ts';
import type { Job, OpenRun } from '../../../../src/core/ports/ports.ts';
import { announced, pauseOf, pressed, slackRoom } from '../../../support/data/pauses.ts';
import { type OpenStore, one, put, withStore } from '../support.ts';

export function commitsContract(name: string, open: OpenStore): void {
  describe(`${name}: jobs in the commits of others`, () => {
    test('claims jobs in the commit that adds them, and in the one that ends the job before them in their lane', () =>
      withStore(open, async (store, clock) => {
        const asked: string[][] = [];
        const taken: Job[] = [];
        const took: (() => void)[] = [];
        const taking = (count: number) =>
          new Promise<void>((resolve) => {
            const look = () => taken.length >= count && resolve();
            took.push(look);
            look();
          });
        store.claimInCommits({
          ask(kinds) {
            asked.push([...kinds]);
            return { limits: { draw: 1 }, lockedBy: 'w1' };
          },
          take(jobs) {
            taken.push(...jobs);
            for (const look of took) look();
          },
        });
        await put(store, clock, one);
        assert.deepEqual([asked, taken], [[['draw']], []], 'the commit is answered first');
        assert.deepEqual(await store.claim({ draw: 10 }, 'w2'), [], 'it is claimed already');
        await taking(1);
        const second = announced({ id: 'ap2', places: [slackRoom], pause: pauseOf({ key: 'k2' }) });
        await put(store, clock, second, { id: 'ap2' });
        const [first] = taken;
        assert.ok(first);
        await store.settle(first, { type: 'done' });
        await taking(2);
        assert.deepEqual(
          taken.map(({ subject, lockedBy, attempts }) => [subject, lockedBy, attempts]),
          [
            ['ap1', 'w1', 1],
            ['ap2', 'w1', 1],
          ],
        );
        const asks = asked.length;
        await put(store, clock, one);
        assert.equal(asked.length, asks, 'a commit that adds nothing claims nothing');
      }));

    test('says when the jobs are due that a commit adds for later', () =>
      withStore(open, async (store, clock) => {
        await put(store, clock, one);
        await store.settle((await store.claim({ draw: 1 }, 'w1'))[0] as Job, { type: 'done' });
        const receipt = { platform: 'slack', room: slackRoom.room, message: '1.1' };
        await put(store, clock, { type: 'posted', slot: slotKey('card', slackRoom), receipt });
        const { promise, resolve } = Promise.withResolvers<number | null>();
        store.claimInCommits({ ask: () => null, take: (_, dueInMs) => resolve(dueInMs) });
        await put(store, clock, pressed());
        assert.equal(await promise, SENDING_SHOWN_AFTER_MS);
        await put(store, clock, { type: 'sending', resendable: true });
        assert.equal(await store.msUntilNextJob(['draw']), SENDING_SHOWN_AFTER_MS);
        await put(store, clock, {
          type: 'sent',
          result: { type: 'recorded', following: false },
          resendable: true,
          last: false,
        });
        assert.equal(await store.msUntilNextJob(['draw']), 0, 'what is known is shown at once');
      }));

    test('has its worker look again once a job ends: what waits in its lane was passed over meanwhile', () =>
      withStore(open, async (store, clock) => {
        await put(store, clock, one);
        const [job] = await store.claim({ draw: 1 }, 'w1');
        assert.ok(job);
        const { promise, resolve } = Promise.withResolvers<number | null>();
        store.claimInCommits({ ask: () => null, take: (_, dueInMs) => resolve(dueInMs) });
        await store.settle(job, { type: 'done' });
        assert.equal(await promise, 0);
      }));

    test('has its worker look again when a job is added to a lane that rests: it may sleep for longer than the rest', () =>
      withStore(open, async (store, clock) => {
        await put(store, clock, one);
        const [job] = await store.claim({ draw: 1 }, 'w1');
        assert.ok(job);
        await store.settle(job, { type: 'retry', waitMs: 60_000, error: 'down' }, { restMs: 1_000, failures: 1 });
        const { promise, resolve } = Promise.withResolvers<number | null>();
        store.claimInCommits({
          ask: () => ({ limits: { draw: 1 }, lockedBy: 'w1' }),
          take: (_, inMs) => resolve(inMs),
        });
        await put(store, clock, announced({ id: 'ap2', places: [slackRoom], pause: pauseOf({ key: 'k2' }) }), {
          id: 'ap2',
        });
        assert.equal(await promise, 0);
        assert.equal(await store.msUntilNextJob(['draw']), 1_000, 'the other waits for its own time');
      }));

    test('ends a job in the commit of a change, unless it was released', () =>
      withStore(open, async (store, clock) => {
        await put(store, clock, one);
        const claim = (worker: string) => store.claim({ draw: 1 }, worker);
        const [lost] = await claim('w1');
        await store.release('w1');
        const [job] = await claim('w2');
        assert.ok(lost && job);
        const ending = (ended: Job, fingerprint: string) =>
          store.transact({
            approvalId: 'ap1',
            inputId: null,
            audit: { input: 'announced', actor: null, facts: {} },
            fn: (state) => step(state, announced({ fingerprint, places: [slackRoom] }), clock.now()),
            settling: { job: ended, settlementOf: ({ state }) => ({ type: 'done', sent: state?.fingerprint ?? '' }) },
          });
        assert.equal((await ending(lost, 'd2')).settled, false);
        assert.equal((await ending(job, 'd3')).settled, true);
        const [again] = await claim('w2');
        assert.deepEqual([again?.id, again?.lastSent], [job.id, 'd3'], 'the change asked for it once more');
      }));
  });
}

/** The runs that are being read, and by which replica. */
export function runsContract(name: string, open: OpenStore): void {
  describe(`${name}: open runs`, () => {
    const run = (runId: string, row: string, replica = 'a'): OpenRun => ({
      ...{ backend: 'runtype', runId, replica, groups: [], resume: { row }, opener: null },
    });
    const closed = (runId: string, replica = 'a') => ({ type: 'closed', backend: 'runtype', runId, replica }) as const;

    test('are kept until they are closed, each once for each reader, oldest first', () =>
      withStore(open, async (store, clock) => {
        await store.noteRun({ type: 'open', run: run('one', '0') });
        clock.advance(1);
        await store.noteRun({ type: 'open', run: run('two', '0') });
        await store.noteRun({ ...closed('one'), backend: 'other' });
        assert.deepEqual(await store.openRuns(), [run('one', '0'), run('two', '0')]);
        clock.advance(1);
        await store.noteRun({ type: 'open', run: run('one', '9') });
        await store.noteRun(closed('two'));
        await store.noteRun(closed('never opened'));
        assert.deepEqual(await store.openRuns(), [run('one', '9')]);
        clock.advance(1);
        await store.noteRun({ type: 'open', run: run('one', '5', 'b') });
        await store.noteRun({ type: 'open', run: run('two', '5', 'b') });
        assert.deepEqual(await store.openRuns({ replica: 'a' }), [run('one', '9')]);
        assert.deepEqual(await store.openRuns({ backend: 'runtype', runId: 'one' }), [
          run('one', '9'),
          run('one', '5', 'b'),
        ]);
        await store.noteRun(closed('one', 'b'));
        assert.deepEqual(await store.openRuns(), [run('one', '9'), run('two', '5', 'b')]);
      }));

    test('are added to: what is not known again stays', () =>
      withStore(open, async (store) => {
        const known = { ...run('one', '0'), groups: ['g1'], opener: 'hash' };
        await store.noteRun({ type: 'open', run: known });
        const more = { ...known, resume: null, opener: null, groups: ['g2', 'g1'] };
        await store.noteRun({ type: 'open', run: more });
        const [found] = await store.openRuns();
        assert.deepEqual({ ...found, groups: found?.groups.toSorted() }, { ...known, groups: ['g1', 'g2'] });
      }));

    test('are opened and closed with a change: opened only where it applied', () =>
      withStore(open, async (store, clock) => {
        const opening = (runId: string, inputId: string | null = null) =>
          put(store, clock, one, { inputId, run: { type: 'open', run: run(runId, '0') } });
        await opening('one', 'i1');
        await opening('twice', 'i1');
        assert.deepEqual(await store.openRuns(), [run('one', '0')]);
        const ignored = { type: 'withdrawn' } as const;
        await put(store, clock, { type: 'cancelled', reason: 'w' });
        await put(store, clock, ignored, { run: { type: 'open', run: run('ignored', '0') } });
        assert.deepEqual(await store.openRuns(), [run('one', '0')]);
        await put(store, clock, ignored, { run: closed('one') });
        assert.deepEqual(await store.openRuns(), []);
      }));
  });
}
