import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { isZone, momentOf, wallTime } from '../../../../src/core/text/time/zone.ts';

const utc = (text: string) => Date.parse(`${text}Z`);

describe('a time of day in a zone', () => {
  const cases: [wall: string, zone: string, moment: string, why: string][] = [
    ['2026-01-15T09:00', 'Europe/Berlin', '2026-01-15T08:00', 'winter'],
    ['2026-07-15T09:00', 'Europe/Berlin', '2026-07-15T07:00', 'summer'],
    ['2026-03-29T02:30', 'Europe/Berlin', '2026-03-29T01:30', 'skipped: it is 3:30'],
    ['2026-10-25T02:30', 'Europe/Berlin', '2026-10-25T00:30', 'shown twice: the first'],
    ['2026-11-01T01:30', 'America/New_York', '2026-11-01T05:30', 'shown twice: the first'],
    ['2026-10-04T02:15', 'Australia/Lord_Howe', '2026-10-03T15:45', 'skipped: half an hour'],
    ['2026-06-01T12:00', 'Asia/Kolkata', '2026-06-01T06:30', 'half an hour off'],
    ['2011-12-30T12:00', 'Pacific/Apia', '2011-12-30T22:00', 'a day that was skipped'],
    ['2026-06-01T12:00', 'UTC', '2026-06-01T12:00', 'UTC'],
  ];
  for (const [wall, zone, moment, why] of cases) {
    test(`${wall} in ${zone} (${why})`, () =>
      assert.equal(new Date(momentOf(utc(wall), zone)).toISOString(), new Date(utc(moment)).toISOString()));
  }

  test('is shown at its moment, unless it is skipped; no earlier moment shows it', () => {
    const zones = ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu', 'Africa/Casablanca'];
    const minutes = fc.integer({ min: utc('2000-01-01') / 60_000, max: utc('2037-12-31') / 60_000 });
    fc.assert(
      fc.property(minutes, fc.constantFrom(...zones), (minute, zone) => {
        const at = minute * 60_000;
        const wall = wallTime(at, zone);
        const found = momentOf(wall, zone);
        assert.equal(wallTime(found, zone), wall);
        assert.ok(found <= at && at - found <= 3_600_000);
      }),
    );
  });

  test('keeps milliseconds', () =>
    assert.equal(momentOf(wallTime(1_234_567_890_123, 'UTC'), 'UTC'), 1_234_567_890_123));
});

test('zones are names of the IANA database', () => {
  for (const zone of ['Europe/Berlin', 'UTC', 'Etc/GMT+5', 'America/Argentina/Buenos_Aires'])
    assert.equal(isZone(zone), true, zone);
  for (const zone of ['', 'Berlin', '+01:00', 'Europe/Berln', 'W. Europe Standard Time', '__proto__'])
    assert.equal(isZone(zone), false, zone);
});
