import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { Rates } from '../../../src/http/guard/rates.ts';

describe('a rate', () => {
  test('gives the burst at once, and one more each interval', () => {
    const rates = new Rates({ burst: 3, perSecond: 2 });
    const taken = [0, 0, 0, 0, 499, 500, 500, 999, 1_000].map((now) => rates.take('a', now).taken);
    assert.deepEqual(taken, [true, true, true, false, false, true, false, false, true]);
    assert.deepEqual(rates.take('a', 1_100), { taken: false, waitMs: 400 });
    assert.equal(rates.take('b', 1_100).taken, true);
  });

  test('lets those wait that are due within the patience, one after the other', () => {
    const rates = new Rates({ burst: 1, perSecond: 1 });
    const waits = [1, 2, 3, 4].map(() => rates.take('a', 0, 2_000));
    assert.deepEqual(waits, [
      { taken: true, waitMs: 0 },
      { taken: true, waitMs: 1_000 },
      { taken: true, waitMs: 2_000 },
      { taken: false, waitMs: 3_000 },
    ]);
  });

  test('never gives more than its burst and what time has added', () => {
    const steps = fc.array(fc.nat({ max: 3_000 }), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 50 }), (gaps, burst, perSecond) => {
        const rates = new Rates({ burst, perSecond });
        let now = 0;
        let taken = 0;
        for (const gap of gaps) {
          now += gap;
          if (rates.take('a', now).taken) taken += 1;
        }
        assert.ok(taken <= burst + (now * perSecond) / 1_000);
      }),
    );
  });

  test('forgets the key that was used the longest ago, beyond 4,096', () => {
    const rates = new Rates({ burst: 1, perSecond: 0.001 });
    for (let key = 0; key < 10_000; key += 1) rates.take(`${key}`, key);
    assert.equal(rates.size, 4_096);
    assert.equal(rates.take('9999', 10_000).taken, false);
    assert.equal(rates.take('0', 10_000).taken, true);
  });
});
