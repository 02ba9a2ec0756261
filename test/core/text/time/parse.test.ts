import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseExact } from '../../../../src/core/text/exact/parse.ts';
import { parseTime } from '../../../../src/core/text/time/parse.ts';
import { runs } from '../../../support/property.ts';

const at = Date.UTC(2026, 6, 11, 8, 0, 0);

test('reads what backends write, and takes a time without a zone as UTC', () => {
  const texts = [
    '2026-07-11T08:00:00Z',
    '2026-07-11T08:00:00.000Z',
    ' 2026-07-11t08:00:00z ',
    '2026-07-11T08:00:00',
    '2026-07-11 08:00:00',
    '2026-07-11 08:00',
    '2026-07-11T08:00:00.000000',
    '2026-07-11T08:00:00,000',
    '2026-07-11T13:30:00+05:30',
    '2026-07-11T13:30:00+0530',
    '2026-07-11T03:00:00-05',
    '2026-07-11 08:00:00 +0000 UTC',
    '2026-07-11 08:00:00 UTC',
    'Sat, 11 Jul 2026 08:00:00 GMT',
    String(at),
    String(at / 1000),
    `${at}000`,
    `${at}000000`,
    `${at}.000`,
    '1783756800e3',
  ];
  for (const text of texts) assert.equal(parseTime(text), at, text);
  assert.equal(parseTime(at), at);
  assert.equal(parseTime(at / 1000), at);
  assert.equal(parseTime(at * 1_000), at, 'microseconds');
  assert.equal(parseTime(at * 1_000_000), at, 'nanoseconds');
  assert.equal(parseTime(at + 0.4), at);
  assert.equal(parseTime(parseExact(`${at / 1000}.00`)), at, 'as it is spelt');
  assert.equal(parseTime('2026-07-11'), Date.UTC(2026, 6, 11));
});

test('takes nothing else for a time', () => {
  const not = [
    '',
    'yesterday',
    'order 7',
    'PST 2026',
    '2026-07-11 08:00 PST',
    '2026-13-40T08:00:00Z',
    '11/07/2026',
    '0001-01-01T00:00:00Z',
    0,
    -1,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    1e20,
    '-1783756800',
    '1e99',
    null,
    undefined,
    {},
    ['2026-07-11'],
  ];
  for (const value of not) assert.equal(parseTime(value), null, String(value));
});

test('is a time that a Date holds, or null, for any value', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.double(), fc.date().map(String), fc.anything()), (value) => {
      const found = parseTime(value);
      assert.ok(found === null || (found > 0 && !Number.isNaN(new Date(found).getTime())));
    }),
    { numRuns: runs(500) },
  );
});

test('reads a number in whatever unit it is', () => {
  const dates = fc.date({ min: new Date('1975-01-01'), max: new Date('5000-01-01'), noInvalidDate: true });
  fc.assert(
    fc.property(dates, fc.constantFrom(1 / 1_000, 1, 1_000, 1_000_000), (date, perMs) => {
      const whole = Math.floor(date.getTime() / 1_000) * 1_000;
      assert.equal(parseTime(whole * perMs), whole);
      assert.equal(parseTime(String(BigInt(whole) * 1_000_000n)), whole);
    }),
    { numRuns: runs(300) },
  );
});

test('reads the same in every zone of this machine', (t) => {
  const zone = process.env['TZ'];
  t.after(() => {
    if (zone === undefined) delete process.env['TZ'];
    else process.env['TZ'] = zone;
  });
  for (const other of ['America/New_York', 'Asia/Kolkata', 'Pacific/Kiritimati', 'UTC']) {
    process.env['TZ'] = other;
    for (const text of ['2026-07-11T08:00:00', '2026-07-11 08:00', '2026-07-11T08:00:00.000000']) {
      assert.equal(parseTime(text), at, `${text} in ${other}`);
    }
  }
});

test('reads every ISO time, in any zone of this machine', () => {
  const dates = fc.date({ min: new Date('1971-01-01'), max: new Date('2999-01-01'), noInvalidDate: true });
  fc.assert(
    fc.property(dates, (date) => {
      assert.equal(parseTime(date.toISOString()), date.getTime());
      assert.equal(parseTime(date.toISOString().slice(0, -1)), date.getTime());
    }),
    { numRuns: runs(300) },
  );
});
