import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isAllSeen, unseenOf } from '../../../../src/core/view/content/unseen.ts';
import { after, announced, pauseOf } from '../../../support/data/pauses.ts';

const unseen = (more: Parameters<typeof pauseOf>[0]) => unseenOf(after(announced({ pause: pauseOf(more) })));

test('a request that its card shows whole is all seen', () => {
  assert.equal(isAllSeen(unseen({})), true);
  assert.equal(isAllSeen(unseen({ parameters: { password: 'hunter2hunter2' } })), true);
});

test('what is cut, wherever it is, is not', () => {
  const long = 'word '.repeat(1_000);
  for (const more of [{ parameters: { note: long } }, { description: long }, { reason: long }]) {
    assert.ok(unseen(more).characters > 1_000, JSON.stringify(more).slice(0, 40));
  }
});

test('a mask over more than a line or a name is not', () => {
  assert.equal(unseen({ parameters: { password: 'x1'.repeat(100) } }).masks.length, 1);
});
