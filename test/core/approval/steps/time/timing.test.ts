import assert from 'node:assert/strict';
import { test } from 'node:test';
import { requirementSchema } from '../../../../../src/core/approval/parts/requirement.ts';
import { timed } from '../../../../../src/core/approval/steps/time/timing.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const required = requirementSchema.parse({ rule: 'refunds', version: '1', verbs: {} });
const ops = { platform: 'slack', room: 'C0OPS' };
const timing = {
  expire: { afterMs: 4 * HOUR_MS, end: 'reject' as const },
  escalate: [
    { afterMs: 2 * HOUR_MS, places: [], mention: ['legal'] },
    { afterMs: HOUR_MS, places: [ops], mention: ['oncall'] },
  ],
};

test('the steps of the policy count from when it was asked, the earliest first', () => {
  const { expire, escalations, escalated } = timed(required, timing, { countsFrom: 1_000 }, 5_000);
  assert.deepEqual(expire, { at: 1_000 + 4 * HOUR_MS, end: 'reject' });
  assert.deepEqual(escalations, [
    { at: 1_000 + HOUR_MS, places: [ops], mention: ['oncall'] },
    { at: 1_000 + 2 * HOUR_MS, places: [], mention: ['legal'] },
  ]);
  assert.deepEqual(escalated, []);
});

test('what was asked long before it is first seen here leaves people a minute, and a shorter time its own length', () => {
  const late = timed(required, timing, { countsFrom: 0 }, 30 * HOUR_MS);
  assert.equal(late.expire?.at, 30 * HOUR_MS + MINUTE_MS);
  assert.deepEqual(
    late.escalations.map(({ at }) => at),
    [30 * HOUR_MS + MINUTE_MS, 30 * HOUR_MS + MINUTE_MS],
  );
  const short = timed(
    required,
    { expire: { afterMs: 20_000, end: 'leave' }, escalate: [] },
    { countsFrom: 0 },
    HOUR_MS,
  );
  assert.equal(short.expire?.at, HOUR_MS + 20_000);
});

test('a rule without times leaves what is stored as it is', () => {
  assert.equal(timed(required, undefined, { countsFrom: 0 }, 0), required);
});
