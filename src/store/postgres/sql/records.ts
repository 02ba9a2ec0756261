/** Statements on the records of the policy: a few hundred rows, read as a whole. */

/** `version`: what a change has read must still be so when it is committed. */
export const putRecord = `
  INSERT INTO policy_records (kind, id, value, at) VALUES ($1, $2, $3, $4)
  ON CONFLICT (kind, id) DO UPDATE SET
    value = excluded.value,
    at = excluded.at,
    version = excluded.version`;

export const deleteRecord = 'DELETE FROM policy_records WHERE kind = $1 AND id = $2 RETURNING kind';

export const listRecords = 'SELECT kind, id, value, at FROM policy_records ORDER BY at, number';
