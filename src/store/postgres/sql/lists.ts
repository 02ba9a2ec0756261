/**
 * Statements that read approvals, archived ones included where it says so. States are texts that are never looked into here:
 * the functions for JSON refuse some that are valid. Plans: test/store/postgres/query-plans.test.ts.
 */

/** By the primary keys; what is archived has no row of its own. One statement, so that nothing moves in between. */
export const findStates = `
  SELECT id, state, NULL::bytea AS packed FROM approvals WHERE id = ANY ($1)
  UNION ALL
  SELECT id, NULL, packed FROM archive
  WHERE id = ANY ($1) AND NOT EXISTS (SELECT FROM approvals WHERE approvals.id = archive.id)`;

/**
 * For a command: the whole archive is read, because when something was asked is only in its packed states. One statement, so
 * that nothing moves in between.
 */
export const listSince = `
  SELECT state, NULL::bytea AS packed FROM approvals WHERE created_at >= $1
  UNION ALL
  SELECT NULL, packed FROM archive
  WHERE NOT EXISTS (SELECT FROM approvals WHERE approvals.id = archive.id)`;

/** Indexes `archive_by_group` and `approvals_by_group`; a group is a handful of rows, so they are sorted afterwards. */
export const listGroup = `
  SELECT state, packed FROM (
    SELECT NULL AS state, packed, 0 AS created_at, number, 0 AS part FROM archive
    WHERE group_key = $1 AND NOT EXISTS (SELECT FROM approvals WHERE approvals.id = archive.id)
    UNION ALL
    SELECT state, NULL, created_at, number, 1 FROM approvals WHERE group_key = $1) AS found
  ORDER BY part, created_at, number`;

/** Index `approvals_by_run`. */
export const listRun = 'SELECT state FROM approvals WHERE backend = $1 AND run_key = $2 ORDER BY created_at, number';

/** The partial index `approvals_unfinished` holds exactly these rows. Its condition must be repeated word for word. */
export const listUnfinished = `
  SELECT state FROM approvals
  WHERE (phase <> 'settled' OR watched)
  ORDER BY created_at, number`;

/** Index `approvals_unfinished`, by its column `backend`. */
export const listUnfinishedOfBackend = `
  SELECT state FROM approvals
  WHERE (phase <> 'settled' OR watched) AND backend = $1
  ORDER BY created_at, number`;

/** The same rows without their states, in the order in which they came: decisions on their way first. */
export const listUnfinishedIds = `
  SELECT id, backend, run_id AS "runId", phase FROM approvals
  WHERE (phase <> 'settled' OR watched)
  ORDER BY (phase = 'sending') DESC, number`;

/** Index `approvals_unfinished`, by its column `backend`. */
export const idsOfUnfinished = `
  SELECT id FROM approvals
  WHERE (phase <> 'settled' OR watched) AND backend = $1
  ORDER BY number`;

/** Index `approvals_unfinished`, which has the number: a page costs the same wherever it begins. The states are not read. */
export const pageOfUnsent = `
  SELECT id, number AS position FROM approvals
  WHERE (phase <> 'settled' OR watched) AND backend = $1 AND number > $2 AND phase IN ('open', 'decided')
  ORDER BY number
  LIMIT $3`;

/** By the primary key: approvals that are not archived. */
export const listAsked = 'SELECT state FROM approvals WHERE id = ANY ($1)';

/** Index `approvals_by_end`, backwards from a key: what comes before it is not read. */
export const settledBefore = `
  SELECT state, settled_at AS "settledAt", number AS position FROM approvals
  WHERE phase = 'settled' AND (settled_at, number) < ($1, $2)
  ORDER BY settled_at DESC, number DESC
  LIMIT $3`;

/** Index `approvals_unfinished`. Asked only where the statistics count such approvals. */
export const listUnderWay = `
  SELECT state FROM approvals
  WHERE (phase <> 'settled' OR watched) AND phase IN ('decided', 'sending')
  ORDER BY number
  LIMIT $1`;

/** The unique index over both columns, then the primary keys; at most a few dozen rows are sorted. */
export const listDigestMembers = `
  SELECT approvals.state, CASE WHEN approvals.id IS NULL THEN archive.packed END AS packed FROM bundle_members
    LEFT JOIN approvals ON approvals.id = approval_id
    LEFT JOIN archive ON archive.id = approval_id
  WHERE bundle_id = $1
  ORDER BY bundle_members.number`;

/** Index `precedents_by_key`, backwards; then the primary keys. */
export const listPrecedents = `
  SELECT approvals.state, CASE WHEN approvals.id IS NULL THEN archive.packed END AS packed FROM (
    SELECT approval_id, settled_at FROM precedents WHERE key = $1 ORDER BY settled_at DESC, approval_id LIMIT $2) AS latest
    LEFT JOIN approvals ON approvals.id = approval_id
    LEFT JOIN archive ON archive.id = approval_id
  ORDER BY latest.settled_at DESC, approval_id`;

/**
 * Open approvals of one topic whose card no attempt was made to post. The index `approvals_by_topic` gives them in order,
 * oldest first, and each looks up its one job by its key, so the search ends at the limit.
 */
export const findUnattempted = `
  SELECT approvals.state FROM approvals
    JOIN jobs ON job_key = 'draw:' || approvals.id || ':' || $2
  WHERE topic = $1 AND phase = 'open' AND begun_at IS NULL AND dead_at IS NULL AND lane LIKE 'post:%'
  ORDER BY approvals.created_at, approvals.number
  LIMIT $3`;

/** Index `approvals_by_topic`, backwards; `bundles_by_member` says which are in a digest. */
export const findInDigest = `
  SELECT state FROM approvals
  WHERE topic = $1 AND phase = 'open' AND EXISTS (SELECT FROM bundle_members WHERE approval_id = approvals.id)
  ORDER BY created_at DESC, number DESC
  LIMIT $2`;

/** Index `approvals_by_source`: other sources' approvals are not looked at, however many there are. */
export const countAwaited = `
  SELECT count(*) AS count FROM approvals
  WHERE source = ANY ($1) AND phase <> 'settled' AND (phase <> 'decided' OR NOT fetched)`;

/** The same index; those of the few sources that one asker has are sorted together. */
export const latestAwaited = `
  SELECT state FROM approvals
  WHERE source = ANY ($1) AND phase <> 'settled' AND (phase <> 'decided' OR NOT fetched)
  ORDER BY created_at DESC, number DESC
  LIMIT $2`;

/** By the primary key. Rows are never deleted: what was approved stays a precedent in the archive. */
export const savePrecedents = `
  INSERT INTO precedents (approval_id, key, settled_at)
  SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[])
  ON CONFLICT (approval_id) DO UPDATE SET
    key = excluded.key,
    settled_at = excluded.settled_at`;

/** In the order of arrival. Rows are never deleted: an archived approval is still known as a line of its digest. */
export const addDigestMembers = `
  INSERT INTO bundle_members (bundle_id, approval_id)
  SELECT bundle_id, approval_id FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS added (bundle_id, approval_id, place)
  ORDER BY place
  ON CONFLICT DO NOTHING`;
