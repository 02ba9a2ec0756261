import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Checkup, Found } from '../../src/core/ports/ports.ts';
import { examine, LOOK_MS } from '../../src/doctor/run.ts';
import { createTestClock } from '../support/clock.ts';

const fault: Found = { level: 'fault', what: 'It is broken.', remedy: 'Mend it.' };
const checkup = (check: string, look: Checkup['look'], more: Partial<Checkup> = {}): Checkup => ({
  check,
  title: `the ${check}`,
  look,
  ...more,
});

describe('the looks of a group', () => {
  test('are findings by their check, what is fine, and nothing where they were of no use', async () => {
    const untold = [{ what: 'Nothing says it.', remedy: 'Look.' }];
    const checkups = [
      checkup('a', async () => [fault]),
      checkup('b', async () => [], { untold }),
      checkup('useless', async () => null),
    ];
    const [group] = await examine([{ title: 'Things', checkups }], createTestClock());
    assert.deepEqual(group, {
      title: 'Things',
      findings: [{ check: 'a', ...fault }],
      fine: [{ check: 'b', title: 'the b' }],
      untold: [{ check: 'b', what: 'Nothing says it.', remedy: 'Look.' }],
    });
  });

  test('that could not be made are findings with their reason, and the others are made', async () => {
    const broken = checkup('a', () => Promise.reject(new Error('No file handle was available.')));
    const [group] = await examine(
      [{ title: 'Things', checkups: [broken, checkup('b', async () => [fault])] }],
      createTestClock(),
    );
    assert.deepEqual(
      group?.findings.map(({ check, level, what }) => [check, level, what]),
      [
        ['a', 'warning', 'Not checked: the a. No file handle was available.'],
        ['b', 'fault', 'It is broken.'],
      ],
    );
  });

  test('that throw before they begin are findings, too', async () => {
    const thrower = checkup('a', () => {
      throw new Error('It is closed.');
    });
    const [group] = await examine([{ title: 'Things', checkups: [thrower] }], createTestClock());
    assert.match(group?.findings[0]?.what ?? '', /^Not checked: the a\. It is closed\.$/);
  });

  test('end at their limit, each its own, and are told so', async () => {
    const clock = createTestClock();
    const ended: string[] = [];
    const hang = (check: string, more: Partial<Checkup> = {}) =>
      checkup(
        check,
        (signal) => {
          signal.addEventListener('abort', () => ended.push(check));
          return new Promise(() => {});
        },
        more,
      );
    const examining = examine([{ title: 'Things', checkups: [hang('a'), hang('b', { limitMs: 60_000 })] }], clock);
    clock.advance(LOOK_MS);
    await new Promise(setImmediate);
    assert.deepEqual(ended, ['a']);
    clock.advance(60_000);
    const [group] = await examining;
    assert.deepEqual(ended, ['a', 'b']);
    assert.deepEqual(
      group?.findings.map(({ what }) => what),
      ['Not checked: the a. There was no answer within 15 s.', 'Not checked: the b. There was no answer within 60 s.'],
    );
  });

  test('are at most two at once, and the groups do not wait for each other', async () => {
    let running = 0;
    let most = 0;
    const slow = Array.from({ length: 5 }, (_, index) =>
      checkup(`s${index}`, async () => {
        most = Math.max(most, ++running);
        await new Promise(setImmediate);
        running -= 1;
        return [];
      }),
    );
    const hang = checkup('h', () => new Promise(() => {}));
    const clock = createTestClock();
    const stop = new AbortController();
    const examining = examine(
      [
        { title: 'Hangs', checkups: [hang, hang] },
        { title: 'Slow', checkups: slow },
      ],
      clock,
      stop.signal,
    );
    for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate);
    clock.advance(LOOK_MS);
    const [, found] = await examining;
    assert.equal(found?.fine.length, 5);
    assert.equal(most, 2);
  });
});
