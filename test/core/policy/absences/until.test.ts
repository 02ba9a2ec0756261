import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseUntil } from '../../../../src/core/policy/absences/until.ts';

// A Wednesday, 10:00 in Berlin.
const now = Date.parse('2026-12-02T09:00:00Z');
const until = (typed: string, zone = 'Europe/Berlin') => {
  const at = parseUntil(typed, now, zone);
  return at === null ? null : new Date(at).toISOString().slice(0, 16);
};

describe('the end of an absence', () => {
  const cases: [typed: string, at: string | null][] = [
    ['Monday', '2026-12-07T08:00'],
    ['mon', '2026-12-07T08:00'],
    ['wednesday', '2026-12-09T08:00'],
    ['Thursday 14:30', '2026-12-03T13:30'],
    ['friday at 7:05', '2026-12-04T06:05'],
    ['today 18:00', '2026-12-02T17:00'],
    ['tonight', '2026-12-02T19:00'],
    ['tomorrow', '2026-12-03T08:00'],
    ['tomorrow, 12:00', '2026-12-03T11:00'],
    ['2026-12-24', '2026-12-24T08:00'],
    ['2026-12-24T17:00', '2026-12-24T16:00'],
    ['2026-12-24 17:00Z', '2026-12-24T17:00'],
    ['3 days', '2026-12-05T09:00'],
    ['for 1 week', '2026-12-09T09:00'],
    ['12h', '2026-12-02T21:00'],
    ['18:30', '2026-12-02T17:30'],
    ['09:59', '2026-12-03T08:59'],
    ['yesterday', null],
    ['2026-02-30', null],
    ['monday 25:00', null],
    ['mo', null],
    ['someday', null],
    ['3', null],
    ['', null],
  ];
  for (const [typed, at] of cases) test(typed === '' ? 'nothing' : typed, () => assert.equal(until(typed), at));

  test('is by the clock of its zone, also where summer time ends', () => {
    const before = Date.parse('2026-10-24T08:00:00Z');
    assert.equal(parseUntil('2 days', before, 'Europe/Berlin'), Date.parse('2026-10-26T09:00:00Z'));
    assert.equal(until('Monday', 'America/New_York'), '2026-12-07T14:00');
  });
});
