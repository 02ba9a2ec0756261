/**
 * Statements on what waits for people. The table `pending` has a row for each such approval, `audiences` counts them: its
 * triggers keep the counts in the transaction that changes the rows. Plans: test/store/sqlite/query-plans.test.ts.
 */

/** By the primary key. */
export const deletePending = 'DELETE FROM pending WHERE id = ?';

/** By the primary key. */
export const savePending = `
  INSERT INTO pending (id, end_at, asked_at, audience, names)
  VALUES (@id, @endAt, @askedAt, @audience, @names)
  ON CONFLICT (id) DO UPDATE SET
    end_at = @endAt,
    asked_at = @askedAt,
    audience = @audience,
    names = @names`;

/** By the unique index over the text. */
export const findAudience = 'SELECT id FROM audiences WHERE text = ?';

/** It counts nothing yet; its first row follows in the same transaction. */
export const addAudience = 'INSERT INTO audiences (text, count) VALUES (?, 0) RETURNING id';

/** One row for each way in which approvals are routed: those of one rule, room and requester share it. */
export const listAudiences = 'SELECT id, text, count FROM audiences ORDER BY id';

/**
 * The index `pending_by_urgency` holds all that is read, in the order of lists: no approval is read before it is known to be
 * on the page, and a first page ends the search at its limit.
 */
export const pageOfPending = `
  SELECT id FROM pending INDEXED BY pending_by_urgency
  WHERE audience IN (SELECT value FROM json_each(@audiences))
  ORDER BY end_at, asked_at, id
  LIMIT @limit + 0 OFFSET @offset`;

/** The same index, from a key on: what comes before it is not read. */
export const pendingAfter = `
  SELECT id, end_at AS endAt, asked_at AS askedAt FROM pending INDEXED BY pending_by_urgency
  WHERE (end_at, asked_at, id) > (@endAt, @askedAt, @id)
  ORDER BY end_at, asked_at, id
  LIMIT @limit + 0`;

/** For a filter by names: reads the rows, which are short, and no approval. */
export const namesOfPending = `
  SELECT id, audience, names FROM pending
  WHERE audience IN (SELECT value FROM json_each(@audiences))
  ORDER BY end_at, asked_at, id`;

/** By the primary key, in its order. */
export const idsOfPending = 'SELECT id FROM pending WHERE id > ? ORDER BY id LIMIT ? + 0';

/**
 * Index `approvals_awaited`, which holds exactly these, by their source: other sources' approvals are not looked at, however
 * many there are. Its condition must be repeated word for word.
 */
export const countAwaited = `
  SELECT count(*) FROM approvals
  WHERE source IN (SELECT value FROM json_each(?))
    AND source IS NOT NULL AND phase <> 'settled'
    AND (phase <> 'decided' OR json_extract(state, '$.pause.expiry') IS NOT 'fetched')`;

/** The same index; those of the few sources that one asker has are sorted together. */
export const latestAwaited = `
  SELECT id FROM approvals
  WHERE source IN (SELECT value FROM json_each(?))
    AND source IS NOT NULL AND phase <> 'settled'
    AND (phase <> 'decided' OR json_extract(state, '$.pause.expiry') IS NOT 'fetched')
  ORDER BY created_at DESC, rowid DESC
  LIMIT ? + 0`;

/** Index `approvals_unfinished_ids`, which has all that is read. */
export const idsOfUnfinished = `
  SELECT id FROM approvals INDEXED BY approvals_unfinished_ids
  WHERE (phase <> 'settled' OR watched = 1) AND backend = ?`;
