/** For how long lanes rest, and which rooms are reported as closed; that they do is in test/contract/store/outbox/rooms.ts. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Lane } from '../../../../src/core/approval/lanes.ts';
import { directPlace } from '../../../../src/core/policy/direct-messages.ts';
import { PlatformError } from '../../../../src/core/ports/errors.ts';
import type { Job, RoomSelector } from '../../../../src/core/ports/ports.ts';
import { RoomPauses } from '../../../../src/engine/outbox/rooms/room-pauses.ts';
import { createTestClock } from '../../../support/clock.ts';
import { slackRoom } from '../../../support/data/pauses.ts';
import { captureLog } from '../../../support/log.ts';
import { createCounted } from '../../../support/metrics/counted.ts';

const other = { ...slackRoom, room: 'C0OTHER' };
const laneOf = (kind: 'post' | 'edit' | 'renew', place = slackRoom): Lane => ({ kind, place });
const jobOf = (kind: 'post' | 'edit' | 'renew', place = slackRoom, about: Partial<Job> = {}) =>
  ({ lane: laneOf(kind, place), place, laneFailures: 0, roomClosed: null, ...about }) as Job;
const nameOf = ({ platform, room }: RoomSelector) => `${platform}:${room}`;

function limits({ hasPressEdits = false } = {}) {
  const clock = createTestClock();
  const { metrics, values } = createCounted();
  const calls: { down: RoomSelector[]; up: RoomSelector[] } = { down: [], up: [] };
  const closed = new Map<string, RoomSelector>();
  const store = {
    async closeRooms(rooms: RoomSelector) {
      const wasOpen = !closed.has(nameOf(rooms));
      closed.set(nameOf(rooms), rooms);
      return wasOpen;
    },
    async openRooms(place: RoomSelector) {
      const opened = [{ ...place, room: null }, place].filter((rooms) => closed.delete(nameOf(rooms)));
      return opened;
    },
  };
  const rooms = new RoomPauses({
    store,
    clock,
    log: captureLog().log,
    onDown: (room) => calls.down.push(room),
    onUp: (room) => calls.up.push(room),
    hasPressEdits: () => hasPressEdits,
    metrics,
  });
  return { clock, rooms, store, values, ...calls };
}

describe('a lane', () => {
  const pace = { everyMs: 1_000, burst: 2 };

  test('rests for as long as the platform asks, and its burst is used up', async () => {
    const { rooms } = limits();
    const error = new PlatformError('unsent', 'ratelimited', { retryAfterMs: 30_000 });
    const rest = { restMs: 30_000, failures: 1, usedUp: true };
    assert.deepEqual(await rooms.failed(jobOf('post'), error, pace), { waitMs: 30_000, lane: { ...rest, pace } });
    assert.deepEqual(await rooms.failed(jobOf('edit'), error, pace), { waitMs: 30_000, lane: rest });
  });

  test('rests longer with each attempt in a row that fails, whichever process made it', async () => {
    const { rooms } = limits();
    const error = new PlatformError('unsent', 'down');
    const waits: number[] = [];
    for (const laneFailures of [0, 3, 30]) {
      const { waitMs, lane } = await rooms.failed(jobOf('post', slackRoom, { laneFailures }), error, pace);
      assert.deepEqual(lane, { restMs: waitMs, failures: laneFailures + 1 });
      waits.push(waitMs);
    }
    const [first = 0, fourth = 0, last = 0] = waits;
    assert.ok(first < fourth && fourth < last && last <= 15 * 60_000, waits.join());
  });

  test('keeps to the pace of new messages, or of edits that nobody waits for', async () => {
    const { rooms } = limits();
    const paces = [];
    for (const kind of ['post', 'edit', 'renew'] as const) paces.push(await rooms.succeeded(jobOf(kind), pace));
    assert.deepEqual(
      paces.map(({ lane }) => lane),
      [{ pace }, {}, { pace: { everyMs: 2_000, burst: 20 } }],
    );
  });

  test('counts what it was asked to wait, and what its own pace takes; direct messages are told apart', async () => {
    const { rooms, values } = limits();
    const asked = new PlatformError('unsent', 'ratelimited', { retryAfterMs: 30_000 });
    await rooms.failed(jobOf('edit', directPlace({ platform: 'slack', id: 'U0DANA' })), asked, pace);
    await rooms.failed(jobOf('post', other), new PlatformError('unsent', 'down'), pace);
    rooms.onPaced(jobOf('post'), 1_000);
    rooms.onPaced(jobOf('post'), 0);
    assert.deepEqual(await values('rate_limits_total'), { '{service="slack",calls="edit",rooms="direct"}': 1 });
    assert.deepEqual(await values('rate_wait_seconds_total'), {
      '{service="slack",calls="edit",rooms="direct",why="limit"}': 30,
      '{service="slack",calls="post",rooms="room",why="pace"}': 1,
    });
  });

  test('has no edit beyond what its platform allows in a time, in all rooms together', async () => {
    const { clock, rooms } = limits();
    const edit = (id: number, kind: 'edit' | 'renew' = 'edit', place = slackRoom) => {
      const job = jobOf(kind, place, { id });
      const turn = rooms.beginEdit(job, { calls: 4, withinMs: 60_000 });
      const waitMs = 'waitMs' in turn ? turn.waitMs : 0;
      return { waitMs, end: (isSent: boolean) => rooms.endEdit(job, isSent) };
    };
    const restsMs = () => [rooms.paced(jobOf('edit')).restMs, rooms.paced(jobOf('renew', other)).restMs];
    edit(1).end(true);
    edit(2).end(false);
    clock.advance(10_000);
    const hangs = edit(3, 'edit', other);
    assert.deepEqual(restsMs(), [undefined, 50_000], 'half of them are for cards that were pressed');
    assert.equal(edit(4, 'renew').waitMs, 50_000);
    edit(5).end(true);
    const last = edit(6);
    assert.deepEqual(restsMs(), [50_000, 1_000], 'one that is on its way may count no longer in a moment');
    assert.equal((await rooms.succeeded(jobOf('edit'), undefined)).lane.restMs, 50_000);
    assert.equal(edit(10).waitMs, 50_000, 'the oldest counts for a minute');
    last.end(false);
    assert.equal(restsMs()[0], undefined, 'there was no call');
    edit(7).end(true);
    clock.advance(50_000);
    hangs.end(true);
    assert.equal(restsMs()[0], undefined);
    clock.advance(10_000);
    assert.equal(edit(8, 'renew').waitMs, 0, 'two have left');
    assert.equal(edit(9, 'renew').waitMs, 50_000, 'one that took long counts from its end');
  });

  test('does not rest for edits while some message can be edited by its press', () => {
    const { rooms } = limits({ hasPressEdits: true });
    for (const id of [1, 2]) rooms.beginEdit(jobOf('edit', slackRoom, { id }), { calls: 2, withinMs: 60_000 });
    assert.deepEqual([rooms.paced(jobOf('edit')), rooms.paced(jobOf('renew'))], [{}, { restMs: 1_000 }]);
  });

  test('says after a success that its room’s dead letters can be retried, if it had failed before', async () => {
    const { rooms } = limits();
    assert.equal((await rooms.succeeded(jobOf('edit'), undefined)).working, null);
    const failing = jobOf('edit', slackRoom, { laneFailures: 2 });
    assert.deepEqual(await rooms.succeeded(failing, undefined), { lane: { failures: 0 }, working: slackRoom });
  });
});

describe('a closed room', () => {
  const closed = new PlatformError('gone', 'is_archived', { scope: 'room' });
  const revoked = new PlatformError('refused', 'token_revoked', { scope: 'platform' });
  const probe = (place = slackRoom) => jobOf('post', place, { roomClosed: 'is_archived', isProbe: true });

  test('is reported once, until it was opened', async () => {
    const { rooms, down, up } = limits();
    assert.deepEqual(await rooms.failed(jobOf('post'), closed, undefined), { waitMs: 0, lane: {} });
    await rooms.failed(probe(), closed, undefined);
    assert.deepEqual(down, [slackRoom]);
    assert.deepEqual((await rooms.succeeded(probe(), undefined)).working, slackRoom);
    assert.deepEqual(up, [slackRoom]);
    assert.equal((await rooms.succeeded(probe(), undefined)).working, null, 'it was opened already');
    await rooms.failed(jobOf('post'), closed, undefined);
    assert.deepEqual(down, [slackRoom, slackRoom]);
  });

  test('is reported by a new process, too: what the one before reported ended with it', async () => {
    const { rooms, store, down } = limits();
    await store.closeRooms(slackRoom);
    await rooms.failed(probe(), closed, undefined);
    await rooms.failed(probe(), closed, undefined);
    assert.deepEqual(down, [slackRoom]);
  });

  test('may be every room of a platform, and one success opens them all', async () => {
    const { rooms, down, up } = limits();
    await rooms.failed(jobOf('edit'), revoked, undefined);
    assert.deepEqual(down, [{ platform: 'slack', room: null }]);
    const { working } = await rooms.succeeded(probe(other), undefined);
    assert.deepEqual(working, { platform: 'slack', room: null });
    assert.deepEqual(up, [{ platform: 'slack', room: null }]);
  });
});
