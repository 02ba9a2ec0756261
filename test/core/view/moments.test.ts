import assert from 'node:assert/strict';
import { test } from 'node:test';
import { afterAskedText, clockTime, deadlineOf } from '../../../src/core/view/moments.ts';

const minute = 60_000;
const hour = 60 * minute;

test('a time near the question is a time of day, a later one has its date', () => {
  assert.deepEqual(clockTime(12 * hour, 0), { at: 12 * hour, style: 'time' });
  assert.deepEqual(clockTime(12 * hour + 1, 0), { at: 12 * hour + 1, style: 'exact' });
});

test('a deadline says how long after the question it is, rounded, without a time zone', () => {
  const rows = [
    [1, 'less than a minute'],
    [299_800, '5 minutes'],
    [90 * minute, '90 minutes'],
    [121 * minute, '2 hours'],
    [36 * hour, '36 hours'],
    [49 * hour, '2 days'],
  ] as const;
  for (const [length, text] of rows) {
    assert.equal(afterAskedText(deadlineOf(1_000 + length, 1_000)), `${text} after it was asked`);
  }
});

test('a deadline that is not after its question has no such length, like any other moment', () => {
  assert.equal(afterAskedText(deadlineOf(1_000, 1_000)), '');
  assert.equal(afterAskedText(clockTime(2_000, 1_000)), '');
});
