/**
 * Statements of the outbox: one row per `job_key`. `claims` is the fencing token: it rises with every claim, and a worker
 * whose job was released and claimed again matches no row. A lock lasts as long as its process. Plans: test/store/sqlite/query-plans.test.ts.
 *
 * `LIMIT @limit + 0` and `kind = +@kind`: SQLite plans by the value of a bare parameter in a limit, in a column of a partial
 * index, or compared with a column where rows are sorted or joined, and so would compile the statement anew at each run. That
 * takes longer than the search.
 */

/**
 * Adds a job, or asks an existing one of this key to run again.
 * - A waiting job keeps its attempts, and moves to the lane that it belongs to now. One that was tried keeps its `run_at`;
 *   any other runs at the earlier of the two times.
 * - A running job keeps its lane, which it blocks, and runs again afterwards, in `next_lane`.
 * - A dead letter starts anew.
 * - A timer (`wake`) is moved forward, never back.
 */
export const enqueueJob = `
  INSERT INTO jobs (job_key, kind, lane, place, urgency, due_by, subject, slot, run_at, created_at)
  VALUES (@key, @kind, @lane, @place, @urgency, @dueBy, @subject, @slot, @runAt, @now)
  ON CONFLICT (job_key) DO UPDATE SET
    again     = locked_by IS NOT NULL,
    lane      = CASE WHEN locked_by IS NULL THEN excluded.lane ELSE lane END,
    next_lane = excluded.lane,
    urgency   = excluded.urgency,
    due_by    = excluded.due_by,
    run_at    = CASE WHEN dead_at IS NOT NULL THEN excluded.run_at
                     WHEN kind = 'wake' OR attempts = 0 THEN min(run_at, excluded.run_at)
                     ELSE run_at END,
    attempts  = CASE WHEN dead_at IS NULL THEN attempts ELSE 0 END,
    dead_at   = NULL`;

/** The lane in which a job waits to run next; null when it runs and was not asked to run again. */
export const findNextLane = `
  SELECT CASE WHEN locked_by IS NULL THEN lane WHEN again = 1 THEN next_lane END AS lane
  FROM jobs WHERE job_key = ?`;

/**
 * Asks a digest's job to run again in the lane in which it waits already. Every member of the digest asks for this job,
 * so it stays as urgent as its most urgent member.
 */
export const enqueueInSameLane = `
  UPDATE jobs SET
    again     = locked_by IS NOT NULL,
    next_lane = CASE WHEN locked_by IS NULL THEN lane ELSE next_lane END,
    urgency   = min(urgency, @urgency),
    due_by    = min(due_by, @dueBy),
    run_at    = CASE WHEN dead_at IS NULL THEN run_at ELSE @runAt END,
    attempts  = CASE WHEN dead_at IS NULL THEN attempts ELSE 0 END,
    dead_at   = NULL
  WHERE job_key = @key`;

/**
 * The next draw of each lane that is free and does not rest, the most urgent first. A room can have a long queue, and there
 * are few rooms: `queues` skips from lane to lane in `jobs_by_lane`, and the search in each ends at its first due job.
 *
 * A `run_at` or a rest further away than the longest wait was written before the wall clock was set back, so that job is due.
 */
export const findDueDraws = `
  WITH RECURSIVE queues (lane) AS (
    SELECT min(lane) FROM jobs WHERE kind = 'draw' AND dead_at IS NULL
    UNION ALL
    SELECT (SELECT min(lane) FROM jobs WHERE kind = 'draw' AND dead_at IS NULL AND lane > queues.lane)
    FROM queues WHERE lane IS NOT NULL
  ),
  heads (id) AS (
    SELECT (
      SELECT id FROM jobs
      WHERE kind = 'draw' AND lane = queues.lane AND dead_at IS NULL
        AND (run_at <= @now OR run_at > @now + @longestWaitMs)
      ORDER BY urgency, due_by, run_at, id LIMIT 1)
    FROM queues
    WHERE lane IS NOT NULL
      AND NOT EXISTS (SELECT 1 FROM jobs AS busy WHERE busy.lane = queues.lane AND busy.locked_by IS NOT NULL)
      AND NOT EXISTS (
        SELECT 1 FROM lanes AS resting
        WHERE resting.lane = queues.lane
          AND resting.rest_until > @now AND resting.rest_until <= @now + @longestWaitMs)
  )
  SELECT job.id, job.begun_at FROM heads JOIN jobs AS job USING (id)
  ORDER BY job.urgency, job.due_by, job.run_at, job.id
  LIMIT @limit + 0`;

