import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ROOM, slackRoom } from '../../../../src/platforms/slack/api/room.ts';

test('a room is a channel, or a thread in one in either spelling', () => {
  const thread = { channel: 'C0123', thread: '1712345678.000100' };
  assert.deepEqual(slackRoom('C0123'), { channel: 'C0123', thread: null });
  for (const room of ['C0123/1712345678.000100', 'C0123/p1712345678000100']) {
    assert.ok(ROOM.test(room));
    assert.deepEqual(slackRoom(room), thread);
  }
  for (const wrong of ['C0123/', 'C0123/1712345678', 'D0123/1712345678.000100', 'C0123/x', 'c0123', 'C1/p1/p2'])
    assert.ok(!ROOM.test(wrong), wrong);
});
