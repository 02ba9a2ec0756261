/** How long a session lasts, and what is kept of it. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { IDLE_MS, LONGEST_MS, Sessions } from '../../src/operator/sessions.ts';
import { createTestClock } from '../support/clock.ts';

function bench() {
  const clock = createTestClock();
  return { clock, sessions: new Sessions(clock) };
}

describe('a session', () => {
  test('is found by its id, under another name, and by nothing else', () => {
    const { sessions } = bench();
    const [one, other] = [sessions.begin(), sessions.begin()];
    assert.ok(one.length >= 43 && one !== other);
    assert.ok(sessions.use(one));
    assert.notEqual(sessions.use(one), sessions.use(other));
    assert.notEqual(sessions.use(one), one);
    for (const id of ['', `${one}x`, one.slice(1), sessions.use(one) ?? '']) assert.equal(sessions.use(id), null);
  });

  test('ends when it is not used for a while, and at the latest after a shift', () => {
    const { clock, sessions } = bench();
    const idle = sessions.begin();
    const busy = sessions.begin();
    for (let passed = 0; passed + IDLE_MS - 1 < LONGEST_MS; passed += IDLE_MS - 1) {
      assert.ok(sessions.use(busy), `after ${passed}`);
      clock.advance(IDLE_MS - 1);
    }
    assert.equal(sessions.use(idle), null);
    clock.advance(IDLE_MS - 1);
    assert.equal(sessions.use(busy), null);
    assert.equal(sessions.use(busy), null);
  });

  test('is ended by its person, and by a hundred newer ones', () => {
    const { sessions } = bench();
    const [ended, oldest, used] = [sessions.begin(), sessions.begin(), sessions.begin()];
    sessions.end(ended);
    assert.equal(sessions.use(ended), null);
    for (let at = 0; at < 99; at += 1) {
      sessions.begin();
      sessions.use(used);
    }
    assert.equal(sessions.use(oldest), null);
    assert.ok(sessions.use(used));
  });
});
