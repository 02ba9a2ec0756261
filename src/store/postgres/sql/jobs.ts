/**
 * Statements of the outbox: one row per `job_key`. `claims` is the fencing token: it rises with every claim, and a worker that
 * lost its lock matches no row.
 *
 * Two traps. One statement with two branches (`NOT again`, `again`) loses a request that arrives in between: each branch is a
 * statement. And `SKIP LOCKED` looks again at the conditions of the locked row only, never at those of a subquery: whatever
 * must hold of the row is a condition on the row that is locked.
 * Tested in test/store/postgres/index.test.ts.
 */

const columns = 'job_key, kind, lane, place, urgency, due_by, subject, slot, run_at, created_at';
const arrays = `
  unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::bigint[], $7::text[], $8::text[], $9::bigint[],
    $10::bigint[])`;

/**
 * Adds jobs, or asks existing ones of these keys to run again; each key once.
 * - A waiting job keeps its attempts, and moves to the lane that it belongs to now. One that was tried keeps its `run_at`;
 *   any other runs at the earlier of the two times.
 * - A running job keeps its lane, which it blocks, and runs again afterwards, in `next_lane`.
 * - A dead letter starts anew.
 * - A timer (`wake`) is moved forward, never back.
 */
export const enqueueJobs = `
  INSERT INTO jobs (${columns}) SELECT * FROM ${arrays}
  ON CONFLICT (job_key) DO UPDATE SET
    again     = jobs.locked_by IS NOT NULL,
    lane      = CASE WHEN jobs.locked_by IS NULL THEN excluded.lane ELSE jobs.lane END,
    next_lane = excluded.lane,
    urgency   = excluded.urgency,
    due_by    = excluded.due_by,
    run_at    = CASE WHEN jobs.dead_at IS NOT NULL THEN excluded.run_at
                     WHEN jobs.kind = 'wake' OR jobs.attempts = 0 THEN least(jobs.run_at, excluded.run_at)
                     ELSE jobs.run_at END,
    attempts  = CASE WHEN jobs.dead_at IS NULL THEN jobs.attempts ELSE 0 END,
    dead_at   = NULL`;

/** In which lane the job waits to run next; null when it runs and was not asked to run again. */
const waitsIn = 'CASE WHEN jobs.locked_by IS NULL THEN jobs.lane WHEN jobs.again THEN jobs.next_lane END';
/** It waits there already, or in the lane for edits, which is served before the one for renewals. */
const waitsAlready = `coalesce(${waitsIn} = excluded.lane
  OR (starts_with(${waitsIn}, 'edit:') AND starts_with(excluded.lane, 'renew:')), false)`;

/**
 * The same for the jobs of digests. Every member of a digest asks for its job, so one that waits already keeps its lane, and
 * stays as urgent as its most urgent member.
 */
export const enqueueDigestJobs = `
  INSERT INTO jobs (${columns}) SELECT * FROM ${arrays}
  ON CONFLICT (job_key) DO UPDATE SET
    again     = jobs.locked_by IS NOT NULL,
    lane      = CASE WHEN jobs.locked_by IS NULL AND NOT ${waitsAlready} THEN excluded.lane ELSE jobs.lane END,
    next_lane = CASE WHEN NOT ${waitsAlready} THEN excluded.lane
                     WHEN jobs.locked_by IS NULL THEN jobs.lane
                     ELSE jobs.next_lane END,
    urgency   = CASE WHEN ${waitsAlready} THEN least(jobs.urgency, excluded.urgency) ELSE excluded.urgency END,
    due_by    = CASE WHEN ${waitsAlready} THEN least(jobs.due_by, excluded.due_by) ELSE excluded.due_by END,
    run_at    = CASE WHEN jobs.dead_at IS NOT NULL THEN excluded.run_at
                     WHEN ${waitsAlready} THEN jobs.run_at
                     WHEN jobs.attempts = 0 THEN least(jobs.run_at, excluded.run_at)
                     ELSE jobs.run_at END,
    attempts  = CASE WHEN jobs.dead_at IS NULL THEN jobs.attempts ELSE 0 END,
    dead_at   = NULL`;

/** Any number of ours: the claims of all replicas come one after the other. */
export const lockClaims = 'SELECT pg_advisory_xact_lock(7301116)';

const due = '(run_at <= $1::bigint OR run_at > $1::bigint + $2::bigint)';
/**
 * What the row that is locked must still be. Its lane alone can have changed since the statement began: a request moves a job
 * that waits. Nothing else can: only a claim locks a job, and claims come one after the other (`lockClaims`); only a job that
 * is locked becomes a dead letter or waits for longer, and a request makes no job wait longer than it did.
 */
const isThere = 'job.lane = head.lane';
/** Counts the attempt when it begins, so a job that ends the process can't repeat for ever. */
const lock = `
  UPDATE jobs SET
    attempts = attempts + 1,
    claims = claims + 1,
    again = false,
    locked_by = $4,
    begun_at = coalesce(jobs.begun_at, $1::bigint)
  FROM picked
  WHERE jobs.id = picked.id
  RETURNING jobs.id, kind, subject, slot, attempts, claims, locked_by, jobs.lane, place, urgency, due_by, run_at,
    picked.begun_at AS earlier,
    (SELECT hash FROM sent_content WHERE sent_content.job_key = jobs.job_key) AS last_sent`;

