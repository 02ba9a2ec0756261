/** Statements on the records of the policy: a few hundred rows, read as a whole at a start. */

export const saveRecord = `
  INSERT INTO policy_records (kind, id, value, at) VALUES (?, ?, ?, ?)
  ON CONFLICT (kind, id) DO UPDATE SET
    value = excluded.value,
    at = excluded.at`;

/** The primary key. */
export const findRecord = 'SELECT value FROM policy_records WHERE kind = ? AND id = ?';

export const deleteRecord = 'DELETE FROM policy_records WHERE kind = ? AND id = ?';

export const listRecords = 'SELECT kind, id, value, at FROM policy_records ORDER BY at, rowid';
