import type { Database } from 'better-sqlite3';
import type { Approval } from '../core/approval.ts';
import { placeKey } from '../core/approval.ts';
import { LONGEST_JOB_WAIT_MS } from '../core/backoff.ts';
import type { Effect } from '../core/inputs.ts';
import type { Job, Settlement } from '../core/ports.ts';

interface JobRow {
  id: number;
  kind: Effect['type'];
  subject: string;
  slot: string | null;
  attempts: number;
  claims: number;
  locked_by: string;
}

/**
 * The statements of the outbox. Every method runs inside a transaction that the caller has opened. `now` is ms by a clock
 * that is set with the wall clock when the process starts, and does not jump with it.
 */
export class Jobs {
  readonly #enqueue;
  readonly #due;
  readonly #lock;
  readonly #finish;
  readonly #runAgain;
  readonly #retry;
  readonly #die;
  readonly #release;
  readonly #releaseAll;
  readonly #next;

  constructor(db: Database) {
    // One row a key. A waiting job that is asked for again keeps its turn, also the wait that a platform asked for; a
    // running one runs again afterwards; a dead one is tried anew.
    this.#enqueue = db.prepare<[string, string, string, string, string | null, number, number]>(`
      INSERT INTO jobs (job_key, kind, lane, subject, slot, run_at, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (job_key) DO UPDATE SET
        again    = CASE WHEN locked_by IS NULL THEN 0 ELSE 1 END,
        run_at   = CASE WHEN dead_at IS NULL THEN run_at ELSE excluded.run_at END,
        attempts = CASE WHEN dead_at IS NULL THEN attempts ELSE 0 END,
        dead_at  = NULL`);
    // A lease of our own never runs out while we live. A run_at further away than any wait is an earlier process's, from
    // before the wall clock was set back.
    const due = (job: string) =>
      `${job}.dead_at IS NULL AND (${job}.run_at <= @now OR ${job}.run_at > @now + ${LONGEST_JOB_WAIT_MS})`;
    const held = '(locked_by IS NOT NULL AND (locked_until >= @now OR locked_by = @worker))';
    this.#due = db.prepare<[{ kind: string; now: number; worker: string; limit: number }], { id: number }>(`
      SELECT job.id FROM jobs AS job
      WHERE job.kind = @kind AND ${due('job')}
        AND NOT EXISTS (SELECT 1 FROM jobs WHERE lane = job.lane AND ${held})
        AND NOT EXISTS (
          SELECT 1 FROM jobs AS first
          WHERE first.lane = job.lane AND ${due('first')} AND (first.run_at, first.id) < (job.run_at, job.id))
      ORDER BY job.run_at, job.id LIMIT @limit`);
    this.#lock = db.prepare<[string, number, number], JobRow>(`
      UPDATE jobs SET attempts = attempts + 1, claims = claims + 1, again = 0, locked_by = ?, locked_until = ? WHERE id = ?
      RETURNING id, kind, subject, slot, attempts, claims, locked_by`);
    const mine = 'WHERE id = ? AND locked_by = ? AND claims = ?';
    this.#finish = db.prepare<[number, string, number]>(`DELETE FROM jobs ${mine} AND again = 0`);
    this.#runAgain = db.prepare<[number, number, string, number]>(
      `UPDATE jobs SET run_at = ?, attempts = 0, again = 0, locked_by = NULL, locked_until = NULL ${mine}`,
    );
    this.#retry = db.prepare<[number, string, number, string, number]>(
      `UPDATE jobs SET run_at = ?, last_error = ?, locked_by = NULL, locked_until = NULL ${mine}`,
    );
    this.#die = db.prepare<[number, string, number, string, number]>(
      `UPDATE jobs SET dead_at = ?, last_error = ?, locked_by = NULL, locked_until = NULL ${mine} AND again = 0`,
    );
    this.#release = db.prepare<[string]>('UPDATE jobs SET locked_by = NULL, locked_until = NULL WHERE locked_by = ?');
    this.#releaseAll = db.prepare<[]>(
      'UPDATE jobs SET locked_by = NULL, locked_until = NULL WHERE locked_by IS NOT NULL',
    );
    this.#next = db.prepare<[], { due: number | null }>(`
      SELECT min(run_at) AS due FROM jobs
      WHERE dead_at IS NULL AND lane NOT IN (SELECT lane FROM jobs WHERE locked_by IS NOT NULL)`);
  }

  /** @param wallNow what the wall clock says at `now` */
  enqueue(effect: Effect, approval: Approval, now: number, wallNow: number): void {
    if (effect.type === 'decide') {
      // One decision of a run at a time: a second resume that races the first leaves its calls unanswered.
      const { backend, runId } = approval.pause;
      const key = `decide:${effect.groupId}`;
      this.#enqueue.run(key, 'decide', `run:${backend}:${runId}`, effect.groupId, null, now, now);
      return;
    }
    if (effect.type === 'wake') {
      // A job further away than the longest wait counts as one from before the clock was set back.
      const at = now + Math.min(Math.max(0, effect.at - wallNow), LONGEST_JOB_WAIT_MS);
      this.#enqueue.run(`wake:${approval.id}`, 'wake', `wake:${approval.id}`, approval.id, null, at, now);
      return;
    }
    const slot = approval.slots[effect.slot];
    if (slot === undefined) throw new Error(`approval ${approval.id} has no slot ${effect.slot}`);
    const lane = `place:${placeKey(slot.place)}`;
    this.#enqueue.run(`draw:${approval.id}:${effect.slot}`, 'draw', lane, approval.id, effect.slot, now, now);
  }

  claim(limits: Partial<Record<Job['kind'], number>>, worker: string, leaseMs: number, now: number): Job[] {
    const due = Object.entries(limits).flatMap(([kind, limit]) =>
      this.#due.all({ kind, now, worker, limit: Math.max(0, limit) }),
    );
    return due.flatMap(({ id }) => {
      const row = this.#lock.get(worker, now + leaseMs, id);
      return row === undefined ? [] : [toJob(row)];
    });
  }

  /** Fenced: what another worker has claimed since is left alone, and false returned. */
  settle({ id, lockedBy, claims }: Job, settlement: Settlement, now: number): boolean {
    const changes = (result: { changes: number }) => result.changes > 0;
    switch (settlement.type) {
      case 'done':
        return (
          changes(this.#finish.run(id, lockedBy, claims)) || changes(this.#runAgain.run(now, id, lockedBy, claims))
        );
      case 'retry':
        return changes(this.#retry.run(now + settlement.waitMs, settlement.error, id, lockedBy, claims));
      case 'dead':
        return (
          changes(this.#die.run(now, settlement.error, id, lockedBy, claims)) ||
          changes(this.#runAgain.run(now, id, lockedBy, claims))
        );
    }
  }

  release(lockedBy: string | null): void {
    if (lockedBy === null) this.#releaseAll.run();
    else this.#release.run(lockedBy);
  }

  dueIn(now: number): number | null {
    const due = this.#next.get()?.due ?? null;
    return due === null ? null : due - now;
  }
}

function toJob(row: JobRow): Job {
  const { id, kind, subject, slot, attempts, claims } = row;
  return { id, kind, subject, slot, attempts, claims, lockedBy: row.locked_by };
}
