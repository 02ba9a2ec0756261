import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { RateBudget } from '../../../src/backends/hookpulse/rate-budget.ts';
import { createTestClock } from '../../support/clock.ts';

const HOUR_MS = 3_600_000;

function headers(limit: number, remaining: number, resetAt: number) {
  const all = { 'x-ratelimit-limit': limit, 'x-ratelimit-remaining': remaining, 'x-ratelimit-reset': resetAt / 1000 };
  return Object.fromEntries(Object.entries(all).map(([name, value]) => [name, String(Math.ceil(value))]));
}

/** Polls through one hour, while others use the key as well. @returns how many requests the polling made */
function pollAnHour(options: { limit: number; share: number; pages: number; others?: number }): number {
  const { limit, share, pages, others = 0 } = options;
  const clock = createTestClock();
  const resetAt = clock.now() + HOUR_MS;
  const budget = new RateBudget(share);
  const theirs = { from: clock.now(), used: 0 };
  let ours = 0;
  while (clock.now() < resetAt) {
    for (let page = 0; page < pages; page += 1) {
      ours += 1;
      budget.note(headers(limit, Math.max(0, limit - ours - theirs.used), resetAt), clock.now());
    }
    clock.advance(budget.intervalMs(pages, clock.now()));
    theirs.used = Math.round((others * Math.min(HOUR_MS, clock.now() - theirs.from)) / HOUR_MS);
  }
  return ours;
}

describe('an hour of polling', () => {
  for (const limit of [60, 1_000, 10_000]) {
    for (const share of [0.1, 0.5, 1]) {
      for (const pages of [1, 7]) {
        test(`${pages} a pass, ${limit} an hour: no more than ${share * 100} % of them`, () => {
          const ours = pollAnHour({ limit, share, pages });
          assert.ok(ours <= Math.ceil((limit * share) / pages) * pages, `${ours} requests`);
          assert.ok(ours >= limit * share * 0.8 - pages, `${ours} requests are too few`);
        });
      }
    }
  }

  test('gives way to others who use the same key', () => {
    const ours = pollAnHour({ limit: 1_000, share: 0.5, pages: 1, others: 800 });
    // Alone it would make 500.
    assert.ok(ours <= 350, `${ours} requests`);
    assert.ok(ours >= 200, `${ours} requests`);
  });
});

describe('the interval', () => {
  const now = Date.UTC(2026, 8, 1);

  test('assumes the standard plan until an answer names the limit', () => {
    const budget = new RateBudget(0.5);
    assert.equal(budget.intervalMs(1, now), 7_200);
    assert.equal(budget.intervalMs(3, now), 21_600);
    budget.note({}, now);
    assert.equal(budget.intervalMs(1, now), 7_200);
    budget.note({ 'x-ratelimit-limit': '10000' }, now);
    assert.equal(budget.intervalMs(1, now), 720);
  });

  test('waits for the reset when too little is left, and forgets a reset that has passed', () => {
    const budget = new RateBudget(0.5);
    budget.note(headers(1_000, 1, now + 60_000), now);
    assert.equal(budget.intervalMs(1, now), 60_000);
    assert.equal(budget.intervalMs(1, now + 60_000), 7_200);
    budget.note(headers(1_000, 10, now + 600_000), now);
    assert.equal(budget.intervalMs(1, now), 120_000);
  });

  test('is not led astray by odd headers', () => {
    const budget = new RateBudget(0.5);
    budget.note({ 'x-ratelimit-limit': '0', 'x-ratelimit-remaining': '-5', 'x-ratelimit-reset': 'soon' }, now);
    assert.equal(budget.intervalMs(1, now), 7_200);
    budget.note(headers(1_000, 0, now + 9e12), now);
    assert.equal(budget.intervalMs(1, now), HOUR_MS, 'at most an hour');
    assert.ok(Number.isFinite(new RateBudget(0).intervalMs(1, now)));
  });
});
