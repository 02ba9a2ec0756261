import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { BufferBudget, KeptBytes } from '../../../src/core/ports/buffer-budget.ts';

describe('the budget of buffers', () => {
  test('takes up to its maximum, and reports what it refuses', () => {
    let refused = 0;
    const budget = new BufferBudget(10);
    budget.onRefused(() => {
      refused += 1;
    });
    assert.deepEqual([budget.take(6), budget.take(5), budget.take(4), budget.used], [true, false, true, 10]);
    assert.equal(refused, 1);
    budget.give(6);
    assert.deepEqual([budget.take(6), budget.used], [true, 10]);
  });

  test('leaves to others what a part of it can’t take', () => {
    let refused = 0;
    const budget = new BufferBudget(10);
    budget.onRefused(() => {
      refused += 1;
    });
    const part = budget.part(6);
    assert.deepEqual([part.take(6), part.take(1), budget.take(4)], [true, false, true]);
    assert.equal(refused, 1, 'a refusal of a part is reported, too');
    part.give(6);
    assert.deepEqual([part.used, budget.used], [0, 4]);
    assert.deepEqual([budget.take(3), part.take(4), part.used], [true, false, 0]);
  });

  test('of a lease gets all of it back, once', () => {
    const budget = new BufferBudget(10);
    const lease = budget.lease();
    assert.deepEqual([lease.take(4), lease.take(4), lease.take(4)], [true, true, false]);
    lease.give(3);
    assert.deepEqual([lease.used, budget.used], [5, 5]);
    lease.close();
    lease.close();
    assert.equal(budget.used, 0);
    assert.equal(lease.take(1), false);
  });

  test('never exceeds a maximum, and is empty once all is given back', () => {
    const step = fc.tuple(fc.nat(3), fc.nat(8), fc.boolean());
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const budget = new BufferBudget(12);
        const part = budget.part(7);
        const leases = [budget.lease(), budget.lease(), part.lease(), part.lease()];
        for (const [index, bytes, takes] of steps) {
          if (takes) leases[index]?.take(bytes);
          else leases[index]?.give(bytes);
          assert.ok(budget.used <= 12 && part.used <= 7 && part.used <= budget.used);
          assert.equal(
            leases.reduce((sum, { used }) => sum + used, 0),
            budget.used,
          );
        }
        for (const lease of leases) lease.close();
        assert.deepEqual([budget.used, part.used], [0, 0]);
      }),
    );
  });
});

describe('the bytes of a body', () => {
  test('are the same in whatever chunks they arrive', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(20_000), { maxLength: 30 }), (sizes) => {
        const kept = new KeptBytes(new BufferBudget().lease());
        const sent = sizes.map((size, at) => Buffer.alloc(size, at));
        for (const chunk of sent) assert.ok(kept.add(chunk));
        assert.equal(kept.length, Buffer.concat(sent).length);
        assert.ok(Buffer.concat(kept.take()).equals(Buffer.concat(sent)));
        assert.equal(kept.length, 0);
      }),
    );
  });

  test('cost no more objects than their size allows, and count with the space that they take', () => {
    const lease = new BufferBudget().lease();
    const kept = new KeptBytes(lease);
    for (let times = 0; times < 100_000; times += 1) kept.add(Buffer.from('x'));
    assert.ok(lease.used >= 100_000 && lease.used < 120_000, `${lease.used}`);
    assert.ok(kept.take().length < 10);
  });

  test('are not kept when there is no room', () => {
    const kept = new KeptBytes(new BufferBudget(10).lease());
    assert.deepEqual([kept.add(Buffer.alloc(8)), kept.add(Buffer.alloc(1)), kept.length], [true, false, 8]);
  });
});
