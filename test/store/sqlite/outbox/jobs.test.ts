/** How adding a job changes the job of the same key; what every store does with jobs is in test/contract/store/outbox/outbox.ts. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Approval } from '../../../../src/core/approval/approval.ts';
import type { Input } from '../../../../src/core/approval/inputs.ts';
import { step } from '../../../../src/core/approval/steps/step.ts';
import { openDatabase } from '../../../../src/store/sqlite/file/open.ts';
import { Jobs } from '../../../../src/store/sqlite/outbox/jobs.ts';
import { announced, pauseOf, pressed, slackRoom } from '../../../support/data/pauses.ts';

const NOW = 1_000;
const slot = 'card@slack:C0ROOM';
const receipt = { ...slackRoom, message: '7' };
const digest = { id: 'digest1', at: NOW, runId: null };

function approvalOf(id: string, inputs: readonly Input[], deadline: number | null = null): Approval {
  const first = announced({ id, places: [slackRoom], pause: pauseOf({ key: id, groupId: id, deadline }) });
  const state = [first, ...inputs].reduce<Approval | null>((before, input) => step(before, input, NOW).state, null);
  assert.ok(state);
  return state;
}

/** A line of the digest, whose message is posted or not. */
const member = (id: string, posted: boolean, more: readonly Input[] = [], deadline: number | null = null) =>
  approvalOf(
    id,
    [{ type: 'gathered', slot, digest, receipt: posted ? receipt : null, deletions: 0 }, ...more],
    deadline,
  );

interface Row {
  lane: string;
  next_lane: string | null;
  urgency: number;
  due_by: number;
  run_at: number;
  attempts: number;
  again: number;
}

function withJobs(run: (jobs: Jobs, rows: () => Row[]) => void): void {
  const { db, close } = openDatabase(':memory:');
  const all = db.prepare<[], Row>('SELECT lane, next_lane, urgency, due_by, run_at, attempts, again FROM jobs');
  try {
    run(new Jobs(db), () => all.all());
  } finally {
    close();
  }
}

const draw = (jobs: Jobs, approval: Approval, now = NOW) => jobs.enqueue({ type: 'draw', slot }, approval, now, now);

describe('the job of a card', () => {
  test('moves to the lane that it belongs to now, and keeps its run_at', () =>
    withJobs((jobs, rows) => {
      draw(jobs, approvalOf('ap1', []));
      assert.deepEqual([rows()[0]?.lane, rows()[0]?.urgency], ['post:slack:C0ROOM', 1]);
      draw(jobs, approvalOf('ap1', [{ type: 'posted', slot, receipt }, pressed()]), NOW + 50);
      assert.deepEqual(
        rows().map(({ lane, urgency, run_at }) => [lane, urgency, run_at]),
        [['edit:slack:C0ROOM', 0, NOW]],
      );
    }));

  test('that is running keeps its lane, and runs again in the new one', () =>
    withJobs((jobs, rows) => {
      draw(jobs, approvalOf('ap1', [{ type: 'posted', slot, receipt }]));
      const [job] = jobs.claim({ limits: { draw: 1 }, lockedBy: 'w' }, NOW);
      assert.ok(job);
      draw(jobs, approvalOf('ap1', [{ type: 'posted', slot, receipt }, pressed()]));
      assert.deepEqual(
        rows().map(({ lane, next_lane, again }) => [lane, next_lane, again]),
        [['renew:slack:C0ROOM', 'edit:slack:C0ROOM', 1]],
      );
      assert.ok(jobs.settle(job, { type: 'done' }, NOW));
      assert.equal(rows()[0]?.lane, 'edit:slack:C0ROOM');
    }));

  test('that is asked for while it posts is an edit afterwards', () =>
    withJobs((jobs, rows) => {
      draw(jobs, approvalOf('ap1', []));
      const [job] = jobs.claim({ limits: { draw: 1 }, lockedBy: 'w' }, NOW);
      assert.ok(job);
      draw(jobs, approvalOf('ap1', []));
      jobs.settle(job, { type: 'done' }, NOW);
      assert.deepEqual(
        rows().map(({ lane, attempts }) => [lane, attempts]),
        [['edit:slack:C0ROOM', 0]],
      );
    }));
});

describe('the job of a digest', () => {
  test('is one for all members, before single cards, and as urgent as the most urgent of them', () =>
    withJobs((jobs, rows) => {
      draw(jobs, member('ap1', false, [], NOW + 5_000));
      draw(jobs, member('ap2', false, [], NOW + 9_000));
      assert.deepEqual(
        rows().map(({ lane, urgency, due_by }) => [lane, urgency, due_by]),
        [['post:slack:C0ROOM', 0, NOW + 5_000]],
      );
    }));

  test('that waits for an edit of a pressed line stays there when another line asks for a lesser edit', () =>
    withJobs((jobs, rows) => {
      draw(jobs, member('ap1', true, [pressed()]));
      draw(jobs, member('ap2', true));
      assert.deepEqual(
        rows().map(({ lane, urgency }) => [lane, urgency]),
        [['edit:slack:C0ROOM', 0]],
      );
    }));

  test('that waits for a lesser edit moves to the lane of a pressed line', () =>
    withJobs((jobs, rows) => {
      draw(jobs, member('ap1', true));
      assert.equal(rows()[0]?.lane, 'renew:slack:C0ROOM');
      draw(jobs, member('ap2', true, [pressed()]));
      assert.deepEqual(
        rows().map(({ lane, urgency }) => [lane, urgency]),
        [['edit:slack:C0ROOM', 0]],
      );
    }));

  test('that runs is asked for again once, in the most urgent lane', () =>
    withJobs((jobs, rows) => {
      draw(jobs, member('ap1', true));
      assert.equal(jobs.claim({ limits: { draw: 1 }, lockedBy: 'w' }, NOW).length, 1);
      draw(jobs, member('ap1', true, [pressed()]));
      draw(jobs, member('ap2', true));
      assert.deepEqual(
        rows().map(({ lane, next_lane, urgency, again }) => [lane, next_lane, urgency, again]),
        [['renew:slack:C0ROOM', 'edit:slack:C0ROOM', 0, 1]],
      );
    }));
});

describe('a timer', () => {
  test('is moved forward, never back', () =>
    withJobs((jobs, rows) => {
      const approval = approvalOf('ap1', []);
      for (const at of [NOW + 500, NOW + 900, NOW + 200]) jobs.enqueue({ type: 'wake', at }, approval, NOW, NOW);
      assert.deepEqual(
        rows().map(({ run_at }) => run_at),
        [NOW + 200],
      );
    }));
});
