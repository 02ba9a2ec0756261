/** Counts for health and metrics. Each reads a partial index only, so its cost does not grow with the history. */

/** Index `approvals_unfinished_ids`, which has all that is read; its condition includes every phase but `settled`. */
export const countApprovals = `
  SELECT backend, phase, count(*) AS count FROM approvals
  WHERE phase <> 'settled'
  GROUP BY backend, phase`;

/** Index `approvals_waiting`, which has all that is read. */
export const countWaiting = `
  SELECT backend, rule, count(*) AS count, min(created_at) AS since, sum(missing) AS missing FROM approvals
  WHERE phase = 'open' AND rule IS NOT NULL
  GROUP BY backend, rule`;

/** Index `jobs_by_lane`. */
export const countLiveJobs = `
  SELECT kind,
    count(*) FILTER (WHERE locked_by IS NULL AND run_at > @now) AS waiting,
    count(*) FILTER (WHERE locked_by IS NULL AND run_at <= @now) AS due,
    count(*) FILTER (WHERE locked_by IS NOT NULL) AS running,
    @now - min(run_at) FILTER (WHERE locked_by IS NULL AND run_at <= @now) AS oldestDueMs
  FROM jobs
  WHERE dead_at IS NULL
  GROUP BY kind`;

/** Index `jobs_dead`, which holds both columns. */
export const countDeadJobs = `
  SELECT kind, count(*) AS dead, count(*) FILTER (WHERE dead_at >= @since) AS recentlyDead FROM jobs
  WHERE dead_at IS NOT NULL
  GROUP BY kind`;
