import assert from 'node:assert/strict';
import { test } from 'node:test';
import { skewFound } from '../../../../src/core/ports/doctor/clock-skew.ts';

const date = 'Mon, 30 Nov 2026 12:00:00 GMT';
const noon = Date.parse(date);

test('a clock that agrees, within a slow answer and a date of whole seconds, is fine', () => {
  assert.deepEqual(skewFound(date, noon - 9_000, noon + 100, 'Slack'), []);
  assert.deepEqual(skewFound(date, noon + 30_900, noon + 31_000, 'Slack'), []);
  assert.deepEqual(skewFound(null, noon, noon, 'Slack'), []);
  assert.deepEqual(skewFound('soon', noon, noon, 'Slack'), []);
});

test('a clock that is off is a warning, and a fault where signatures count as too old', () => {
  const [ahead] = skewFound(date, noon + 91_000, noon + 91_000, 'Slack');
  assert.equal(ahead?.level, 'warning');
  assert.match(ahead?.what ?? '', /is 90 seconds ahead of that of Slack\.$/);
  const [behind] = skewFound(date, noon - 3_600_000, noon - 3_600_000, 'Discord');
  assert.equal(behind?.level, 'fault');
  assert.match(behind?.what ?? '', /is 60 minutes behind that of Discord\. Signed requests/);
  assert.match(behind?.remedy ?? '', /NTP/);
});
