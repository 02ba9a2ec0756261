import type { Database } from 'better-sqlite3';
import type { Approval } from '../../core/approval/approval.ts';
import type { Effect } from '../../core/approval/inputs.ts';
import { LONGEST_JOB_WAIT_MS, queueOf } from '../../core/approval/lanes.ts';
import type { Job, RoomSelector, Settlement } from '../../core/ports/ports.ts';

interface JobRow {
  id: number;
  kind: Effect['type'];
  subject: string;
  slot: string | null;
  attempts: number;
  claims: number;
  locked_by: string;
  lane: string;
  place: string | null;
}

interface Due {
  kind: string;
  now: number;
  worker: string;
  resting: string;
  limit: number;
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
  readonly #unlock;
  readonly #unlockAll;
  readonly #retryDeadLetters;
  readonly #markAttempted;
  readonly #begunAt;
  readonly #next;

  constructor(db: Database) {
    // One row a key. A waiting job that is asked for again keeps its wait, and joins the queue that it belongs to now; a
    // running one keeps its lane, which it blocks, and runs again afterwards; a dead one is tried anew. A look at what
    // falls due by time is moved forward, never back. A message that several share is asked for by each of them, and stays
    // as urgent as the most urgent of those.
    const before = 'CASE WHEN locked_by IS NULL THEN lane WHEN again = 1 THEN next_lane END';
    const stays = `(@shared = 1 AND (${before} = excluded.lane
      OR (substr(${before}, 1, 5) = 'edit:' AND substr(excluded.lane, 1, 6) = 'renew:')))`;
    this.#enqueue = db.prepare(`
      INSERT INTO jobs (job_key, kind, lane, place, urgency, due_by, subject, slot, run_at, created_at)
      VALUES (@key, @kind, @lane, @place, @urgency, @dueBy, @subject, @slot, @runAt, @now)
      ON CONFLICT (job_key) DO UPDATE SET
        again     = CASE WHEN locked_by IS NULL THEN 0 ELSE 1 END,
        lane      = CASE WHEN locked_by IS NOT NULL OR ${stays} THEN lane ELSE excluded.lane END,
        next_lane = CASE WHEN ${stays} THEN ${before} ELSE excluded.lane END,
        urgency  = CASE WHEN ${stays} THEN min(urgency, excluded.urgency) ELSE excluded.urgency END,
        due_by   = CASE WHEN ${stays} THEN min(due_by, excluded.due_by) ELSE excluded.due_by END,
        run_at   = CASE WHEN dead_at IS NOT NULL THEN excluded.run_at
                        WHEN kind = 'wake' THEN min(run_at, excluded.run_at) ELSE run_at END,
        attempts = CASE WHEN dead_at IS NULL THEN attempts ELSE 0 END,
        dead_at  = NULL`);
    // A lease of our own never runs out while we live. A run_at further away than any wait is an earlier process's, from
    // before the wall clock was set back.
    const due = (job: string) =>
      `${job}.dead_at IS NULL AND (${job}.run_at <= @now OR ${job}.run_at > @now + ${LONGEST_JOB_WAIT_MS})`;
    const held = '(locked_by IS NOT NULL AND (locked_until >= @now OR locked_by = @worker))';
    const order = (job: string) => `${job}.urgency, ${job}.due_by, ${job}.run_at, ${job}.id`;
    const resting = '(SELECT value FROM json_each(@resting))';
    this.#due = db.prepare<[Due], { id: number; begun_at: number | null }>(`
      SELECT job.id, job.begun_at FROM jobs AS job
      WHERE job.kind = @kind AND ${due('job')} AND job.lane NOT IN ${resting}
        AND NOT EXISTS (SELECT 1 FROM jobs WHERE lane = job.lane AND ${held})
        AND NOT EXISTS (
          SELECT 1 FROM jobs AS first
          WHERE first.lane = job.lane AND ${due('first')} AND (${order('first')}) < (${order('job')}))
      ORDER BY ${order('job')} LIMIT @limit`);
    this.#lock = db.prepare<[{ worker: string; until: number; now: number; id: number }], JobRow>(`
      UPDATE jobs SET attempts = attempts + 1, claims = claims + 1, again = 0, locked_by = @worker,
        locked_until = @until, begun_at = COALESCE(begun_at, @now)
      WHERE id = @id
      RETURNING id, kind, subject, slot, attempts, claims, locked_by, lane, place`);
    const mine = 'WHERE id = @id AND locked_by = @lockedBy AND claims = @fencingToken';
    const free = 'locked_by = NULL, locked_until = NULL';
    // What was asked for while it was being posted is a change of what stands there now.
    const afterwards = "CASE WHEN lane = 'post:' || place THEN 'edit:' || place ELSE COALESCE(next_lane, lane) END";
    const begun = 'CASE WHEN @notArrived = 1 THEN @mayHaveArrivedSince ELSE begun_at END';
    this.#finish = db.prepare(`DELETE FROM jobs ${mine} AND again = 0`);
    this.#runAgain = db.prepare(`
      UPDATE jobs SET run_at = @now, lane = ${afterwards}, attempts = 0, again = 0, begun_at = NULL, ${free} ${mine}`);
    this.#retry = db.prepare(
      `UPDATE jobs SET run_at = CASE WHEN kind = 'wake' AND again = 1 THEN @now ELSE @runAt END, attempts = attempts - @uncounted, last_error = @error, begun_at = ${begun},
        ${free} ${mine}`,
    );
    // What is parked was not given up lately, or ever.
    this.#die = db.prepare(
      `UPDATE jobs SET dead_at = CASE WHEN @parked = 1 THEN 0 ELSE @now END, last_error = @error, begun_at = ${begun}, ${free} ${mine} AND again = 0`,
    );
    this.#unlock = db.prepare<[string]>('UPDATE jobs SET locked_by = NULL, locked_until = NULL WHERE locked_by = ?');
    this.#unlockAll = db.prepare<[]>(
      'UPDATE jobs SET locked_by = NULL, locked_until = NULL WHERE locked_by IS NOT NULL',
    );
    this.#retryDeadLetters = db.prepare<
      [{ platform: string | null; place: string | null; now: number; limit: number }]
    >(`
      UPDATE jobs SET dead_at = NULL, attempts = 0, run_at = @now
      WHERE id IN (
        SELECT id FROM jobs
        WHERE dead_at IS NOT NULL AND kind = 'draw' AND locked_by IS NULL AND (@place IS NULL OR place = @place)
          AND (@platform IS NULL OR substr(place, 1, length(@platform) + 1) = @platform || ':')
        ORDER BY dead_at, id LIMIT @limit)`);
    this.#markAttempted = db.prepare<[{ key: string; now: number }]>(
      'UPDATE jobs SET begun_at = COALESCE(begun_at, @now) WHERE job_key = @key',
    );
    this.#begunAt = db.prepare<[string], { begun_at: number | null }>('SELECT begun_at FROM jobs WHERE job_key = ?');
    this.#next = db.prepare<[{ resting: string }], { due: number | null }>(`
      SELECT min(run_at) AS due FROM jobs
      WHERE dead_at IS NULL AND lane NOT IN ${resting}
        AND lane NOT IN (SELECT lane FROM jobs WHERE locked_by IS NOT NULL)`);
  }

  /** @param wallNow what the wall clock says at `now` */
  enqueue(effect: Effect, approval: Approval, now: number, wallNow: number): void {
    const { kind, subject, slot = null, waitMs = 0, ...queue } = queueOf(effect, approval, wallNow);
    const key = slot === null ? `${kind}:${subject}` : `${kind}:${subject}:${slot}`;
    const shared = kind === 'draw' && subject !== approval.id ? 1 : 0;
    this.#enqueue.run({ key, kind, subject, slot, shared, ...queue, runAt: now + waitMs, now });
  }

  claim(
    limits: Partial<Record<Job['kind'], number>>,
    worker: string,
    leaseMs: number,
    now: number,
    lanes: readonly string[],
  ): Job[] {
    const resting = JSON.stringify(lanes);
    const due = Object.entries(limits).flatMap(([kind, limit]) =>
      this.#due.all({ kind, now, worker, resting, limit: Math.max(0, limit) }),
    );
    return due.flatMap(({ id, begun_at: mayHaveArrivedSince }) => {
      const row = this.#lock.get({ worker, until: now + leaseMs, now, id });
      return row === undefined ? [] : [toJob(row, mayHaveArrivedSince)];
    });
  }

  /** Fenced: what another worker has claimed since is left alone, and false returned. */
  settle({ id, lockedBy, fencingToken, mayHaveArrivedSince }: Job, settlement: Settlement, now: number): boolean {
    const changes = (result: { changes: number }) => result.changes > 0;
    const mine = { id, lockedBy, fencingToken };
    if (settlement.type === 'done') {
      return changes(this.#finish.run(mine)) || changes(this.#runAgain.run({ ...mine, now }));
    }
    const { error } = settlement;
    const end = { ...mine, error, mayHaveArrivedSince, notArrived: settlement.notArrived ? 1 : 0 };
    return settlement.type === 'retry'
      ? changes(
          this.#retry.run({ ...end, now, runAt: now + settlement.waitMs, uncounted: settlement.uncounted ? 1 : 0 }),
        )
      : changes(this.#die.run({ ...end, now, parked: settlement.parked === true ? 1 : 0 })) ||
          changes(this.#retry.run({ ...end, now, runAt: now, uncounted: 0 }));
  }

  unlock(lockedBy: string | null): void {
    if (lockedBy === null) this.#unlockAll.run();
    else this.#unlock.run(lockedBy);
  }

  retryDeadLetters(rooms: RoomSelector | null, limit: number, now: number): number {
    const place = rooms === null || rooms.room === null ? null : `${rooms.platform}:${rooms.room}`;
    return this.#retryDeadLetters.run({ platform: rooms?.platform ?? null, place, now, limit }).changes;
  }

  markAttempted(approvalId: string, slot: string, now: number): number | null {
    const key = `draw:${approvalId}:${slot}`;
    const begunAt = this.#begunAt.get(key)?.begun_at ?? null;
    this.#markAttempted.run({ key, now });
    return begunAt;
  }

  msUntilNextJob(now: number, lanes: readonly string[]): number | null {
    const due = this.#next.get({ resting: JSON.stringify(lanes) })?.due ?? null;
    return due === null ? null : due - now;
  }
}

function toJob(row: JobRow, mayHaveArrivedSince: number | null): Job {
  const { id, kind, subject, slot, attempts, claims, lane } = row;
  const [platform = '', ...room] = row.place?.split(':') ?? [];
  const place = row.place === null ? null : { platform, room: room.join(':') };
  return {
    id,
    kind,
    subject,
    slot,
    attempts,
    fencingToken: claims,
    lane,
    place,
    mayHaveArrivedSince,
    lockedBy: row.locked_by,
  };
}
