/**
 * Statements on approvals, on the ids of inputs and on the members of digests. Plans: test/store/sqlite/query-plans.test.ts.
 *
 * `= +?` where rows are sorted or joined: see sql/jobs.ts.
 */

/** By the primary key. */
export const loadApproval = 'SELECT state FROM approvals WHERE id = ?';

/** `backend` and `created_at` never change, so an update leaves them. */
export const saveApproval = `
  INSERT INTO approvals (id, backend, run_id, group_id, phase, watched, topic, source, rule, missing, state, created_at,
    settled_at)
  VALUES (@id, @backend, @runId, @groupId, @phase, @watched, @topic, @source, @rule, @missing, @state, @createdAt,
    @settledAt)
  ON CONFLICT (id) DO UPDATE SET
    run_id = @runId,
    group_id = @groupId,
    phase = @phase,
    watched = @watched,
    topic = @topic,
    source = @source,
    rule = @rule,
    missing = @missing,
    state = @state,
    settled_at = @settledAt`;

/** By the primary key. For most changes: the indexes of the other columns are not written. */
export const saveProgress = `
  UPDATE approvals SET phase = @phase, watched = @watched, missing = @missing, settled_at = @settledAt, state = @state
  WHERE id = @id`;

/** By the primary key. For a change of what no other column tells: no index is written. */
export const saveState = 'UPDATE approvals SET state = ? WHERE id = ?';

/** Index `approvals_by_group`; a group is a handful of rows, so they are sorted afterwards. */
export const listGroup = 'SELECT id FROM approvals WHERE group_id = +? ORDER BY created_at, rowid';

/** Index `approvals_by_run`. */
export const listRun = 'SELECT id FROM approvals WHERE backend = +? AND run_id = +? ORDER BY created_at, rowid';

/** The partial index `approvals_unfinished` holds exactly these rows. Its condition must be repeated word for word. */
export const listUnfinished = `
  SELECT id FROM approvals
  WHERE (phase <> 'settled' OR watched = 1)
  ORDER BY created_at, rowid`;

/** The same rows, in the order in which they came. Index `approvals_unfinished_ids`, which has all that is read. */
export const listUnfinishedIds = `
  SELECT id, backend, run_id AS runId, phase FROM approvals INDEXED BY approvals_unfinished_ids
  WHERE (phase <> 'settled' OR watched = 1)
  ORDER BY phase = 'sending' DESC, rowid`;

/** By the primary key, without the rest of each state. */
export const listAsked = `
  SELECT json_object(
    'id', id,
    'phase', phase,
    'via', state -> '$.via',
    'sharedNames', state -> '$.sharedNames',
    'pause', json_object(
      'backend', backend,
      'kind', state -> '$.pause.kind',
      'asker', state -> '$.pause.asker',
      'askerId', state -> '$.pause.askerId',
      'contact', state -> '$.pause.contact'))
  FROM approvals
  WHERE id IN (SELECT value FROM json_each(?))`;

/** Index `approvals_unfinished`, by its column `backend`. */
export const listUnfinishedOfBackend = `
  SELECT id FROM approvals
  WHERE (phase <> 'settled' OR watched = 1) AND backend = +?
  ORDER BY created_at, rowid`;

/**
 * Index `approvals_unfinished`, which ends in the rowid: a page costs the same wherever it begins. The states are not read.
 */
export const pageOfUnsent = `
  SELECT id, rowid AS position FROM approvals
  WHERE (phase <> 'settled' OR watched = 1) AND backend = +? AND rowid > ? AND phase IN ('open', 'decided')
  ORDER BY rowid
  LIMIT ? + 0`;

/** Index `approvals_by_end`, backwards from a key: what comes before it is not read. */
export const settledBefore = `
  SELECT id, settled_at AS settledAt, rowid AS position FROM approvals INDEXED BY approvals_by_end
  WHERE phase = 'settled' AND (settled_at, rowid) < (@settledAt, @position)
  ORDER BY settled_at DESC, rowid DESC
  LIMIT @limit + 0`;

/** Index `approvals_unfinished_ids`, which has all that is read. */
export const listUnderWay = `
  SELECT id FROM approvals INDEXED BY approvals_unfinished_ids
  WHERE (phase <> 'settled' OR watched = 1) AND phase IN ('decided', 'sending')
  LIMIT ? + 0`;

/** Index `approvals_by_source`, which holds exactly these: as many as the limit, at most. */
export const countOfSource = "SELECT count(*) FROM approvals WHERE source = ? AND phase <> 'settled'";

export const findInput = 'SELECT 1 FROM inputs WHERE id = ?';

export const insertInput = 'INSERT INTO inputs (id, at) VALUES (?, ?) ON CONFLICT DO NOTHING';

/** Index `inputs_by_age`. Deletes a limited number at a time, because presses wait meanwhile. */
export const pruneInputs =
  'DELETE FROM inputs WHERE id IN (SELECT id FROM inputs WHERE at < ? ORDER BY at LIMIT ? + 0)';

/** Rows are never deleted: an archived approval is still known as a line of its digest. */
export const addDigestMember = 'INSERT OR IGNORE INTO bundle_members (bundle_id, approval_id) VALUES (?, ?)';

/** Rows are never deleted: what was approved stays a precedent in the archive. */
export const savePrecedent = `
  INSERT INTO precedents (approval_id, key, settled_at) VALUES (?, ?, ?)
  ON CONFLICT (approval_id) DO UPDATE SET
    key = excluded.key,
    settled_at = excluded.settled_at`;

/** Index `precedents_by_key`, backwards. */
export const listPrecedents = 'SELECT approval_id FROM precedents WHERE key = +? ORDER BY settled_at DESC LIMIT ? + 0';

/** The unique index over both columns; at most a few dozen rows are sorted. */
export const listDigestMembers = 'SELECT approval_id FROM bundle_members WHERE bundle_id = +? ORDER BY number';

/**
 * Open approvals of one topic whose card no attempt was made to post. The index `approvals_by_topic` gives them in
 * order, oldest first, and each looks up its one job by its key, so the search ends at the limit.
 */
export const findUnattempted = `
  SELECT approvals.id FROM approvals
  JOIN jobs ON job_key = 'draw:' || approvals.id || ':' || @slot
  WHERE topic = +@topic AND phase = 'open' AND begun_at IS NULL AND dead_at IS NULL AND lane LIKE 'post:%'
  ORDER BY approvals.created_at, approvals.rowid
  LIMIT @limit + 0`;

/** Index `approvals_by_topic`, backwards; `bundles_by_member` says which are in a digest. */
export const findInDigest = `
  SELECT id FROM approvals
  WHERE topic = +@topic AND phase = 'open' AND id IN (SELECT approval_id FROM bundle_members)
  ORDER BY created_at DESC, rowid DESC
  LIMIT @limit + 0`;
