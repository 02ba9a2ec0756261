/** What is kept, and what makes room for it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { BoundedCache } from '../../../src/store/shared/bounded-cache.ts';

test('the least recently used one is dropped', () => {
  const cache = new BoundedCache<number>(2, 100);
  cache.set('a', 1, 1);
  cache.set('b', 2, 1);
  assert.equal(cache.get('a'), 1);
  cache.set('c', 3, 1);
  assert.deepEqual([cache.get('a'), cache.get('b'), cache.get('c')], [1, undefined, 3]);
  cache.delete('a');
  assert.equal(cache.get('a'), undefined);
});

test('a value that is too large is not kept, and what was there before is not either', () => {
  const cache = new BoundedCache<string>(10, 5);
  cache.set('a', 'old', 3);
  cache.set('b', 'other', 2);
  cache.set('a', 'large', 6);
  assert.deepEqual([cache.get('a'), cache.get('b')], [undefined, 'other']);
});

test('whatever is set and deleted, the limits hold, and a kept value is the last one', () => {
  const operation = fc.record({
    id: fc.constantFrom('a', 'b', 'c', 'd'),
    size: fc.option(fc.nat(7), { freq: 4 }),
  });
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 60 }), (operations) => {
      const cache = new BoundedCache<number>(3, 8);
      const last = new Map<string, { value: number; size: number }>();
      for (const [value, { id, size }] of operations.entries()) {
        if (size === null) {
          cache.delete(id);
          last.delete(id);
        } else {
          cache.set(id, value, size);
          last.set(id, { value, size });
          assert.equal(cache.get(id), value, 'the latest one is kept');
        }
        const kept = [...last].filter(([known]) => cache.get(known) !== undefined);
        assert.ok(kept.length <= 3);
        assert.ok(kept.reduce((sum, [, entry]) => sum + entry.size, 0) <= 8);
        for (const [known, entry] of kept) assert.equal(cache.get(known), entry.value);
      }
    }),
  );
});