/**
 * Due jobs of another kind, at most one per lane, the one that has waited longest first. They have a lane for each run or
 * approval, and no urgency: `jobs_by_time` is read in order, and the search ends at the limit. The second half finds what
 * is due because the wall clock was set back.
 */
export const findDueJobs = `
  SELECT id, begun_at FROM (
    SELECT * FROM (
      SELECT id, run_at, begun_at FROM jobs AS job
      WHERE kind = +@kind AND kind <> 'draw' AND dead_at IS NULL AND run_at <= @now
        AND NOT EXISTS (SELECT 1 FROM jobs AS busy WHERE busy.lane = job.lane AND busy.locked_by IS NOT NULL)
        AND NOT EXISTS (
          SELECT 1 FROM jobs AS first
          WHERE first.kind = +@kind AND first.lane = job.lane AND first.dead_at IS NULL
            AND (first.run_at <= @now OR first.run_at > @now + @longestWaitMs)
            AND (first.run_at, first.id) < (job.run_at, job.id))
      ORDER BY run_at, id LIMIT @limit + 0)
    UNION ALL
    SELECT * FROM (
      SELECT id, run_at, begun_at FROM jobs AS job
      WHERE kind = +@kind AND kind <> 'draw' AND dead_at IS NULL AND run_at > @now + @longestWaitMs
        AND NOT EXISTS (SELECT 1 FROM jobs AS busy WHERE busy.lane = job.lane AND busy.locked_by IS NOT NULL)
        AND NOT EXISTS (
          SELECT 1 FROM jobs AS first
          WHERE first.kind = +@kind AND first.lane = job.lane AND first.dead_at IS NULL
            AND (first.run_at <= @now OR first.run_at > @now + @longestWaitMs)
            AND (first.run_at, first.id) < (job.run_at, job.id))
      ORDER BY run_at, id LIMIT @limit + 0))
  ORDER BY run_at, id
  LIMIT @limit + 0`;

/** Counts the attempt when it begins, so a job that ends the process can't repeat for ever. */
export const lockJob = `
  UPDATE jobs SET
    attempts = attempts + 1,
    claims = claims + 1,
    again = 0,
    locked_by = @worker,
    begun_at = COALESCE(begun_at, @now)
  WHERE id = @id
  RETURNING id, kind, subject, slot, attempts, claims, locked_by, lane, place,
    (SELECT hash FROM sent_content WHERE sent_content.job_key = jobs.job_key) AS last_sent,
    (SELECT failures FROM lanes WHERE lanes.lane = jobs.lane) AS lane_failures,
    (SELECT words FROM rooms WHERE rooms.place = substr(jobs.place, 1, instr(jobs.place, ':') - 1)) AS platform_closed,
    (SELECT words FROM rooms WHERE rooms.place = jobs.place) AS room_closed`;

export const saveSentContent = 'INSERT OR REPLACE INTO sent_content (job_key, hash) VALUES (?, ?)';

export const deleteSentContent = 'DELETE FROM sent_content WHERE job_key = ?';

export const deleteAllSentContent = 'DELETE FROM sent_content';

export const completeJob = `
  DELETE FROM jobs
  WHERE id = @id AND locked_by = @lockedBy AND claims = @fencingToken AND again = 0`;

/** Done, and asked for again meanwhile: what was posted is edited from now on. */
export const rerunJob = `
  UPDATE jobs SET
    run_at = @now,
    lane = CASE WHEN lane = 'post:' || place THEN 'edit:' || place ELSE COALESCE(next_lane, lane) END,
    attempts = 0,
    again = 0,
    begun_at = NULL,
    locked_by = NULL
  WHERE id = @id AND locked_by = @lockedBy AND claims = @fencingToken`;

