import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Rota } from '../../../../src/core/policy/rules/document.ts';
import { turnAt } from '../../../../src/core/policy/schedules/rota.ts';
import { runs } from '../../../support/property.ts';

const HOUR = 3_600_000;
const person = (name: string) => ({ text: name, kind: 'person', name }) as const;
const rota: Rota = {
  kind: 'rota',
  people: [person('mara'), person('jon')],
  everyHours: 7 * 24,
  from: '2026-11-30',
  at: '09:00',
  zone: 'Europe/Berlin',
};
const on = (changes: Partial<Rota>, at: string) => {
  const { who, until } = turnAt({ ...rota, ...changes }, Date.parse(at));
  return [who?.text ?? null, new Date(until).toISOString().slice(0, 16)];
};

describe('a rota', () => {
  test('has its first person from its first day at its time', () => {
    assert.deepEqual(on({}, '2026-11-30T08:00:00Z'), ['mara', '2026-12-07T08:00']);
    assert.deepEqual(on({}, '2026-12-07T07:59:59.999Z'), ['mara', '2026-12-07T08:00']);
    assert.deepEqual(on({}, '2026-12-07T08:00:00Z'), ['jon', '2026-12-14T08:00']);
    assert.deepEqual(on({}, '2026-12-14T08:00:00Z'), ['mara', '2026-12-21T08:00']);
  });

  test('has no one before it begins', () => {
    assert.deepEqual(on({}, '2026-11-30T07:59:59.999Z'), [null, '2026-11-30T08:00']);
    for (const before of ['2026-11-30T07:00:00Z', '2026-11-23T08:00:00Z', '2026-11-20T08:00:00Z'])
      assert.equal(on({ people: [person('mara')] }, before)[0], null, before);
  });

  test('changes at the same time of day in summer', () => {
    assert.deepEqual(on({}, '2027-07-05T06:59:00Z'), ['mara', '2027-07-05T07:00']);
    assert.deepEqual(on({}, '2027-07-05T07:00:00Z'), ['jon', '2027-07-12T07:00']);
  });

  test('changes twice a day by the clock, also on the short and on the long day', () => {
    const half = { everyHours: 12, from: '2027-03-27' };
    assert.deepEqual(on(half, '2027-03-27T20:00:00Z'), ['jon', '2027-03-28T07:00']);
    assert.deepEqual(on(half, '2027-03-28T07:00:00Z'), ['mara', '2027-03-28T19:00']);
    assert.deepEqual(on({ ...half, from: '2027-10-30' }, '2027-10-30T19:00:00Z'), ['jon', '2027-10-31T08:00']);
  });

  test('without people has no one', () => assert.deepEqual(on({ people: [] }, '2026-12-01T00:00:00Z')[0], null));
});

/** Minute by minute: the moments at which a clock shows the time of a change. */
function slowTurns({ everyHours, from, at, zone }: Rota, until: number): number[] {
  const clock = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'short' });
  const start = Date.parse(`${from}T${at}:00Z`);
  const wanted = (turn: number) =>
    new Date(start + turn * everyHours * HOUR).toISOString().slice(0, 16).replace('T', ' ');
  const found: number[] = [];
  for (let now = start - 15 * HOUR; now <= until && found.length < 4_000; now += 60_000) {
    const shown = clock.format(now);
    const before = clock.format(now - 60_000);
    // A skipped time comes as much later as the clock is advanced.
    const jump = Math.round((Date.parse(`${shown}Z`) - Date.parse(`${before}Z`)) / 60_000) - 1;
    if (shown === wanted(found.length)) found.push(now);
    else if (jump > 0 && shown > wanted(found.length)) {
      const late = (Date.parse(`${wanted(found.length)}Z`) - Date.parse(`${before}Z`) - 60_000) / 60_000;
      found.push(now + late * 60_000);
    }
  }
  return found;
}

test('has whom a clock says that is read minute by minute', () => {
  const zones = ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu'];
  const clocks = ['00:00', '02:00', '02:30', '03:00', '09:00', '23:30'];
  const dates = ['2027-03-13', '2027-03-26', '2027-10-01', '2027-10-30', '2027-11-05', '2027-04-02'];
  fc.assert(
    fc.property(
      fc.constantFrom(...zones),
      fc.constantFrom(...clocks),
      fc.constantFrom(...dates),
      fc.constantFrom(4, 6, 8, 12, 24, 48),
      fc.array(fc.integer({ min: 0, max: 3 * 24 * 60 - 1 }), { minLength: 5, maxLength: 5 }),
      (zone, at, from, everyHours, minutes) => {
        const one = { ...rota, zone, at, from, everyHours, people: ['a', 'b', 'c'].map(person) };
        const start = Date.parse(`${from}T00:00:00Z`);
        const turns = slowTurns(one, start + 6 * 24 * HOUR);
        for (const minute of minutes) {
          const now = start + minute * 60_000;
          const turn = turns.filter((change) => change <= now).length - 1;
          const { who, until } = turnAt(one, now);
          assert.equal(who?.text ?? null, turn < 0 ? null : 'abc'.charAt(turn % 3), new Date(now).toISOString());
          assert.equal(until, turns[turn + 1], new Date(now).toISOString());
        }
      },
    ),
    { numRuns: runs(12) },
  );
});
