/** Statements that move settled approvals into the archive. Plans: test/store/sqlite/query-plans.test.ts. */

export const findArchived = 'SELECT packed FROM archive WHERE id = ?';

/** Index `archive_by_group`. */
export const listArchivedGroup = 'SELECT id FROM archive WHERE group_id = +? ORDER BY rowid';

/** The partial index `approvals_settled` gives the next one after the cursor directly, in order. */
export const nextCandidate = `
  SELECT rowid, id, backend, run_id, group_id, settled_at, state FROM approvals INDEXED BY approvals_settled
  WHERE phase = 'settled' AND watched = 0 AND settled_at < @before AND (settled_at, rowid) > (@settledAt, @rowid)
  ORDER BY settled_at, rowid
  LIMIT 1`;

/** Index `approvals_by_run`: whether a run has an approval that is not settled, or settled too recently. */
export const findBusyInRun = `
  SELECT 1 FROM approvals
  WHERE backend = ? AND run_id = ? AND (phase <> 'settled' OR watched = 1 OR settled_at >= ?)
  LIMIT 1`;

/** The unique index of `job_key`: a range for the draw jobs of all slots, and two single keys. */
export const findLiveJob = `
  SELECT 1 FROM jobs
  WHERE dead_at IS NULL AND ((job_key >= ? AND job_key < ?) OR job_key IN (?, ?))
  LIMIT 1`;

/** Indexes `bundles_by_member`, then the unique one of the digest, then the primary key of each other member. */
export const findUnfinishedInDigest = `
  SELECT 1 FROM bundle_members AS own
    JOIN bundle_members AS other ON other.bundle_id = own.bundle_id
    JOIN approvals ON approvals.id = other.approval_id
  WHERE own.approval_id = +? AND (phase <> 'settled' OR watched = 1)
  LIMIT 1`;

/** An approval that became active again after it was archived is archived a second time, with its longer audit log. */
export const saveArchived = `
  INSERT INTO archive (id, group_id, audit_through, packed) VALUES (?, ?, ?, ?)
  ON CONFLICT (id) DO UPDATE SET
    group_id = excluded.group_id,
    audit_through = excluded.audit_through,
    packed = excluded.packed`;

export const deleteApproval = 'DELETE FROM approvals WHERE id = ?';

/** The unique index of `job_key`, by the range of its draw jobs and the key of its timer. */
export const deleteJobs = 'DELETE FROM jobs WHERE (job_key >= ? AND job_key < ?) OR job_key = ?';

/** The primary key, by the range of its draw jobs. */
export const deleteSentContents = 'DELETE FROM sent_content WHERE job_key >= ? AND job_key < ?';

/** Index `bundles_by_member`, then the primary key: what the messages of its digests show. */
export const deleteDigestSentContents = `
  DELETE FROM sent_content
  WHERE job_key IN (
    SELECT sent.job_key FROM bundle_members
      JOIN sent_content AS sent
        ON sent.job_key >= 'draw:' || bundle_id || ':' AND sent.job_key < 'draw:' || bundle_id || ';'
    WHERE approval_id = +?)`;

/** A decide job belongs to a group: it is deleted with the last approval of the group. */
export const deleteDecideJob = `
  DELETE FROM jobs
  WHERE job_key = ? AND NOT EXISTS (SELECT 1 FROM approvals WHERE group_id = ?)`;

/** Index `jobs_dead`: dead letters of a digest in which no approval is pending. */
export const deleteDeadDigestJobs = `
  DELETE FROM jobs
  WHERE dead_at IS NOT NULL AND kind = 'draw'
    AND subject IN (SELECT bundle_id FROM bundle_members WHERE approval_id = ?)`;
