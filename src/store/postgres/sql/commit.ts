/** Statements of the write path: what a commit loads, and what it writes, one statement per table. Tested in test/store/postgres/index.test.ts. */

/**
 * States with the last number of their audit log, which the next row goes beyond; an archived one is found in the archive.
 * By the primary keys. The state and the number are of one moment, since they are of one statement.
 */
export const loadStates = `
  SELECT wanted.id, approvals.state, CASE WHEN approvals.id IS NULL THEN archive.packed END AS packed,
    greatest(
      (SELECT max(seq) FROM audit WHERE audit.approval_id = wanted.id), archive.audit_through, 0) AS seq
  FROM unnest($1::text[]) AS wanted (id)
    LEFT JOIN approvals ON approvals.id = wanted.id
    LEFT JOIN archive ON archive.id = wanted.id`;

export const findInputs = 'SELECT id FROM inputs WHERE id = ANY($1::text[])';

/** Index `approvals_by_source`, which holds exactly these: as many as the limit, at most. */
export const countOfSources = `
  SELECT source, count(*) AS count FROM approvals
  WHERE source = ANY($1::text[]) AND phase <> 'settled' AND source IS NOT NULL
  GROUP BY source`;

export const findRecords = `
  SELECT policy_records.kind, policy_records.id, value, version
  FROM unnest($1::text[], $2::text[]) AS wanted (kind, id)
    JOIN policy_records ON policy_records.kind = wanted.kind AND policy_records.id = wanted.id`;

/** By the primary key: whose row it is that has the number of ours. */
export const findWriteId = 'SELECT write_id FROM audit WHERE approval_id = $1 AND seq = $2';

export const begin = 'BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE';
export const commit = 'COMMIT';
export const rollback = 'ROLLBACK';
export const savepoint = 'SAVEPOINT one';
export const releaseSavepoint = 'RELEASE one';
export const undoSavepoint = 'ROLLBACK TO one';

export const appendAudit = `
  INSERT INTO audit (approval_id, seq, write_id, at, input, actor, facts, phase_from, phase_to, ignored)
  SELECT * FROM unnest($1::text[], $2::bigint[], $3::text[], $4::bigint[], $5::text[], $6::text[], $7::text[], $8::text[],
    $9::text[], $10::text[])`;

export const addInputs = `
  INSERT INTO inputs (id, at) SELECT id, $2::bigint FROM unnest($1::text[]) AS added (id)`;

/** Whole rows: an approval may have been archived meanwhile. `backend` and `created_at` never change. */
export const saveApprovals = `
  INSERT INTO approvals (id, backend, run_id, run_key, group_key, phase, watched, topic, source, rule, missing, fetched, shape,
    state, created_at, settled_at)
  SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::boolean[], $8::text[],
    $9::text[], $10::text[], $11::integer[], $12::boolean[], $13::integer[], $14::text[], $15::bigint[], $16::bigint[])
  ON CONFLICT (id) DO UPDATE SET
    run_id = excluded.run_id,
    run_key = excluded.run_key,
    group_key = excluded.group_key,
    phase = excluded.phase,
    watched = excluded.watched,
    topic = excluded.topic,
    source = excluded.source,
    rule = excluded.rule,
    missing = excluded.missing,
    fetched = excluded.fetched,
    shape = excluded.shape,
    state = excluded.state,
    settled_at = excluded.settled_at`;

/** @see `check_archive` in the schema. After the rows of the log: an archive that is under way is waited for by them. */
export const checkArchive = 'SELECT check_archive($1, $2)';

/** @see `check_record` in the schema: the commit fails if another has changed it since it was read. */
export const checkRecord = 'SELECT check_record($1, $2, $3)';

export const saveRecord = `
  INSERT INTO policy_records (kind, id, value, at) VALUES ($1, $2, $3, $4)
  ON CONFLICT (kind, id) DO UPDATE SET
    value = excluded.value,
    at = excluded.at,
    version = excluded.version`;

/** A single row, of something else than a change, under the next number. */
export const appendOne = `
  INSERT INTO audit (approval_id, seq, write_id, at, input, actor, facts, phase_from, phase_to, ignored)
  SELECT $1, 1 + greatest(
      (SELECT max(seq) FROM audit WHERE approval_id = $1), (SELECT audit_through FROM archive WHERE id = $1), 0),
    $2, $3, $4, $5, $6, 'none', 'none', NULL
  RETURNING seq`;
