import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { Refusals } from '../../../src/http/guard/refusals.ts';
import { createTestClock } from '../../support/clock.ts';
import { captureLog } from '../../support/log.ts';

function bench() {
  const clock = createTestClock();
  const { log, lines } = captureLog();
  const stopping = new AbortController();
  const events: string[] = [];
  const refusals = new Refusals({
    fields: { surface: 'inbox' },
    message: 'wrong secrets refused',
    onLasting: (count, callers) => events.push(`lasting ${count} from ${callers}`),
    onOver: () => events.push('over'),
    clock,
    log,
    signal: stopping.signal,
  });
  const minute = async (count: number, caller = 'a') => {
    for (let at = 0; at < count; at += 1) refusals.add(caller, { problem: 'wrong' });
    await turn();
    clock.advance(60_000);
    await turn();
  };
  return { clock, lines, events, refusals, minute, stopping };
}

describe('refused calls', () => {
  test('are logged at once, and then in one line a minute', async () => {
    const { refusals, minute, lines, clock } = bench();
    refusals.add('a', { problem: 'first' });
    assert.deepEqual(
      lines().map(({ refused, problem }) => [refused, problem]),
      [[1, 'first']],
    );
    refusals.add('b', { problem: 'other' });
    await minute(10_000);
    assert.deepEqual(
      lines().map(({ refused, callers }) => [refused, callers]),
      [
        [1, '1'],
        [10_001, '2'],
      ],
    );
    // A quiet minute ends the watch: nothing sleeps, and the next is logged at once.
    clock.advance(60_000);
    await turn();
    assert.equal(clock.next(), null);
    refusals.add('a', { problem: 'again' });
    assert.equal(lines().length, 3);
  });

  test('that last are an incident once, until a minute is quiet', async () => {
    const { minute, events } = bench();
    for (let at = 0; at < 5; at += 1) await minute(20);
    assert.deepEqual(events, ['lasting 20 from 1']);
    await minute(0);
    assert.deepEqual(events, ['lasting 20 from 1', 'over']);
  });

  test('that are few are none', async () => {
    const { minute, events } = bench();
    for (let at = 0; at < 20; at += 1) await minute(5);
    assert.deepEqual(events, []);
  });

  test('of any number of callers take bounded memory', async () => {
    const { refusals, minute, lines } = bench();
    for (let at = 0; at < 5_000; at += 1) refusals.add(`caller ${at}`, {});
    await minute(1);
    assert.equal(lines().at(-1)?.['callers'], '100 or more');
  });

  test('are in the log at the stop', async () => {
    const { refusals, lines, stopping } = bench();
    refusals.add('a', {});
    refusals.add('a', {});
    await turn();
    stopping.abort();
    await turn();
    assert.deepEqual(
      lines().map(({ refused }) => refused),
      [1, 1],
    );
  });
});
