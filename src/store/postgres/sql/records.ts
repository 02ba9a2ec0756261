/** Statements on the records of the policy: a few hundred rows, read as a whole. */

/** `version`: what a change has read must still be so when it is committed. */
export const putRecord = `
  INSERT INTO policy_records (kind, id, value, at) VALUES ($1, $2, $3, $4)
  ON CONFLICT (kind, id) DO UPDATE SET
    value = excluded.value,
    at = excluded.at,
    version = excluded.version`;

export const deleteRecord = 'DELETE FROM policy_records WHERE kind = $1 AND id = $2 RETURNING kind';

/** Whether they have to be read at all: asked before each press. */
export const countOfChanges = `SELECT coalesce((SELECT value::bigint FROM meta WHERE key = 'records'), 0) AS seen`;

/** `seen`: how often any of them was changed. One row without a kind: there are none. */
export const listRecords = `
  SELECT seen.version AS seen, kind, id, value, at
  FROM (SELECT coalesce((SELECT value::bigint FROM meta WHERE key = 'records'), 0) AS version) AS seen
    LEFT JOIN policy_records ON true
  ORDER BY at, number`;

/** Others who put or delete one wait for the end of this transaction. */
export const countChange = `
  INSERT INTO meta (key, value) VALUES ('records', '1')
  ON CONFLICT (key) DO UPDATE SET value = (meta.value::bigint + 1)::text
  RETURNING value::bigint AS version`;

/** Fails as if the commit had collided with the one that has changed the records since. */
export const checkRecords = 'SELECT check_records($1)';
