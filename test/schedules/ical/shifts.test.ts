import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { momentOf, wallTime } from '../../../src/core/text/time/zone.ts';
import { shiftsWithin } from '../../../src/schedules/ical/shifts.ts';

const calendar = (...parts: string[]) =>
  ['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//test//', ...parts, 'END:VCALENDAR', ''].join('\r\n');
const event = (...lines: string[]) =>
  [
    'BEGIN:VEVENT',
    ...(lines.some((line) => line.startsWith('UID')) ? [] : ['UID:1']),
    'DTSTAMP:20260101T000000Z',
    ...lines,
    'END:VEVENT',
  ].join('\r\n');
const utc = (text: string) => Date.parse(`${text}Z`);
const short = (at: number) => new Date(at).toISOString().slice(0, 16);
/** Title, beginning and end of each, within a day or days. */
const on = (text: string, from: string, until: string, zone: string | null = null) =>
  shiftsWithin(text, { from: utc(from), until: utc(until), zone })
    .sort((one, other) => one.from - other.from)
    .map((shift) => [shift.title, short(shift.from), short(shift.until)]);
/** Attendees of what is on at a moment. */
const who = (text: string, at: string) =>
  shiftsWithin(text, { from: utc(at), until: utc(at) + 1, zone: null }).flatMap(({ attendees }) => attendees);

describe('an event', () => {
  const berlin = calendar(
    event('SUMMARY:Mara', 'DTSTART;TZID=Europe/Berlin:20261130T090000', 'DTEND;TZID=Europe/Berlin:20261130T170000'),
  );
  test('in a zone that the calendar does not describe', () =>
    assert.deepEqual(on(berlin, '2026-11-30T00:00', '2026-12-01T00:00'), [
      ['Mara', '2026-11-30T08:00', '2026-11-30T16:00'],
    ]));

  test('touches the window from its beginning up to its end', () => {
    assert.deepEqual(on(berlin, '2026-11-30T07:00', '2026-11-30T08:00'), []);
    assert.equal(on(berlin, '2026-11-30T08:00', '2026-11-30T08:01').length, 1);
    assert.equal(on(berlin, '2026-11-30T15:59', '2026-11-30T16:30').length, 1);
    assert.deepEqual(on(berlin, '2026-11-30T16:00', '2026-11-30T17:00'), []);
  });

  test('of all day is from midnight to midnight: in the calendar’s zone, else in the schedule’s, else in UTC', () => {
    const lines = event('SUMMARY:Jon', 'DTSTART;VALUE=DATE:20261130', 'DTEND;VALUE=DATE:20261202');
    const days = (text: string, zone: string | null) => on(text, '2026-11-28T00:00', '2026-12-05T00:00', zone);
    assert.deepEqual(days(calendar(lines), null), [['Jon', '2026-11-30T00:00', '2026-12-02T00:00']]);
    assert.deepEqual(days(calendar(lines), 'Europe/Berlin'), [['Jon', '2026-11-29T23:00', '2026-12-01T23:00']]);
    assert.deepEqual(days(calendar('X-WR-TIMEZONE:Asia/Tokyo', lines), 'Europe/Berlin'), [
      ['Jon', '2026-11-29T15:00', '2026-12-01T15:00'],
    ]);
  });

  test('of all day without an end lasts one day, over the end of summer time too', () => {
    const text = calendar(event('SUMMARY:Jon', 'DTSTART;VALUE=DATE:20261025'));
    assert.deepEqual(on(text, '2026-10-24T00:00', '2026-10-27T00:00', 'Europe/Berlin'), [
      ['Jon', '2026-10-24T22:00', '2026-10-25T23:00'],
    ]);
  });

  test('without a zone is in the schedule’s', () => {
    const text = calendar(event('SUMMARY:A', 'DTSTART:20260701T080000', 'DURATION:PT2H'));
    assert.deepEqual(on(text, '2026-07-01T00:00', '2026-07-02T00:00', 'Europe/Berlin'), [
      ['A', '2026-07-01T06:00', '2026-07-01T08:00'],
    ]);
  });

  test('without time, without a length, or cancelled is not one', () => {
    const text = calendar(
      event('UID:a', 'SUMMARY:A'),
      event('UID:b', 'SUMMARY:B', 'DTSTART:20261130T090000Z'),
      event('UID:c', 'SUMMARY:C', 'DTSTART:20261130T090000Z', 'DTEND:20261130T100000Z', 'STATUS:CANCELLED'),
    );
    assert.deepEqual(on(text, '2026-11-30T00:00', '2026-12-01T00:00'), []);
  });

  test('in a zone of a program’s own is read by what the calendar says of it', () => {
    const zone = [
      'BEGIN:VTIMEZONE',
      'TZID:W. Europe Standard Time',
      'BEGIN:STANDARD',
      'DTSTART:16010101T030000',
      'TZOFFSETFROM:+0200',
      'TZOFFSETTO:+0100',
      'RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=10',
      'END:STANDARD',
      'BEGIN:DAYLIGHT',
      'DTSTART:16010101T020000',
      'TZOFFSETFROM:+0100',
      'TZOFFSETTO:+0200',
      'RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=3',
      'END:DAYLIGHT',
      'END:VTIMEZONE',
    ];
    const times = ['DTSTART;TZID=W. Europe Standard Time:20260701T090000', 'DURATION:PT1H'];
    assert.deepEqual(on(calendar(...zone, event('SUMMARY:A', ...times)), '2026-07-01T00:00', '2026-07-02T00:00'), [
      ['A', '2026-07-01T07:00', '2026-07-01T08:00'],
    ]);
    assert.throws(() => on(calendar(event('SUMMARY:A', ...times)), '2026-07-01T00:00', '2026-07-02T00:00'), {
      name: 'CalendarError',
      message: /names the time zone "W\. Europe Standard Time"/,
    });
  });

  test('in a zone with a path before its name', () => {
    const text = calendar(
      event('SUMMARY:A', 'DTSTART;TZID=/mozilla.org/20050126_1/Europe/Berlin:20260701T090000', 'DURATION:PT1H'),
    );
    assert.equal(on(text, '2026-07-01T07:00', '2026-07-01T07:01').length, 1);
  });
});

