/** Statements that move settled approvals into the archive. Plans: test/store/postgres/query-plans.test.ts. */

/**
 * The partial index `approvals_by_end` gives the next ones after the cursor directly, in order. A change of one of them
 * meanwhile goes first: that one is left for the next sweep.
 */
export const nextCandidates = `
  SELECT number, id, backend, run_key, group_key, settled_at, state FROM approvals
  WHERE phase = 'settled' AND NOT watched AND settled_at < $1 AND (settled_at, number) > ($2, $3)
  ORDER BY settled_at, number
  LIMIT $4
  FOR UPDATE SKIP LOCKED`;

/**
 * Whether it must stay, and what was archived of it before. Index `approvals_by_run`: whether its run has an approval that is
 * not settled, or settled too recently. Indexes `bundles_by_member`, the unique one of the digest, then the primary key of each
 * other member: whether one of its digests has an unfinished one. The unique index of `job_key`: a range for the draw jobs of
 * all slots, and two single keys: whether it has a job to run.
 */
export const examineCandidate = `
  SELECT
    EXISTS (
      SELECT FROM approvals
      WHERE backend = $2 AND run_key = $3 AND (phase <> 'settled' OR watched OR settled_at >= $4))
    OR EXISTS (
      SELECT FROM bundle_members AS own
        JOIN bundle_members AS other ON other.bundle_id = own.bundle_id
        JOIN approvals ON approvals.id = other.approval_id
      WHERE own.approval_id = $1 AND (phase <> 'settled' OR watched))
    OR EXISTS (
      SELECT FROM jobs
      WHERE dead_at IS NULL AND job_key >= 'draw:' || $1 || ':' AND job_key < 'draw:' || $1 || ';')
    OR EXISTS (
      SELECT FROM jobs WHERE dead_at IS NULL AND job_key IN ('wake:' || $1, $5)) AS busy,
    (SELECT packed FROM archive WHERE id = $1) AS packed`;

/** An approval that became active again after it was archived is archived a second time, with its longer audit log. */
export const saveArchived = `
  INSERT INTO archive (id, group_key, audit_through, packed) VALUES ($1, $2, $3, $4)
  ON CONFLICT (id) DO UPDATE SET
    group_key = excluded.group_key,
    audit_through = greatest(archive.audit_through, excluded.audit_through),
    packed = excluded.packed`;

/** The key of the log. */
export const auditToArchive = `
  SELECT id, seq, at, approval_id, input, actor, facts, phase_from, phase_to, ignored FROM audit
  WHERE approval_id = $1
  ORDER BY seq`;

/** The key of the log. */
export const deleteArchivedAudit = 'DELETE FROM audit WHERE approval_id = $1 AND seq <= $2';

export const deleteApproval = 'DELETE FROM approvals WHERE id = $1';

/** The unique index of `job_key`, by the range of its draw jobs and the key of its timer. */
export const deleteJobs = `
  DELETE FROM jobs
  WHERE (job_key >= 'draw:' || $1 || ':' AND job_key < 'draw:' || $1 || ';') OR job_key = 'wake:' || $1`;

/** The primary key: what its messages show, and those of its digests. */
export const deleteSentContents = `
  DELETE FROM sent_content USING (
    SELECT $1 AS subject UNION ALL SELECT bundle_id FROM bundle_members WHERE approval_id = $1) AS drawn
  WHERE job_key >= 'draw:' || subject || ':' AND job_key < 'draw:' || subject || ';'`;

/** A decide job belongs to a group: it is deleted with the last approval of the group. */
export const deleteDecideJob = `
  DELETE FROM jobs
  WHERE job_key = $1 AND NOT EXISTS (SELECT FROM approvals WHERE group_key = $2)`;

/** Index `jobs_dead`: dead letters of a digest in which no approval is pending. */
export const deleteDeadDigestJobs = `
  DELETE FROM jobs
  WHERE dead_at IS NOT NULL AND kind = 'draw'
    AND subject IN (SELECT bundle_id FROM bundle_members WHERE approval_id = $1)`;

/** Index `inputs_by_age`. A limited number at a time. */
export const pruneInputs = `
  DELETE FROM inputs WHERE id = ANY (ARRAY (
    SELECT id FROM inputs WHERE at < $1 ORDER BY at LIMIT $2 FOR UPDATE SKIP LOCKED))
  RETURNING 1 AS deleted`;
