/**
 * Statements on what waits for people. The table `pending` has a row for each such approval. How many an audience has is
 * counted when it is asked for: a counter would make every two presses of two replicas wait for each other. Plans:
 * test/store/postgres/query-plans.test.ts.
 */

/** By the primary key. */
export const deletePending = 'DELETE FROM pending WHERE id = ANY ($1)';

/**
 * By their hashes: a text can be longer than an index takes. One that another replica has just added is waited for. It can't
 * be deleted before the rows that follow refer to it, or they fail, and are written again.
 */
export const addAudiences = `
  INSERT INTO audiences (hash, text, at)
  SELECT hash, text, $3 FROM unnest($1::text[], $2::text[]) AS added (hash, text)
  ON CONFLICT (hash) DO NOTHING`;

/** By the primary key. */
export const savePending = `
  INSERT INTO pending (id, end_at, asked_at, audience, names)
  SELECT saved.id, saved.end_at, saved.asked_at, audiences.id, saved.names
  FROM unnest($1::text[], $2::float8[], $3::float8[], $4::text[], $5::text[])
    AS saved (id, end_at, asked_at, hash, names)
    LEFT JOIN audiences USING (hash)
  ON CONFLICT (id) DO UPDATE SET
    end_at = excluded.end_at,
    asked_at = excluded.asked_at,
    audience = excluded.audience,
    names = excluded.names`;

/** Index `pending_by_audience`, which has all that is read; the texts of those that have any. */
export const listAudiences = `
  SELECT id, text, count FROM audiences
    JOIN (SELECT audience AS id, count(*) AS count FROM pending GROUP BY audience) AS counted USING (id)
  ORDER BY id`;

/** The same index. */
export const countAudiences = 'SELECT audience AS id, count(*) AS count FROM pending GROUP BY audience';

/**
 * The index `pending_by_urgency` holds all that is read, in the order of lists: no approval is read before it is known to be
 * on the page, and a first page ends the search at its limit. `+ 0`: PostgreSQL would take the index of audiences, and sort
 * all of theirs.
 */
export const pageOfPending = `
  SELECT id FROM pending
  WHERE audience + 0 = ANY ($1::bigint[])
  ORDER BY end_at, asked_at, id
  LIMIT $2 OFFSET $3`;

/** The same index, from a key on: what comes before it is not read. Then the primary key. */
export const pendingAfter = `
  SELECT id, end_at AS "endAt", asked_at AS "askedAt", state FROM (
    SELECT id, end_at, asked_at FROM pending
    WHERE (end_at, asked_at, id) > ($1, $2, $3)
    ORDER BY end_at, asked_at, id
    LIMIT $4) AS page
    JOIN approvals USING (id)
  ORDER BY end_at, asked_at, id`;

/** For a filter by names: reads the rows, which are short, and no approval. */
export const namesOfPending = `
  SELECT id, audience, names FROM pending
  WHERE audience = ANY ($1::bigint[])
  ORDER BY end_at, asked_at, id`;

/** By the primary key, in its order. */
export const idsOfPending = 'SELECT id FROM pending WHERE id > $1 ORDER BY id LIMIT $2';

/** Audiences that nothing refers to, a limited number at a time; those that were just added are left alone. */
export const pruneAudiences = `
  DELETE FROM audiences WHERE id = ANY (ARRAY (
    SELECT id FROM audiences
    WHERE at < $1 AND NOT EXISTS (SELECT FROM pending WHERE audience = audiences.id)
    ORDER BY id
    LIMIT $2
    FOR UPDATE SKIP LOCKED))
  RETURNING id`;
