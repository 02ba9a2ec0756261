/** Statements that read the audit log, live and archived. Plans: test/store/postgres/query-plans.test.ts. */

const columns = 'id, at, approval_id, input, actor, facts, phase_from, phase_to, ignored';

/** The key of the log, and the primary key of the archive. One statement, so that nothing is archived in between. */
export const readAudit = `
  SELECT NULL::bytea AS packed, ${columns} FROM audit WHERE approval_id = $1
  UNION ALL
  SELECT packed, 0, 0, id, '', NULL, '', '', '', NULL FROM archive WHERE id = $1
  ORDER BY id`;

/** The index of the ids, newest first. */
export const pageOfAudit = `SELECT ${columns} FROM audit WHERE id < $1 ORDER BY id DESC LIMIT $2`;

/** The index of the ids. */
export const lastAudit = 'SELECT coalesce(max(id), 0) AS id FROM audit';

/** The index of the ids. */
export const changedSince = 'SELECT id, approval_id FROM audit WHERE id > $1 ORDER BY id LIMIT $2';

/** What was archived last first. An approval that is archived a second time keeps its place. */
export const pageOfArchivedAudit =
  'SELECT number AS position, packed FROM archive WHERE number < $1 ORDER BY number DESC LIMIT $2';