/** A timer that was asked for again runs at once: its new time may be earlier than the retry. */
export const retryJob = `
  UPDATE jobs SET
    run_at = CASE WHEN kind = 'wake' AND again = 1 THEN @now ELSE @runAt END,
    attempts = attempts - @uncounted,
    last_error = @error,
    begun_at = CASE WHEN @notArrived = 1 THEN @mayHaveArrivedSince ELSE begun_at END,
    locked_by = NULL
  WHERE id = @id AND locked_by = @lockedBy AND claims = @fencingToken`;

/** Makes a dead letter, unless the job was asked for again. A parked one gets the time 0, so no statistic counts it. */
export const failJob = `
  UPDATE jobs SET
    dead_at = CASE WHEN @parked = 1 THEN 0 ELSE @now END,
    last_error = @error,
    begun_at = CASE WHEN @notArrived = 1 THEN @mayHaveArrivedSince ELSE begun_at END,
    locked_by = NULL
  WHERE id = @id AND locked_by = @lockedBy AND claims = @fencingToken AND again = 0`;

/** Index `jobs_locked`, which holds locked jobs only. */
export const releaseJobs = 'UPDATE jobs SET locked_by = NULL WHERE locked_by = ?';

/** Index `jobs_dead`, which gives those first that have been dead the longest. */
export const retryDeadLetters = `
  UPDATE jobs SET dead_at = NULL, attempts = 0, run_at = @now
  WHERE id IN (
    SELECT id FROM jobs
    WHERE dead_at IS NOT NULL AND kind = 'draw' AND locked_by IS NULL
      AND (@place IS NULL OR place = @place)
      AND (@platform IS NULL OR substr(place, 1, length(@platform) + 1) = @platform || ':')
    ORDER BY dead_at, id
    LIMIT @limit + 0)`;

const deadLetter = `
  SELECT id, kind, subject, slot, place, attempts, claims, last_error AS error, dead_at AS deadAt,
    begun_at AS mayHaveArrivedSince
  FROM jobs`;

/** Index `jobs_dead_by_time`, backwards from a key. */
export const deadLettersBefore = `${deadLetter}
  WHERE dead_at IS NOT NULL AND (dead_at, id) < (@deadAt, @id)
  ORDER BY dead_at DESC, id DESC
  LIMIT @limit + 0`;

export const findDeadLetter = `${deadLetter} WHERE id = ? AND dead_at IS NOT NULL`;

/** `claims`: another one may have retried it, and it may have failed again, since a person saw it. */
export const reviveDeadLetter = `
  UPDATE jobs SET dead_at = NULL, attempts = 0, run_at = @now
  WHERE id = @id AND claims = @claims AND dead_at IS NOT NULL AND locked_by IS NULL`;

export const markAttempted = 'UPDATE jobs SET begun_at = COALESCE(begun_at, @now) WHERE job_key = @key';

export const findAttempted = 'SELECT begun_at FROM jobs WHERE job_key = ?';

/**
 * When the next draw in a free lane may run, which is after the rest of its lane. The lanes as in `findDueDraws`;
 * `jobs_by_lane_time` has the earliest time of each.
 */
export const findNextDrawAt = `
  WITH RECURSIVE queues (lane) AS (
    SELECT min(lane) FROM jobs WHERE kind = 'draw' AND dead_at IS NULL
    UNION ALL
    SELECT (SELECT min(lane) FROM jobs WHERE kind = 'draw' AND dead_at IS NULL AND lane > queues.lane)
    FROM queues WHERE lane IS NOT NULL
  )
  SELECT min(max(
    (SELECT min(run_at) FROM jobs WHERE kind = 'draw' AND lane = queues.lane AND dead_at IS NULL),
    ifnull((SELECT rest_until FROM lanes AS resting WHERE resting.lane = queues.lane), 0))) AS run_at
  FROM queues
  WHERE lane IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM jobs AS busy WHERE busy.lane = queues.lane AND busy.locked_by IS NOT NULL)`;

/** When the next job of another kind may run. `jobs_by_time` in order: the search ends at the first free lane. */
export const findNextJobAt = `
  SELECT run_at FROM jobs AS job
  WHERE kind = +@kind AND kind <> 'draw' AND dead_at IS NULL
    AND NOT EXISTS (SELECT 1 FROM jobs AS busy WHERE busy.lane = job.lane AND busy.locked_by IS NOT NULL)
  ORDER BY run_at, id
  LIMIT 1`;
