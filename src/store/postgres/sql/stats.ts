/** Counts for health and metrics. Each reads a partial index only, so its cost does not grow with the history. */

/** Index `approvals_unfinished`; its condition includes every phase but `settled`. */
export const countApprovals = `
  SELECT backend, phase, count(*) AS count FROM approvals
  WHERE phase <> 'settled'
  GROUP BY backend, phase
  ORDER BY backend, phase`;

/** Index `approvals_waiting`, which has all that is read. */
export const countWaiting = `
  SELECT backend, rule, count(*) AS count, min(created_at) AS since, sum(missing)::bigint AS missing FROM approvals
  WHERE phase = 'open' AND rule IS NOT NULL
  GROUP BY backend, rule
  ORDER BY backend, rule`;

/** Index `jobs_by_lane`. */
export const countLiveJobs = `
  SELECT kind,
    count(*) FILTER (WHERE locked_by IS NULL AND run_at > $1) AS waiting,
    count(*) FILTER (WHERE locked_by IS NULL AND run_at <= $1) AS due,
    count(*) FILTER (WHERE locked_by IS NOT NULL) AS running,
    $1 - min(run_at) FILTER (WHERE locked_by IS NULL AND run_at <= $1) AS "oldestDueMs"
  FROM jobs
  WHERE dead_at IS NULL
  GROUP BY kind`;

/** Index `jobs_dead`, which holds both columns. */
export const countDeadJobs = `
  SELECT kind, count(*) AS dead, count(*) FILTER (WHERE dead_at >= $1) AS "recentlyDead" FROM jobs
  WHERE dead_at IS NOT NULL
  GROUP BY kind`;

const deadLetter = `
  SELECT id, kind, subject, slot, place, attempts, claims, last_error AS error, dead_at AS "deadAt",
    begun_at AS "mayHaveArrivedSince"
  FROM jobs`;

/** Index `jobs_dead_by_time`, backwards from a key. */
export const deadLettersBefore = `${deadLetter}
  WHERE dead_at IS NOT NULL AND (dead_at, id) < ($1, $2)
  ORDER BY dead_at DESC, id DESC
  LIMIT $3`;

export const findDeadLetter = `${deadLetter} WHERE id = $1 AND dead_at IS NOT NULL`;

/** `claims`: another one may have retried it, and it may have failed again, since a person saw it. */
export const reviveDeadLetter = `
  UPDATE jobs SET dead_at = NULL, attempts = 0, run_at = $3
  WHERE id = $1 AND claims = $2 AND dead_at IS NOT NULL AND locked_by IS NULL
  RETURNING id`;
