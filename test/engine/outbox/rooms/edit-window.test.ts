/** When edits may begin: never more than the platform allows, in the order in which they asked, pressed cards first. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Edit, EditWindow } from '../../../../src/engine/outbox/rooms/edit-window.ts';
import { runs } from '../../../support/property.ts';

const WITHIN_MS = 60_000;

function windowOf(calls: number) {
  const edits = new EditWindow({ calls, withinMs: WITHIN_MS });
  const begin = (job: number, now: number, kind: Edit['kind'] = 'pressed', pressInMs: number | null = null) =>
    edits.begin({ job, kind, pressInMs }, now);
  /** As many calls as fit, each over at once. @returns how many */
  const fill = (now: number, pressInMs: number | null = null, kind: Edit['kind'] = 'pressed') => {
    for (let begun = 0; begun < 100; begun += 1) {
      const job = 1_000_000 + begun;
      const turn = begin(job, now, kind, pressInMs);
      if ('waitMs' in turn || turn.by === 'press') return begun;
      edits.end(job, true, now);
    }
    return assert.fail('there is no limit');
  };
  return { edits, begin, fill };
}

test('a wait is in whole milliseconds, and long enough: the clock is not, and a job is due at a whole one', () => {
  const { begin, fill } = windowOf(8);
  fill(0.7);
  assert.deepEqual(begin(1, 10.4), { waitMs: WITHIN_MS - 9 });
  assert.deepEqual(begin(2, 10.4, 'pressed', 17.2), { waitMs: 18 });
});

test('a card that can be edited by its press takes a quarter of the calls, a renewal half, one that closed three quarters, and any other that was pressed all', () => {
  assert.deepEqual(
    [
      windowOf(50).fill(0, 0),
      windowOf(50).fill(0, null, 'renew'),
      windowOf(50).fill(0, null, 'closed'),
      windowOf(50).fill(0),
    ],
    [12, 25, 37, 50],
  );
  const { edits, begin, fill } = windowOf(8);
  fill(0);
  assert.deepEqual(begin(1, 0, 'pressed', 0), { by: 'press' });
  assert.deepEqual(begin(2, 0, 'pressed', 300), { waitMs: 300 }, 'its press is used in a moment');
  assert.deepEqual([edits.msUntilFree('pressed', 0), edits.msUntilFree('renew', 0)], [WITHIN_MS, WITHIN_MS]);
});

test('jobs that wait come one after the other, and none is overtaken by one that asks later', () => {
  const { edits, begin } = windowOf(2);
  for (const [job, now] of [
    [1, 0],
    [2, 10_000],
  ] as const) {
    assert.deepEqual(begin(job, now), { by: 'call' });
    edits.end(job, true, now);
  }
  assert.deepEqual([begin(3, 20_000), begin(4, 20_000)], [{ waitMs: 40_000 }, { waitMs: 50_000 }]);
  assert.deepEqual(begin(5, 60_000), { waitMs: 60_000 }, 'the turn of the third has come');
  assert.deepEqual(begin(3, 60_000), { by: 'call' });
  edits.end(3, false, 60_000);
  assert.deepEqual(begin(6, 60_000), { by: 'call' }, 'no call was made, and nobody’s turn has come');
});

test('a card that was pressed goes before all others that wait', () => {
  const { begin, fill } = windowOf(8);
  assert.equal(fill(0, null, 'closed'), 6);
  for (let job = 1; job <= 20; job += 1) assert.ok('waitMs' in begin(job, 0, 'closed'));
  assert.equal(fill(0), 2);
  assert.deepEqual(begin(30, 1_000), { waitMs: 59_000 });
  assert.deepEqual([begin(30, 60_000), begin(1, 60_000)], [{ by: 'call' }, { by: 'call' }]);
});

test('a job that does not come back keeps its turn for two seconds', () => {
  const { begin, edits } = windowOf(1);
  begin(1, 0);
  edits.end(1, true, 0);
  begin(2, 0);
  assert.ok('waitMs' in begin(3, WITHIN_MS + 2_000));
  assert.deepEqual(begin(3, WITHIN_MS + 2_001), { by: 'call' });
});

test('property: no time of that length has more calls than are allowed, and every job gets its turn', () => {
  const asked = fc.record({
    afterMs: fc.nat(4_000),
    takesMs: fc.nat(3_000),
    kind: fc.constantFrom('pressed' as const, 'closed' as const, 'renew' as const),
    isPressed: fc.boolean(),
    isSent: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(asked, { minLength: 1, maxLength: 60 }), fc.integer({ min: 4, max: 12 }), (jobs, calls) => {
      const { edits, begin } = windowOf(calls);
      const sent: { from: number; to: number }[] = [];
      let asks = 0;
      let at = 0;
      /** What happens next, by its time. */
      const agenda = jobs.map((job, id) => {
        at += job.afterMs;
        return { at, id, run: 'ask' as 'ask' | 'end', from: 0 };
      });
      while (agenda.length > 0) {
        agenda.sort((one, other) => one.at - other.at);
        const { at: now, id, run, from } = agenda.shift() ?? assert.fail();
        const job = jobs[id] ?? assert.fail();
        if (run === 'end') {
          edits.end(id, job.isSent, now);
          if (job.isSent) sent.push({ from, to: now });
          continue;
        }
        asks += 1;
        assert.ok(asks < 60 * jobs.length + 1_000, 'a job is asked again and again');
        const isPressed = job.isPressed && job.kind !== 'renew';
        const turn = begin(id, now, job.kind, isPressed ? 0 : null);
        if ('waitMs' in turn) {
          assert.ok(!isPressed && turn.waitMs > 0 && turn.waitMs <= 61_000 + 3_000, `${turn.waitMs}`);
          agenda.push({ at: now + turn.waitMs, id, run: 'ask', from: 0 });
        } else if (turn.by === 'call') {
          agenda.push({ at: now + job.takesMs, id, run: 'end', from: now });
        }
      }
      // Wherever in its time each call arrived: those that may fall into one stretch are no more than allowed.
      for (const { to } of sent) {
        const within = sent.filter((other) => other.to >= to && other.from < to + WITHIN_MS && other.from >= to);
        assert.ok(within.length <= calls, `${within.length} calls`);
      }
    }),
    { numRuns: runs(200) },
  );
});

test('replicas share what the platform allows, as many as there are now', () => {
  let replicas = 1;
  const edits = new EditWindow({ calls: 48, withinMs: WITHIN_MS }, () => replicas);
  const fill = (now: number) => {
    let made = 0;
    for (; edits.msUntilFree('pressed', now) === 0; made += 1) {
      assert.deepEqual(edits.begin({ job: made, kind: 'pressed', pressInMs: null }, now), { by: 'call' });
      edits.end(made, true, now);
    }
    return made;
  };
  assert.equal(fill(0), 48);
  replicas = 3;
  assert.equal(fill(WITHIN_MS), 16);
  replicas = 2;
  assert.equal(fill(WITHIN_MS), 8, 'one is gone');
});