/**
 * Locks the next draw of each lane that is free and does not rest, the most urgent first. A room can have a long queue, and there are few rooms: `queues`
 * skips from lane to lane in `jobs_by_lane`, and the search in each ends at its first due job. A `run_at` further away than the
 * longest wait was written before the clock of the database was set back, so that job is due.
 */
export const claimDraws = `
  WITH RECURSIVE queues (lane) AS (
    (SELECT lane FROM jobs WHERE kind = 'draw' AND dead_at IS NULL ORDER BY lane LIMIT 1)
    UNION ALL
    SELECT (SELECT lane FROM jobs WHERE kind = 'draw' AND dead_at IS NULL AND lane > queues.lane ORDER BY lane LIMIT 1)
    FROM queues WHERE lane IS NOT NULL
  ),
  heads AS MATERIALIZED (
    SELECT first.id, first.lane, first.urgency, first.due_by, first.run_at
    FROM queues CROSS JOIN LATERAL (
      SELECT id, lane, urgency, due_by, run_at FROM jobs
      WHERE kind = 'draw' AND jobs.lane = queues.lane AND dead_at IS NULL AND ${due}
      ORDER BY urgency, due_by, run_at, id LIMIT 1) AS first
    WHERE queues.lane IS NOT NULL
      AND NOT EXISTS (SELECT FROM jobs AS busy WHERE busy.lane = queues.lane AND busy.locked_by IS NOT NULL)
      AND NOT EXISTS (
        SELECT FROM lanes WHERE lanes.lane = queues.lane
          AND lanes.rest_until > $1::bigint AND lanes.rest_until <= $1::bigint + $2::bigint)
    ORDER BY first.urgency, first.due_by, first.run_at, first.id
    LIMIT $3
  ),
  picked AS MATERIALIZED (
    SELECT job.id, job.begun_at FROM heads AS head JOIN jobs AS job ON job.id = head.id
    WHERE ${isThere}
    FOR UPDATE OF job SKIP LOCKED
  ),
  locked AS (${lock}),
  closed AS MATERIALIZED (
    SELECT locked.id, room.place, room.words,
      row_number() OVER (PARTITION BY room.place ORDER BY urgency, due_by, run_at, locked.id) AS turn
    FROM locked CROSS JOIN LATERAL (
      SELECT place, words FROM rooms WHERE rooms.place IN (split_part(locked.place, ':', 1), locked.place)
      ORDER BY length(place) LIMIT 1) AS room
  ),
  passed AS (
    UPDATE rooms SET pass = false WHERE pass AND place IN (SELECT place FROM closed) RETURNING place
  )
  SELECT locked.*, lanes.failures, closed.words AS room_closed,
    coalesce(closed.turn = 1 AND EXISTS (SELECT FROM passed WHERE passed.place = closed.place), false) AS is_probe
  FROM locked LEFT JOIN lanes ON lanes.lane = locked.lane LEFT JOIN closed ON closed.id = locked.id`;

/**
 * Locks due jobs of another kind, at most one per lane, the one that has waited longest first. They have a lane for each run or
 * approval, and no urgency: `jobs_by_time` is read in order, and the search ends at the limit. The decisions of a lane that
 * another living replica holds are left to it for a while: its application listens there.
 */
export const claimOthers = `
  WITH heads AS MATERIALIZED (
    SELECT id, lane FROM jobs AS next
    WHERE kind = $5 AND kind <> 'draw' AND dead_at IS NULL AND ${due}
      AND NOT EXISTS (SELECT FROM jobs AS busy WHERE busy.lane = next.lane AND busy.locked_by IS NOT NULL)
      AND NOT EXISTS (
        SELECT FROM jobs AS first
        WHERE first.kind = $5 AND first.lane = next.lane AND first.dead_at IS NULL
          AND (first.run_at <= $1::bigint OR first.run_at > $1::bigint + $2::bigint)
          AND (first.run_at, first.id) < (next.run_at, next.id))
      AND NOT EXISTS (
        SELECT FROM holds JOIN replicas ON replicas.id = holds.replica
        WHERE holds.lane = next.lane AND holds.replica <> $4 AND next.run_at > $1::bigint - $7::bigint
          AND replicas.state = 'working' AND replicas.beat_at > now_ms() - $6::bigint)
    ORDER BY run_at, id
    LIMIT $3
  ),
  picked AS MATERIALIZED (
    SELECT job.id, job.begun_at FROM heads AS head JOIN jobs AS job ON job.id = head.id
    WHERE ${isThere}
    FOR UPDATE OF job SKIP LOCKED
  )
  ${lock}`;

