/** How long lanes rest, and which rooms take no cards. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Job, LaneEnd, RoomSelector, Settlement, Store } from '../../../../src/core/ports/ports.ts';
import { announced, pauseOf, pressed, slackRoom } from '../../../support/data/pauses.ts';
import { type OpenStore, put, type TestClock, withStore } from '../support.ts';

const EVERY_MS = 5 * 60_000;
const other = { ...slackRoom, room: 'C0OTHER' };
const pace = { everyMs: 1_000, burst: 3 };
const again: Settlement = { type: 'retry', waitMs: 0, error: 'e', notArrived: true, uncounted: true };
const refused: Settlement = { type: 'dead', error: 'refused', notArrived: true };

export function roomsContract(name: string, open: OpenStore): void {
  const claim = (store: Store) => store.claim({ draw: 10 }, 'w1');
  const claimOne = async (store: Store): Promise<Job> => {
    const [job, ...others] = await claim(store);
    assert.ok(job);
    assert.deepEqual(others, []);
    return job;
  };
  const card = (store: Store, clock: TestClock, id: string, place = slackRoom) =>
    put(store, clock, announced({ id, places: [place], pause: pauseOf({ key: id, groupId: id }) }), { id });
  /** Ends the one job that can be claimed so. */
  const end = async (store: Store, lane: LaneEnd, settlement = again) => {
    const settled = await store.settle(await claimOne(store), settlement, lane);
    assert.ok(settled);
    return settled;
  };

  describe(`${name}: a lane`, () => {
    test('rests for so long, alone, and its next job is due then', () =>
      withStore(open, async (store, clock) => {
        await card(store, clock, 'ap1');
        assert.deepEqual(await end(store, { restMs: 4_999.5 }), { pacedMs: 0 });
        assert.equal(await store.msUntilNextJob(), 5_000);
        assert.equal(await store.msUntilNextJob(['decide', 'wake']), null);
        await card(store, clock, 'ap2', other);
        assert.equal((await claimOne(store)).subject, 'ap2');
        clock.advance(4_999);
        assert.deepEqual(await claim(store), []);
        clock.advance(1);
        assert.equal((await claimOne(store)).subject, 'ap1');
      }));

    test('keeps its pace: a burst at once, then one each time', () =>
      withStore(open, async (store, clock) => {
        await card(store, clock, 'ap1');
        const paced: number[] = [];
        for (let call = 0; call < 3; call += 1) paced.push((await end(store, { pace })).pacedMs);
        assert.deepEqual(paced, [0, 0, 1_000]);
        assert.deepEqual(await claim(store), []);
        assert.equal(await store.msUntilNextJob(), 1_000);
        clock.advance(1_000);
        assert.deepEqual(await end(store, { pace }), { pacedMs: 1_000 });
        clock.advance(2_500);
        assert.deepEqual(await end(store, { pace }), { pacedMs: 0 });
        assert.deepEqual(await end(store, { pace }), { pacedMs: 500 });
        clock.advance(60 * 60_000);
        assert.deepEqual(await end(store, { pace }), { pacedMs: 0 }, 'its allowance is never more than a burst');
        assert.deepEqual(await end(store, { pace }), { pacedMs: 0 });
        assert.deepEqual(await end(store, { pace, restMs: 7_000 }), { pacedMs: 1_000 });
        assert.equal(await store.msUntilNextJob(), 7_000, 'the longer of the two');
      }));

    test('has no burst left when its platform asks it to wait', () =>
      withStore(open, async (store, clock) => {
        await card(store, clock, 'ap1');
        assert.deepEqual(await end(store, { pace, restMs: 30_000, usedUp: true, failures: 1 }), { pacedMs: 0 });
        assert.equal(await store.msUntilNextJob(), 30_000);
        clock.advance(30_000);
        assert.deepEqual(await end(store, { pace, failures: 0 }), { pacedMs: 2_000 });
        clock.advance(2_000);
        assert.deepEqual(await end(store, { pace }), { pacedMs: 1_000 });
      }));

    test('counts its failures for the next job there, whichever process takes it', () =>
      withStore(open, async (store, clock) => {
        await card(store, clock, 'ap1');
        await card(store, clock, 'ap2', other);
        const failures: number[] = [];
        for (const next of [1, 2, undefined, 0]) {
          const [job, rest] = [...(await claim(store))].sort((a, b) => a.subject.localeCompare(b.subject));
          assert.ok(job && rest);
          assert.equal(rest.laneFailures, 0);
          failures.push(job.laneFailures);
          await store.settle(job, again, next === undefined ? {} : { failures: next });
          await store.settle(rest, again);
        }
        failures.push((await claim(store)).reduce((sum, job) => sum + job.laneFailures, 0));
        assert.deepEqual(failures, [0, 1, 2, 2, 0]);
      }));

    test('is as it was when its job was released since', () =>
      withStore(open, async (store, clock) => {
        await card(store, clock, 'ap1');
        const job = await claimOne(store);
        await store.release('w1');
        assert.equal(await store.settle(job, again, { restMs: 60_000, failures: 3 }), null);
        assert.equal((await claimOne(store)).laneFailures, 0);
      }));

    test('is tried again after failures where everything is, but not before its platform allows it', () =>
      withStore(open, async (store, clock) => {
        const next = async () => [await store.retryDeadLetters(null), await store.msUntilNextJob()];
        await card(store, clock, 'ap1');
        await end(store, { restMs: 60_000, failures: 4 });
        await store.retryDeadLetters(slackRoom);
        assert.equal(await store.msUntilNextJob(), 60_000, 'one room works, which means nothing for others');
        assert.deepEqual(await next(), [0, 0]);
        assert.equal((await claimOne(store)).laneFailures, 0);
        await store.release('w1');
        await end(store, { restMs: 60_000, failures: 1, usedUp: true });
        assert.deepEqual(await next(), [0, 60_000]);
        clock.advance(60_000);
        for (let call = 0; call < 3; call += 1) await end(store, { pace });
        assert.deepEqual(await next(), [0, 1_000]);
      }));
  });

  describe(`${name}: a closed room`, () => {
    const closedOf = async (store: Store) =>
      (await claim(store)).map(({ subject, roomClosed, isProbe }) => [subject, roomClosed, isProbe]);

    test('is closed once, says so to its jobs, and is opened once', () =>
      withStore(open, async (store, clock) => {
        assert.equal(await store.closeRooms(slackRoom, 'is_archived', EVERY_MS), true);
        assert.equal(await store.closeRooms(slackRoom, 'not_in_channel', EVERY_MS), false);
        await card(store, clock, 'ap1');
        await card(store, clock, 'ap2', other);
        assert.deepEqual(await closedOf(store), [
          ['ap1', 'not_in_channel', false],
          ['ap2', null, false],
        ]);
        assert.deepEqual(await store.openRooms(other), []);
        assert.deepEqual(await store.openRooms(slackRoom), [slackRoom]);
        assert.deepEqual(await store.openRooms(slackRoom), []);
        await store.release('w1');
        assert.deepEqual(await closedOf(store), [
          ['ap1', null, false],
          ['ap2', null, false],
        ]);
      }));

    test('may be a whole platform, and no other one', () =>
      withStore(open, async (store, clock) => {
        const slack: RoomSelector = { platform: 'slack', room: null };
        await store.closeRooms(slackRoom, 'is_archived', EVERY_MS);
        assert.equal(await store.closeRooms(slack, 'token_revoked', EVERY_MS), true);
        await card(store, clock, 'ap1', other);
        await card(store, clock, 'ap2', { platform: 'discord', room: '7' });
        assert.deepEqual(await closedOf(store), [
          ['ap1', 'token_revoked', false],
          ['ap2', null, false],
        ]);
        const opened = await store.openRooms(slackRoom);
        assert.deepEqual(
          opened.map(({ room }) => room).sort(),
          [slackRoom.room, null].sort(),
          'a card in one room says that its platform works',
        );
      }));

    test('is probed with its oldest dead letter each time, by one caller, and the others wait', () =>
      withStore(open, async (store, clock) => {
        for (const id of ['ap1', 'ap2']) {
          await card(store, clock, id);
          await end(store, {}, refused);
          clock.advance(1);
        }
        await store.closeRooms(slackRoom, 'is_archived', EVERY_MS);
        assert.equal(await store.msUntilNextJob(), EVERY_MS);
        assert.equal(await store.msUntilNextJob(['decide', 'wake']), null);
        clock.advance(EVERY_MS - 1);
        assert.deepEqual(await store.probes(EVERY_MS), []);
        clock.advance(1);
        assert.equal(await store.msUntilNextJob(), 0);
        const probes = await Promise.all([store.probes(EVERY_MS), store.probes(EVERY_MS)]);
        assert.deepEqual(probes.flat(), [slackRoom]);
        await card(store, clock, 'ap3', other);
        assert.deepEqual(await closedOf(store), [
          ['ap1', 'is_archived', true],
          ['ap3', null, false],
        ]);
        await store.release('w1');
        const [job] = await claim(store);
        assert.deepEqual([job?.subject, job?.isProbe], ['ap1', false], 'one has tried');
        assert.ok(job);
        await store.settle(job, refused);
        await store.closeRooms(slackRoom, 'is_archived', EVERY_MS);
        assert.equal(await store.msUntilNextJob(), EVERY_MS);
      }));

    test('is probed by the next card where it has no dead letter, and not asked about until then', () =>
      withStore(open, async (store, clock) => {
        await store.closeRooms(slackRoom, 'is_archived', EVERY_MS);
        clock.advance(EVERY_MS);
        assert.deepEqual(await store.probes(EVERY_MS), [slackRoom]);
        assert.equal(await store.msUntilNextJob(), null);
        clock.advance(EVERY_MS);
        assert.deepEqual(await store.probes(EVERY_MS), []);
        await card(store, clock, 'ap1');
        await card(store, clock, 'ap2');
        await put(
          store,
          clock,
          { type: 'posted', slot: 'card@slack:C0ROOM', receipt: { ...slackRoom, message: '1' } },
          { id: 'ap2' },
        );
        await put(store, clock, pressed(), { id: 'ap2' });
        clock.advance(60_000);
        const tried = (await closedOf(store)).filter(([, , isProbe]) => isProbe);
        assert.equal(tried.length, 1, 'one of the two lanes');
      }));

    test('is probed with the next card where everything is tried again', () =>
      withStore(open, async (store, clock) => {
        await store.closeRooms(slackRoom, 'is_archived', EVERY_MS);
        await store.retryDeadLetters(slackRoom);
        await card(store, clock, 'ap1');
        assert.deepEqual(await closedOf(store), [['ap1', 'is_archived', false]]);
        await store.release('w1');
        await store.retryDeadLetters(null);
        assert.deepEqual(await closedOf(store), [['ap1', 'is_archived', true]]);
      }));
  });
}
