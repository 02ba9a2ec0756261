/** Statements on the runs whose event stream is being read. Their column `hidden` is not used: an earlier version writes it. */

export const saveOpenRun = `
  INSERT INTO open_runs (backend, run_id, replica, groups, resume, opener, at)
  VALUES (@backend, @runId, @replica, @groups, @resume, @opener, @at)
  ON CONFLICT (backend, run_id, replica) DO UPDATE SET
    groups = excluded.groups,
    resume = ifnull(excluded.resume, resume),
    opener = ifnull(excluded.opener, opener),
    at = excluded.at`;

export const deleteOpenRun = 'DELETE FROM open_runs WHERE backend = ? AND run_id = ? AND replica = ?';

export const findOpenRun = `
  SELECT groups FROM open_runs WHERE backend = ? AND run_id = ? AND replica = ?`;

export const listOpenRuns = `
  SELECT backend, run_id, replica, groups, resume, opener FROM open_runs ORDER BY at, rowid`;

export const listOpenRunsOfReplica = `
  SELECT backend, run_id, replica, groups, resume, opener FROM open_runs
  WHERE replica = +? ORDER BY at, rowid`;

export const listOpenRunsOfRun = `
  SELECT backend, run_id, replica, groups, resume, opener FROM open_runs
  WHERE backend = +? AND run_id = +? ORDER BY at, rowid`;