/** What the message of an ended job shows now: $4, or not known ($5). */
const noteSent = `
  noted AS (
    INSERT INTO sent_content (job_key, hash) SELECT job_key, $4::text FROM ended WHERE $4::text IS NOT NULL
    ON CONFLICT (job_key) DO UPDATE SET hash = excluded.hash),
  forgotten AS (
    DELETE FROM sent_content WHERE $5::boolean AND job_key IN (SELECT job_key FROM ended))
  SELECT job_key FROM ended`;
const fenced = 'id = $1 AND locked_by = $2 AND claims = $3';

export const finishJob = `
  WITH ended AS (DELETE FROM jobs WHERE ${fenced} AND NOT again RETURNING job_key), ${noteSent}`;

/** Done, and asked for again meanwhile: what was posted is edited from now on. */
export const rerunJob = `
  WITH ended AS (
    UPDATE jobs SET
      run_at = $6,
      lane = CASE WHEN lane = 'post:' || place THEN 'edit:' || place ELSE coalesce(next_lane, lane) END,
      attempts = 0,
      again = false,
      begun_at = NULL,
      locked_by = NULL
    WHERE ${fenced}
    RETURNING job_key), ${noteSent}`;

/** A timer that was asked for again runs at once: its new time may be earlier than the retry. */
export const retryJob = `
  WITH ended AS (
    UPDATE jobs SET
      run_at = CASE WHEN kind = 'wake' AND again THEN $6::bigint ELSE $7::bigint END,
      attempts = attempts - $8::integer,
      last_error = $9,
      begun_at = CASE WHEN $10::boolean THEN $11::bigint ELSE begun_at END,
      locked_by = NULL
    WHERE ${fenced}
    RETURNING job_key), ${noteSent}`;

/** Makes a dead letter, unless the job was asked for again. A parked one gets the time 0, so no statistic counts it. */
export const failJob = `
  WITH ended AS (
    UPDATE jobs SET
      dead_at = $6,
      last_error = $7,
      begun_at = CASE WHEN $8::boolean THEN $9::bigint ELSE begun_at END,
      locked_by = NULL
    WHERE ${fenced} AND NOT again
    RETURNING job_key), ${noteSent}`;

/** Index `jobs_locked_by`. */
export const releaseJobs = 'UPDATE jobs SET locked_by = NULL WHERE locked_by = $1';

/** Those that were claimed, although no one got the answer. */
export const releaseUnknown = 'UPDATE jobs SET locked_by = NULL WHERE locked_by = $1 AND id <> ALL($2::bigint[])';

/** Index `jobs_dead`, which gives those first that have been dead the longest. */
export const retryDeadLetters = `
  UPDATE jobs SET dead_at = NULL, attempts = 0, run_at = $1
  WHERE dead_at IS NOT NULL AND locked_by IS NULL AND id IN (
    SELECT id FROM jobs
    WHERE dead_at IS NOT NULL AND kind = 'draw' AND locked_by IS NULL
      AND ($2::text IS NULL OR place = $2)
      AND ($3::text IS NULL OR starts_with(place, $3 || ':'))
    ORDER BY dead_at, id
    LIMIT $4)
  RETURNING id`;

/** The moment before: of the job that makes the card of another. */
export const markAttempted = `
  WITH earlier AS (SELECT id, begun_at FROM jobs WHERE job_key = $1 FOR UPDATE)
  UPDATE jobs SET begun_at = coalesce(jobs.begun_at, $2) FROM earlier WHERE jobs.id = earlier.id
  RETURNING earlier.begun_at`;

/**
 * When the next draw in a free lane may run, which is after the rest of its lane. The lanes as in `claimDraws`; `jobs_by_lane_time` has the earliest time of each.
 */
export const findNextDrawAt = `
  WITH RECURSIVE queues (lane) AS (
    (SELECT lane FROM jobs WHERE kind = 'draw' AND dead_at IS NULL ORDER BY lane LIMIT 1)
    UNION ALL
    SELECT (SELECT lane FROM jobs WHERE kind = 'draw' AND dead_at IS NULL AND lane > queues.lane ORDER BY lane LIMIT 1)
    FROM queues WHERE lane IS NOT NULL
  )
  SELECT min(greatest(
    (SELECT min(run_at) FROM jobs WHERE kind = 'draw' AND jobs.lane = queues.lane AND dead_at IS NULL),
    (SELECT rest_until FROM lanes WHERE lanes.lane = queues.lane))) AS at
  FROM queues
  WHERE lane IS NOT NULL
    AND NOT EXISTS (SELECT FROM jobs AS busy WHERE busy.lane = queues.lane AND busy.locked_by IS NOT NULL)`;

/** When the next job of another kind may run. `jobs_by_time` in order: the search ends at the first free lane. */
export const findNextJobAt = `
  SELECT run_at AS at FROM jobs AS job
  WHERE kind = $1 AND kind <> 'draw' AND dead_at IS NULL
    AND NOT EXISTS (SELECT FROM jobs AS busy WHERE busy.lane = job.lane AND busy.locked_by IS NOT NULL)
  ORDER BY run_at, id
  LIMIT 1`;
