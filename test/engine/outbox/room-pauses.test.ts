/** Which lanes are paused and which rooms are closed, and for how long. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Lane } from '../../../src/core/approval/lanes.ts';
import { PlatformError } from '../../../src/core/ports/errors.ts';
import type { Job, RoomSelector } from '../../../src/core/ports/ports.ts';
import { RoomPauses } from '../../../src/engine/outbox/room-pauses.ts';
import { createTestClock } from '../../support/clock.ts';
import { slackRoom } from '../../support/data/pauses.ts';
import { captureLog } from '../../support/log.ts';

const other = { ...slackRoom, room: 'C0OTHER' };
const laneOf = (kind: 'post' | 'edit' | 'renew', place = slackRoom): Lane => ({ kind, place });
const jobOf = (kind: 'post' | 'edit' | 'renew', place = slackRoom) => ({ lane: laneOf(kind, place), place }) as Job;

function limits() {
  const clock = createTestClock();
  const calls: { down: RoomSelector[]; up: RoomSelector[] } = { down: [], up: [] };
  const rooms = new RoomPauses({
    clock,
    log: captureLog().log,
    onDown: (room) => calls.down.push(room),
    onUp: (room) => calls.up.push(room),
  });
  return { clock, rooms, ...calls };
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

  test('has no allowance for edits of cards that were pressed', () => {
    const { rooms } = limits();
    for (let edit = 0; edit < 100; edit += 1) rooms.succeeded(jobOf('edit'), { everyMs: 1_000, burst: 1 });
    assert.deepEqual(rooms.pausedLanes(), []);
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
