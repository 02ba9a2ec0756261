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

/** Null: no bot has made its tables here. */
export const findLog = "SELECT to_regclass('audit')::text AS name";

/** The key of the log, and the primary key of the archive. */
export const isKnownId = `
  SELECT FROM audit WHERE approval_id = $1
  UNION ALL
  SELECT FROM archive WHERE id = $1
  LIMIT 1`;

/** Indexes `approvals_by_group` and `archive_by_group`. */
export const idsOfGroup = `
  SELECT id FROM (
    SELECT id, group_key, 0 AS part FROM approvals WHERE group_key = ANY ($1)
    UNION ALL
    SELECT id, group_key, 1 FROM archive WHERE group_key = ANY ($1)) AS found
  ORDER BY array_position($1, group_key), part
  LIMIT 1`;

/** The index of the ids. */
export const lastAudit = 'SELECT coalesce(max(id), 0) AS id FROM audit';

/** The index of the ids. */
export const changedSince = 'SELECT id, approval_id FROM audit WHERE id > $1 ORDER BY id LIMIT $2';

/** What was archived last first. An approval that is archived a second time keeps its place. */
export const pageOfArchivedAudit =
  'SELECT number AS position, packed FROM archive WHERE number < $1 ORDER BY number DESC LIMIT $2';
