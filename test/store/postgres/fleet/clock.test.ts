import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DatabaseClock } from '../../../../src/store/postgres/fleet/clock.ts';
import { createTestClock } from '../../../support/clock.ts';
import { captureLog } from '../../../support/log.ts';

const HOUR_MS = 3_600_000;

test('two machines whose clocks are apart have one time, and neither follows a jump of its own', () => {
  const { log, lines } = captureLog();
  const database = Date.UTC(2026, 8, 1, 12);
  const own = [createTestClock(database - 5 * 60_000), createTestClock(database + HOUR_MS)] as const;
  const clocks = own.map((clock) => new DatabaseClock(clock, log));
  for (const clock of clocks) {
    const sentAt = clock.monotonic();
    clock.note(database, sentAt, sentAt);
  }
  assert.deepEqual(
    clocks.map((clock) => clock.now()),
    [database, database],
  );
  assert.equal(lines().filter(({ msg }) => /clock of this machine .* differ/.test(String(msg))).length, 2);
  own[0].setWall(0);
  for (const clock of own) clock.advance(700);
  assert.deepEqual(
    clocks.map((clock) => clock.now()),
    [database + 700, database + 700],
  );
});

test('a reading counts for the middle of its round trip, and says how exact it is', () => {
  const { log, lines } = captureLog();
  const own = createTestClock(Date.UTC(2026, 8, 1, 12));
  const clock = new DatabaseClock(own, log);
  const database = own.now() + 50;
  const sentAt = own.monotonic();
  own.advance(100);
  clock.note(database, sentAt, own.monotonic());
  assert.deepEqual([clock.now(), clock.error], [database + 50, 50]);
  assert.deepEqual(lines(), []);
});

test('until the first reading it has the time of this machine', () => {
  const own = createTestClock();
  assert.equal(new DatabaseClock(own, captureLog().log).now(), own.now());
});

test('each of its functions works by itself, as those of the machine’s clock', async () => {
  const { log } = captureLog();
  const own = createTestClock(Date.UTC(2026, 8, 1, 12));
  const { now, monotonic, sleep, id, hash, random } = new DatabaseClock(own, log);
  assert.deepEqual([now(), monotonic(), hash('a')], [own.now(), own.monotonic(), own.hash('a')]);
  assert.equal(typeof id(), 'string');
  assert.equal(typeof random(), 'number');
  const asleep = sleep(10);
  own.advance(10);
  await asleep;
});
