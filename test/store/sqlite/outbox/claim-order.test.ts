/** Claims look at the heads of lanes only: the same jobs, in the same order, as if all of them were sorted. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Database } from 'better-sqlite3';
import fc from 'fast-check';
import { LONGEST_JOB_WAIT_MS } from '../../../../src/core/approval/lanes.ts';
import { openDatabase } from '../../../../src/store/sqlite/file/open.ts';
import { Jobs } from '../../../../src/store/sqlite/outbox/jobs.ts';

const NOW = 10_000_000;
const ME = 'me';

interface Queued {
  kind: 'draw' | 'decide' | 'wake';
  lane: string;
  urgency: number;
  dueBy: number;
  runAt: number;
  lockedBy: string | null;
  dead: boolean;
}

const times = fc.constantFrom(NOW - 2, NOW - 1, NOW, NOW + 1, NOW + 500, NOW + LONGEST_JOB_WAIT_MS + 1);
const shared = {
  runAt: times,
  // Most are free: otherwise no lane is left.
  lockedBy: fc.oneof({ weight: 6, arbitrary: fc.constant(null) }, fc.constantFrom(ME, 'other')),
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

interface Rest {
  lane: string;
  until: number;
}

const { db, close } = openDatabase(':memory:');
test.after(close);

function fill(database: Database, jobs: readonly Queued[], rests: readonly Rest[]): void {
  database.exec('DELETE FROM jobs; DELETE FROM lanes');
  const rest = database.prepare('INSERT INTO lanes (lane, free_at, rest_until, failures) VALUES (?, 0, ?, 0)');
  for (const { lane, until } of rests) rest.run(lane, until);
  const insert = database.prepare(
    `INSERT INTO jobs (id, job_key, kind, lane, urgency, due_by, subject, run_at, created_at, locked_by, dead_at)
     VALUES (?, ?, ?, ?, ?, ?, 's', ?, 0, ?, ?)`,
  );
  for (const [id, { kind, lane, urgency, dueBy, runAt, lockedBy, dead }] of jobs.entries()) {
    insert.run(id, `k${id}`, kind, lane, urgency, dueBy, runAt, lockedBy, dead ? 1 : null);
  }
}

test('the same jobs in the same order, whatever waits', () => {
  const rests = fc.uniqueArray(
    fc.record({ lane: fc.constantFrom('post:slack:C1', 'edit:slack:C1', 'post:discord:3'), until: times }),
    { selector: ({ lane }) => lane },
  );
  fc.assert(
    fc.property(fc.array(queued, { maxLength: 40 }), rests, fc.integer({ min: 0, max: 5 }), (all, rest, limit) => {
      fill(db, all, rest);
      const rows = all.map((job, id) => ({ ...job, id })).filter(({ dead }) => !dead);
      const isDue = ({ runAt }: Queued) => runAt <= NOW || runAt > NOW + LONGEST_JOB_WAIT_MS;
      const isBusy = (lane: string) => all.some((job) => job.lane === lane && job.lockedBy !== null);
      const restOf = (lane: string) => rest.find((one) => one.lane === lane)?.until ?? 0;
      const rests = (lane: string) => restOf(lane) > NOW && restOf(lane) <= NOW + LONGEST_JOB_WAIT_MS;
      const order = (a: (typeof rows)[number], b: (typeof rows)[number]) =>
        a.urgency - b.urgency || a.dueBy - b.dueBy || a.runAt - b.runAt || a.id - b.id;
      const expected = (['draw', 'decide', 'wake'] as const).flatMap((kind) => {
        const lanes = new Set<string>();
        return rows
          .filter((job) => job.kind === kind && isDue(job) && !rests(job.lane) && !isBusy(job.lane))
          .sort(order)
          .filter(({ lane }) => !lanes.has(lane) && lanes.add(lane))
          .slice(0, limit)
          .map(({ id }) => id);
      });
      const waiting = rows.filter(({ lane }) => !isBusy(lane));
      const starts = waiting.map(({ runAt, lane }) => Math.max(runAt, restOf(lane)));
      const next = waiting.length === 0 ? null : Math.min(...starts) - NOW;

      const jobs = new Jobs(db);
      assert.equal(jobs.msUntilNext(NOW), next);
      const claimed = jobs.claim({ limits: { draw: limit, decide: limit, wake: limit }, lockedBy: ME }, NOW);
      assert.deepEqual(
        claimed.map(({ id }) => id),
        expected,
      );
    }),
    { numRuns: 300 },
  );
});
