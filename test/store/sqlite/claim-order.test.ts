/** Claims look at the heads of lanes only: the same jobs, in the same order, as if all of them were sorted. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Database } from 'better-sqlite3';
import fc from 'fast-check';
import { LONGEST_JOB_WAIT_MS, laneText, parseLane } from '../../../src/core/approval/lanes.ts';
import { openDatabase } from '../../../src/store/sqlite/file/open.ts';
import { Jobs } from '../../../src/store/sqlite/jobs.ts';

const NOW = 10_000_000;
const ME = 'me';

interface Queued {
  kind: 'draw' | 'decide' | 'wake';
  lane: string;
  urgency: number;
  dueBy: number;
  runAt: number;
  lockedBy: string | null;
  lockedUntil: number;
  dead: boolean;
}

const times = fc.constantFrom(NOW - 2, NOW - 1, NOW, NOW + 1, NOW + 500, NOW + LONGEST_JOB_WAIT_MS + 1);
const shared = {
  runAt: times,
  // Most are free: otherwise no lane is left.
  lockedBy: fc.oneof({ weight: 6, arbitrary: fc.constant(null) }, fc.constantFrom(ME, 'other')),
  lockedUntil: fc.constantFrom(NOW - 1, NOW, NOW + 1),
  dead: fc.oneof({ weight: 6, arbitrary: fc.constant(false) }, fc.constant(true)),
};
const queued: fc.Arbitrary<Queued> = fc.oneof(
  fc.record({
    kind: fc.constant('draw' as const),
    lane: fc.constantFrom('post:slack:C1', 'edit:slack:C1', 'post:slack:C2', 'post:discord:3'),
    urgency: fc.nat(2),
    dueBy: fc.constantFrom(NOW, NOW + 9, 8.64e15),
    ...shared,
  }),
  fc.record({
    kind: fc.constant('decide' as const),
    lane: fc.constantFrom('run:runtype:a', 'run:runtype:b', 'run:sonzai:c'),
    urgency: fc.constant(0),
    dueBy: fc.constant(8.64e15),
    ...shared,
  }),
  fc.record({
    kind: fc.constant('wake' as const),
    lane: fc.nat(30).map((id) => `wake:${id}`),
    urgency: fc.constant(0),
    dueBy: fc.constant(8.64e15),
    ...shared,
  }),
);

const { db, close } = openDatabase(':memory:');
test.after(close);

function fill(database: Database, jobs: readonly Queued[]): void {
  database.prepare('DELETE FROM jobs').run();
  const insert = database.prepare(
    `INSERT INTO jobs (id, job_key, kind, lane, urgency, due_by, subject, run_at, created_at, locked_by, locked_until, dead_at)
     VALUES (?, ?, ?, ?, ?, ?, 's', ?, 0, ?, ?, ?)`,
  );
  for (const [id, { kind, lane, urgency, dueBy, runAt, lockedBy, lockedUntil, dead }] of jobs.entries()) {
    const until = lockedBy === null ? null : lockedUntil;
    insert.run(id, `k${id}`, kind, lane, urgency, dueBy, runAt, lockedBy, until, dead ? 1 : null);
  }
}

test('the same jobs in the same order, whatever waits', () => {
  const paused = fc.subarray(['post:slack:C1', 'post:discord:3', 'run:runtype:a', 'wake:3']);
  fc.assert(
    fc.property(fc.array(queued, { maxLength: 40 }), paused, fc.integer({ min: 0, max: 5 }), (all, rest, limit) => {
      fill(db, all);
      const rows = all.map((job, id) => ({ ...job, id })).filter(({ dead }) => !dead);
      const isDue = ({ runAt }: Queued) => runAt <= NOW || runAt > NOW + LONGEST_JOB_WAIT_MS;
      const isBusy = (lane: string, me: string | null) =>
        all.some((job) => {
          if (job.lane !== lane || job.lockedBy === null) return false;
          return me === null || job.lockedUntil >= NOW || job.lockedBy === me;
        });
      const order = (a: (typeof rows)[number], b: (typeof rows)[number]) =>
        a.urgency - b.urgency || a.dueBy - b.dueBy || a.runAt - b.runAt || a.id - b.id;
      const expected = (['draw', 'decide', 'wake'] as const).flatMap((kind) => {
        const lanes = new Set<string>();
        return rows
          .filter((job) => job.kind === kind && isDue(job) && !rest.includes(job.lane) && !isBusy(job.lane, ME))
          .sort(order)
          .filter(({ lane }) => !lanes.has(lane) && lanes.add(lane))
          .slice(0, limit)
          .map(({ id }) => id);
      });
      const waiting = rows.filter(({ lane }) => !rest.includes(lane) && !isBusy(lane, null));
      const next = waiting.length === 0 ? null : Math.min(...waiting.map(({ runAt }) => runAt)) - NOW;

      const jobs = new Jobs(db);
      const lanes = rest.map(parseLane);
      assert.deepEqual(lanes.map(laneText), rest);
      assert.equal(jobs.msUntilNext(NOW, lanes), next);
      const claimed = jobs.claim({ draw: limit, decide: limit, wake: limit }, ME, 60_000, NOW, lanes);
      assert.deepEqual(
        claimed.map(({ id }) => id),
        expected,
      );
    }),
    { numRuns: 300 },
  );
});
