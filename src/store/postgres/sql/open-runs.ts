/** Statements on the runs that are being read: a few hundred rows. */

const columns = 'backend, run_id, replica, groups, resume, opener';

export const saveOpenRun = `
  INSERT INTO open_runs (backend, run_id, run_key, replica, groups, resume, opener, at)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
  ON CONFLICT (backend, run_key, replica) DO UPDATE SET
    groups = excluded.groups,
    resume = excluded.resume,
    opener = excluded.opener,
    at = excluded.at`;

export const deleteOpenRun = 'DELETE FROM open_runs WHERE backend = $1 AND run_key = $2 AND replica = $3';

export const listOpenRuns = `SELECT ${columns} FROM open_runs ORDER BY at, number`;

export const listOpenRunsOfReplica = `SELECT ${columns} FROM open_runs WHERE replica = $1 ORDER BY at, number`;

export const listOpenRunsOfRun = `
  SELECT ${columns} FROM open_runs WHERE backend = $1 AND run_key = $2 ORDER BY at, number`;
