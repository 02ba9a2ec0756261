/** Which lanes are paused and which rooms are closed, and for how long. */
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
const jobOf = (kind: 'post' | 'edit' | 'renew', place = slackRoom) => ({ lane: laneOf(kind, place), place }) as Job;

function limits() {
  const clock = createTestClock();
  const { metrics, values } = createCounted();
  const calls: { down: RoomSelector[]; up: RoomSelector[] } = { down: [], up: [] };
  const rooms = new RoomPauses({
    clock,
    log: captureLog().log,
    onDown: (room) => calls.down.push(room),
    onUp: (room) => calls.up.push(room),
    metrics,
  });
  return { clock, rooms, values, ...calls };
}

describe('a lane', () => {
  test('is paused for as long as the platform asks, and only that lane', () => {
    const { clock, rooms } = limits();
    const error = new PlatformError('unsent', 'ratelimited', { retryAfterMs: 30_000 });
    assert.equal(rooms.failed(jobOf('post'), error), 30_000);
    assert.deepEqual(rooms.pausedLanes(), [laneOf('post')]);
    assert.equal(rooms.nextWake(), 30_000);
    clock.advance(30_000);
    assert.deepEqual(rooms.pausedLanes(), []);
    assert.equal(rooms.nextWake(), null);
  });

  test('is paused once its burst is used up, until the next token', () => {
    const { clock, rooms } = limits();
    const pace = { everyMs: 1_000, burst: 2 };
    rooms.succeeded(jobOf('post'), pace);
    assert.deepEqual(rooms.pausedLanes(), []);
    rooms.succeeded(jobOf('post'), pace);
    assert.deepEqual(rooms.pausedLanes(), [laneOf('post')]);
    clock.advance(1_000);
    assert.deepEqual(rooms.pausedLanes(), []);
  });

  test('counts what it was asked to wait, and what its own pace takes; direct messages are told apart', async () => {
    const { rooms, values } = limits();
    const asked = new PlatformError('unsent', 'ratelimited', { retryAfterMs: 30_000 });
    rooms.failed(jobOf('edit', directPlace({ platform: 'slack', id: 'U0DANA' })), asked);
    rooms.failed(jobOf('post', other), new PlatformError('unsent', 'down'));
    rooms.succeeded(jobOf('post'), { everyMs: 1_000, burst: 1 });
    assert.deepEqual(await values('rate_limits_total'), { '{service="slack",calls="edit",rooms="direct"}': 1 });
    assert.deepEqual(await values('rate_wait_seconds_total'), {
      '{service="slack",calls="edit",rooms="direct",why="limit"}': 30,
      '{service="slack",calls="post",rooms="room",why="pace"}': 1,
    });
  });

  test('has no allowance for edits of cards that were pressed', () => {
    const { rooms } = limits();
    for (let edit = 0; edit < 100; edit += 1) rooms.succeeded(jobOf('edit'), { everyMs: 1_000, burst: 1 });
    assert.deepEqual(rooms.pausedLanes(), []);
  });

  test('has no edit beyond what its platform allows in a time, in all rooms together', () => {
    const { clock, rooms } = limits();
    const edit = (id: number, kind: 'edit' | 'renew' = 'edit', place = slackRoom) => {
      const job = { ...jobOf(kind, place), id };
      const turn = rooms.beginEdit(job, { calls: 4, withinMs: 60_000 });
      const waitMs = 'waitMs' in turn ? turn.waitMs : 0;
      return { waitMs, end: (isSent: boolean) => rooms.endEdit(job, isSent) };
    };
    edit(1).end(true);
    edit(2).end(false);
    clock.advance(10_000);
    const hangs = edit(3, 'edit', other);
    const renewals = [laneOf('renew'), laneOf('renew', other)];
    assert.deepEqual(rooms.pausedLanes(), renewals, 'half of them are for cards that were pressed');
    assert.equal(edit(4, 'renew').waitMs, 50_000);
    edit(5).end(true);
    const last = edit(6);
    assert.deepEqual(rooms.pausedLanes(), [laneOf('edit'), laneOf('edit', other), ...renewals]);
    assert.equal(edit(10).waitMs, 50_000, 'the oldest counts for a minute');
    last.end(false);
    assert.deepEqual(rooms.pausedLanes(), renewals, 'there was no call');
    edit(7).end(true);
    clock.advance(50_000);
    hangs.end(true);
    assert.deepEqual(rooms.pausedLanes(), renewals);
    clock.advance(10_000);
    assert.equal(edit(8, 'renew').waitMs, 0, 'two have left');
    assert.equal(edit(9, 'renew').waitMs, 50_000, 'one that took long counts from its end');
  });

  test('says after a success that its room’s dead letters can be retried, if it had failed before', () => {
    const { rooms } = limits();
    assert.equal(rooms.succeeded(jobOf('edit'), undefined), null);
    rooms.failed(jobOf('edit'), new PlatformError('ambiguous', 'timeout'));
    assert.deepEqual(rooms.succeeded(jobOf('edit'), undefined), slackRoom);
    assert.equal(rooms.succeeded(jobOf('edit'), undefined), null);
  });
});

describe('a closed room', () => {
  const closed = new PlatformError('gone', 'is_archived', { scope: 'room' });
  const revoked = new PlatformError('refused', 'token_revoked', { scope: 'platform' });

  test('is reported once, refuses its cards, and lets one through every five minutes', () => {
    const { clock, rooms, down, up } = limits();
    rooms.failed(jobOf('post'), closed);
    rooms.failed(jobOf('post'), closed);
    assert.deepEqual(down, [slackRoom]);
    assert.equal(rooms.isClosed(jobOf('post')), true);
    assert.equal(rooms.isClosed(jobOf('post', other)), false);
    assert.deepEqual(rooms.toProbe(), []);
    clock.advance(5 * 60_000);
    assert.deepEqual(rooms.toProbe(), [slackRoom]);
    assert.deepEqual([rooms.isClosed(jobOf('post')), rooms.isClosed(jobOf('post'))], [false, true]);
    assert.deepEqual(rooms.succeeded(jobOf('post'), undefined), slackRoom);
    assert.deepEqual(up, [slackRoom]);
    assert.equal(rooms.isClosed(jobOf('post')), false);
  });

  test('may be every room of a platform, and one success opens them all', () => {
    const { rooms, down, up } = limits();
    rooms.failed(jobOf('edit'), revoked);
    assert.deepEqual(down, [{ platform: 'slack', room: null }]);
    assert.equal(rooms.isClosed(jobOf('post', other)), true);
    assert.deepEqual(rooms.succeeded(jobOf('post', other), undefined), { platform: 'slack', room: null });
    assert.deepEqual(up, [{ platform: 'slack', room: null }]);
  });
});