describe('a series', () => {
  const weekly = [
    'DTSTART;TZID=Europe/Berlin:20260302T090000',
    'DTEND;TZID=Europe/Berlin:20260302T170000',
    'RRULE:FREQ=WEEKLY',
  ];
  test('keeps its time of day in summer', () =>
    assert.deepEqual(on(calendar(event('SUMMARY:A', ...weekly)), '2026-03-20T00:00', '2026-04-01T00:00'), [
      ['A', '2026-03-23T08:00', '2026-03-23T16:00'],
      ['A', '2026-03-30T07:00', '2026-03-30T15:00'],
    ]));

  test('leaves out its exceptions, in its zone and in UTC', () => {
    const text = calendar(
      event('SUMMARY:A', ...weekly, 'EXDATE;TZID=Europe/Berlin:20260309T090000', 'EXDATE:20260330T070000Z'),
    );
    assert.deepEqual(
      on(text, '2026-03-08T00:00', '2026-04-10T00:00').map(([, from]) => from),
      ['2026-03-16T08:00', '2026-03-23T08:00', '2026-04-06T07:00'],
    );
  });

  test('has its changed occurrences at their new time, with their new title, also where they are named in UTC', () => {
    for (const named of ['RECURRENCE-ID;TZID=Europe/Berlin:20260330T090000', 'RECURRENCE-ID:20260330T070000Z']) {
      const changed = event(named, 'SUMMARY:B', 'DTSTART:20260331T120000Z', 'DTEND:20260331T130000Z');
      const text = calendar(
        event('SUMMARY:A', ...weekly),
        changed,
        event('UID:2', named, 'SUMMARY:C', 'DTSTART:20260101T000000Z'),
      );
      assert.deepEqual(on(text, '2026-03-29T00:00', '2026-04-05T00:00'), [
        ['B', '2026-03-31T12:00', '2026-03-31T13:00'],
      ]);
    }
  });

  test('has an occurrence that was moved from after the window into it', () => {
    const moved = event(
      'RECURRENCE-ID;TZID=Europe/Berlin:20260413T090000',
      'SUMMARY:B',
      'DTSTART:20260401T120000Z',
      'DTEND:20260401T130000Z',
    );
    assert.deepEqual(on(calendar(event('SUMMARY:A', ...weekly), moved), '2026-04-01T00:00', '2026-04-02T00:00'), [
      ['B', '2026-04-01T12:00', '2026-04-01T13:00'],
    ]);
  });

  test('has a cancelled occurrence no more', () => {
    const cancelled = event(
      'RECURRENCE-ID;TZID=Europe/Berlin:20260330T090000',
      'SUMMARY:A',
      'STATUS:CANCELLED',
      ...weekly.slice(0, 2),
    );
    assert.deepEqual(
      on(calendar(event('SUMMARY:A', ...weekly), cancelled), '2026-03-29T00:00', '2026-04-05T00:00'),
      [],
    );
  });

  test('of all days has each day', () => {
    const text = calendar(
      event('SUMMARY:A', 'DTSTART;VALUE=DATE:20260101', 'RRULE:FREQ=WEEKLY;BYDAY=MO,TU;UNTIL=20260401'),
    );
    assert.deepEqual(
      on(text, '2026-03-24T00:00', '2026-04-20T00:00', 'Europe/Berlin').map(([, from]) => from),
      ['2026-03-23T23:00', '2026-03-29T22:00', '2026-03-30T22:00'],
    );
  });

  test('adds single dates', () => {
    const text = calendar(
      event('SUMMARY:A', 'DTSTART:20260101T090000Z', 'DURATION:PT1H', 'RDATE:20260105T090000Z,20260107T090000Z'),
    );
    assert.deepEqual(
      on(text, '2026-01-04T00:00', '2026-01-31T00:00').map(([, from]) => from),
      ['2026-01-05T09:00', '2026-01-07T09:00'],
    );
  });

  test('is as a clock says, every day of two years, in every zone', () => {
    const zones = ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kolkata'];
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        fc.integer({ min: 0, max: 23 }),
        fc.integer({ min: 0, max: 729 }),
        fc.constantFrom(1, 2, 7),
        (zone, hour, day, every) => {
          const time = `${String(hour).padStart(2, '0')}0000`;
          const lines = [
            `DTSTART;TZID=${zone}:20260101T${time}`,
            'DURATION:PT30M',
            `RRULE:FREQ=DAILY;INTERVAL=${every}`,
          ];
          const wall = Date.UTC(2026, 0, 1 + day, hour);
          const at = momentOf(wall, zone);
          const found = shiftsWithin(calendar(event('SUMMARY:A', ...lines)), { from: at, until: at + 1, zone: null });
          // A skipped time: the library counts it from the clock before or after.
          if (wallTime(at, zone) === wall) assert.equal(found.length, day % every === 0 ? 1 : 0);
        },
      ),
      { numRuns: 30 },
    );
  });
});

