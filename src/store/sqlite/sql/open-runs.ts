/** Statements on the runs whose event stream is being read. */

export const saveOpenRun = `
  INSERT INTO open_runs (backend, run_id, resume, at) VALUES (?, ?, ?, ?)
  ON CONFLICT (backend, run_id) DO UPDATE SET resume = excluded.resume, at = excluded.at`;

export const deleteOpenRun = 'DELETE FROM open_runs WHERE backend = ? AND run_id = ?';

export const findOpenRun = 'SELECT 1 FROM open_runs WHERE backend = ? AND run_id = ?';

export const listOpenRuns = 'SELECT backend, run_id, resume FROM open_runs ORDER BY at, rowid';
