import assert from 'node:assert/strict';
import { test } from 'node:test';
import { codeFrom, normaliseCode } from '../../../../src/core/policy/operators/link-code.ts';
import { systemClock } from '../../../../src/system/clock.ts';

test('a code has 50 bits, evenly, and no letters that look alike', () => {
  const counts = new Map<string, number>();
  const codes = new Set<string>();
  for (let times = 0; times < 3_200; times += 1) {
    const code = codeFrom(systemClock.hash(systemClock.id()));
    assert.match(code, /^[2-9A-HJ-NP-Z]{5}-[2-9A-HJ-NP-Z]{5}$/);
    codes.add(code);
    for (const one of code.replace('-', '')) counts.set(one, (counts.get(one) ?? 0) + 1);
  }
  assert.equal(codes.size, 3_200);
  // Each of 32 about 1,000 times, with a standard deviation of 31.
  assert.equal(counts.size, 32);
  for (const count of counts.values()) assert.ok(Math.abs(count - 1_000) < 200);
  assert.throws(() => codeFrom('short'));
});

test('a code is read however it is typed', () => {
  for (const typed of ['ABCDE-23456', 'abcde23456', ' Abcde 23456 ', 'ABCDE–23456'])
    assert.equal(normaliseCode(typed), 'ABCDE-23456');
  assert.equal(normaliseCode(''), '-');
});