test('attendees are people who did not decline', () => {
  const text = calendar(
    event(
      'SUMMARY:On call',
      'DTSTART:20261130T090000Z',
      'DTEND:20261130T170000Z',
      'ORGANIZER:mailto:boss@example.com',
      'ATTENDEE;CN=Mara;PARTSTAT=ACCEPTED:mailto:Mara@example.com',
      'ATTENDEE;PARTSTAT=DECLINED:mailto:jon@example.com',
      'ATTENDEE;CUTYPE=ROOM:mailto:room@example.com',
      'ATTENDEE;EMAIL=ana@example.com:urn:uuid:1',
    ),
  );
  assert.deepEqual(who(text, '2026-11-30T12:00'), ['Mara@example.com', 'ana@example.com']);
});

test('what is not a calendar is refused', () => {
  for (const text of [
    '',
    'BEGIN:VCARD\r\nEND:VCARD\r\n',
    'BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nEND:VCALENDAR',
    '<html></html>',
  ])
    assert.throws(() => on(text, '2026-01-01T00:00', '2026-01-02T00:00'));
});

test('several calendars in one text are all read', () => {
  const one = (title: string) =>
    calendar(event(`SUMMARY:${title}`, 'DTSTART:20261130T090000Z', 'DTEND:20261130T170000Z'));
  assert.deepEqual(
    on(one('A') + one('B'), '2026-11-30T12:00', '2026-11-30T13:00').map(([title]) => title),
    ['A', 'B'],
  );
});
