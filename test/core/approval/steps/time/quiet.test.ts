/** Quiet hours in any zone, also in the nights in which the clocks are changed. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Quiet } from '../../../../../src/core/approval/parts/requirement.ts';
import { isQuiet, quietUntil } from '../../../../../src/core/approval/steps/time/quiet.ts';
import { runs } from '../../../../support/property.ts';

const MINUTE_MS = 60_000;

/** @param hours `20:00-07:00` */
function quietOf(hours: string, zone = 'Europe/Berlin'): Quiet {
  const [from = 0, to = 0] = hours.split('-').map((time) => {
    const [hour = 0, minute = 0] = time.split(':').map(Number);
    return hour * 60 + minute;
  });
  return { from, to, zone, exceptDangerous: true };
}

/** @returns as ISO 8601, without seconds */
function until(hours: string, at: string, zone?: string): string {
  return new Date(quietUntil(quietOf(hours, zone), Date.parse(at))).toISOString().replace(':00.000Z', 'Z');
}

describe('quiet hours', () => {
  test('end in the morning for what falls into them, and hold nothing back outside of them', () => {
    assert.equal(until('20:00-07:00', '2026-11-30T18:59Z'), '2026-11-30T18:59Z');
    assert.equal(until('20:00-07:00', '2026-11-30T19:00Z'), '2026-12-01T06:00Z');
    assert.equal(until('20:00-07:00', '2026-11-30T23:30Z'), '2026-12-01T06:00Z');
    assert.equal(until('20:00-07:00', '2026-12-01T05:59:59.999Z'), '2026-12-01T06:00Z');
    assert.equal(until('20:00-07:00', '2026-12-01T06:00Z'), '2026-12-01T06:00Z');
    assert.equal(until('12:00-13:30', '2026-11-30T11:00Z'), '2026-11-30T12:30Z');
    assert.equal(until('00:00-06:00', '2026-11-30T23:00Z'), '2026-12-01T05:00Z');
    assert.equal(until('22:00-00:00', '2026-11-30T22:00Z'), '2026-11-30T23:00Z');
  });

  test('are of the zone, whatever the zone of this system is', () => {
    assert.equal(until('20:00-07:00', '2026-11-30T14:30Z', 'Asia/Kolkata'), '2026-12-01T01:30Z');
    assert.equal(until('20:00-07:00', '2026-11-30T14:29Z', 'Asia/Kolkata'), '2026-11-30T14:29Z');
    assert.equal(until('20:00-07:00', '2026-11-30T23:45Z', 'America/St_Johns'), '2026-12-01T10:30Z');
    assert.equal(until('20:00-07:00', '2026-11-30T10:00Z', 'Pacific/Kiritimati'), '2026-11-30T17:00Z');
  });

  test('are an hour shorter in the night in which an hour does not exist, and longer where one comes twice', () => {
    assert.equal(until('20:00-07:00', '2026-03-28T19:00Z'), '2026-03-29T05:00Z');
    assert.equal(until('20:00-07:00', '2026-10-24T18:00Z'), '2026-10-25T06:00Z');
  });

  test('end at the next time that exists, where their end does not', () => {
    assert.equal(until('20:00-02:30', '2026-03-28T23:00Z'), '2026-03-29T01:00Z');
    assert.equal(until('02:10-02:50', '2026-03-29T00:59Z'), '2026-03-29T00:59Z');
    assert.equal(isQuiet(quietOf('02:10-02:50'), Date.parse('2026-03-29T01:00Z')), false);
  });

  test('come again with an hour that comes twice', () => {
    const quiet = '20:00-02:30';
    assert.equal(until(quiet, '2026-10-24T22:00Z'), '2026-10-25T00:30Z');
    assert.equal(until(quiet, '2026-10-25T00:45Z'), '2026-10-25T00:45Z');
    assert.equal(until(quiet, '2026-10-25T01:00Z'), '2026-10-25T01:30Z');
    // By half an hour, where the island’s clocks are set back at 2:00.
    assert.equal(until('20:00-01:45', '2026-04-04T14:50Z', 'Australia/Lord_Howe'), '2026-04-04T14:50Z');
    assert.equal(until('20:00-01:45', '2026-04-04T15:00Z', 'Australia/Lord_Howe'), '2026-04-04T15:15Z');
  });

  test('that are empty, or of an unknown zone, are never quiet', () => {
    assert.equal(until('07:00-07:00', '2026-11-30T06:00Z'), '2026-11-30T06:00Z');
    assert.equal(until('20:00-07:00', '2026-11-30T23:00Z', 'Europe/Bielefeld'), '2026-11-30T23:00Z');
    assert.ok(Number.isNaN(quietUntil(quietOf('20:00-07:00'), Number.NaN)));
  });

  test('hold back until the first minute at which a clock on the wall there shows none of them', () => {
    const zones = [
      'UTC',
      'Europe/Berlin',
      'America/New_York',
      'America/St_Johns',
      'Asia/Kathmandu',
      'Africa/Casablanca',
    ];
    const islands = ['Australia/Lord_Howe', 'Pacific/Chatham', 'Antarctica/Troll', 'America/Havana', 'Asia/Beirut'];
    const changes = ['2026-03-29', '2026-10-25', '2026-03-08', '2026-11-01', '2026-04-05', '2026-10-04', '2026-02-15'];
    const days = fc.oneof(
      fc.constantFrom(...changes).map((day) => Date.parse(day)),
      fc.integer({ min: Date.parse('2010-01-01'), max: Date.parse('2036-01-01') }),
    );
    const minute = fc.integer({ min: 0, max: 1439 });
    const zone = fc.constantFrom(...zones, ...islands);
    const aMinute = fc.integer({ min: -1440, max: 1440 });
    fc.assert(
      fc.property(days, aMinute, minute, minute, zone, (day, more, from, to, zone) => {
        const at = Math.floor(day / MINUTE_MS) * MINUTE_MS + more * MINUTE_MS;
        const quiet = { from, to, zone, exceptDangerous: false };
        const wall = new Intl.DateTimeFormat('en-GB', { timeZone: zone, hour: '2-digit', minute: '2-digit' });
        const isNight = (moment: number) => {
          const [hour = 0, past = 0] = wall.format(moment).split(':').map(Number);
          const time = hour * 60 + past;
          return from <= to ? from <= time && time < to : from <= time || time < to;
        };
        const end = quietUntil(quiet, at);
        assert.ok(end >= at);
        assert.equal(isNight(end), false);
        assert.equal(isQuiet(quiet, at), isNight(at));
        for (let moment = at; moment < end; moment += 7 * MINUTE_MS) assert.ok(isNight(moment));
        if (end > at) assert.ok(isNight(end - MINUTE_MS));
        assert.ok(quietUntil(quiet, at + MINUTE_MS) >= end, 'what is due later does not come earlier');
        assert.equal(quietUntil(quiet, end), end);
      }),
      { numRuns: runs(300) },
    );
  });
});
