/** Two accounts that are typed at two replicas. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { accountKey } from '../../../src/core/policy/operators/people.ts';
import type { Word } from '../../../src/core/ports/store/fleet.ts';
import { LINK_MS, LinkRequests } from '../../../src/engine/operators/link-requests.ts';
import { createTestClock } from '../../support/clock.ts';
import { dana, sam } from '../../support/data/pauses.ts';

/** Two replicas; each word reaches the other one once `deliver` is called. */
function two() {
  const clock = createTestClock();
  const waiting: (() => void)[] = [];
  const listeners: ((word: Word) => void)[] = [];
  const fleetOf = (other: number) => ({
    tell: (word: Word) => void waiting.push(() => listeners[other]?.(structuredClone(word))),
    onTold(listener: (word: Word) => void) {
      listeners.push(listener);
      return () => {};
    },
  });
  const [a, b] = [new LinkRequests(clock, fleetOf(1)), new LinkRequests(clock, fleetOf(0))];
  const deliver = () => {
    for (const one of waiting.splice(0)) one();
  };
  return { a, b, clock, deliver };
}

describe('a link of two accounts at two replicas', () => {
  test('is found by its code, and confirmed, at either of them', () => {
    const { a, b, deliver } = two();
    const { code } = a.begin(dana);
    deliver();
    const found = b.find(code, sam);
    assert.ok(found !== null && found !== 'too_many');
    b.use(found, sam);
    deliver();
    assert.equal(a.find(code, sam), null, 'a code counts once');
    const [atA, atB] = [a.of(dana), b.of(sam)];
    assert.ok(atA !== null && atB !== null);
    a.confirm(atA, dana);
    b.confirm(atB, sam);
    deliver();
    const both = new Set([accountKey(dana), accountKey(sam)]);
    assert.deepEqual([a.of(sam)?.confirmed, b.of(dana)?.confirmed], [both, both]);
  });

  test('ends at both, by time and once it is made', () => {
    const { a, b, clock, deliver } = two();
    a.begin(dana);
    deliver();
    clock.advance(LINK_MS);
    assert.equal(b.of(dana), null);
    const request = a.begin(dana);
    deliver();
    assert.notEqual(b.of(dana), null);
    a.end(request);
    deliver();
    assert.equal(b.of(dana), null);
  });
});
