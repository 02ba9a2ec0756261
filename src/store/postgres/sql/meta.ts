/**
 * Statements on values that one process leaves for the next (table `notes`), on secrets of the database, and on whether this
 * database is the one that it says it is (table `meta`).
 */

export const findNote = 'SELECT word AS value, at FROM notes WHERE name = $1';

/** One that is there is waited for: it is changed by one at a time. */
export const lockNote = `${findNote} FOR UPDATE`;

export const saveNote = `
  INSERT INTO notes (name, word, at) VALUES ($1, $2, $3)
  ON CONFLICT (name) DO UPDATE SET word = excluded.word, at = excluded.at`;

/** The first one stays. */
export const addNote = 'INSERT INTO notes (name, word, at) VALUES ($1, $2, $3) ON CONFLICT (name) DO NOTHING';

/**
 * What a restored backup, a restored dump, a copy, or a standby that has taken over does not share with its original: the
 * cluster, its timeline, the database in it, and the table itself.
 */
export const readIdentity = `
  SELECT concat_ws('/', (SELECT system_identifier FROM pg_control_system()),
    left(pg_walfile_name(pg_current_wal_lsn()), 8),
    (SELECT oid FROM pg_database WHERE datname = current_database()), 'meta'::regclass::oid) AS identity`;

/** One at a time: all replicas look when a connection is made again. */
export const lockRecorded = "SELECT value FROM meta WHERE key = 'identity' FOR UPDATE";

export const recordIdentity = `
  INSERT INTO meta (key, value) VALUES ('identity', $1)
  ON CONFLICT (key) DO UPDATE SET value = excluded.value`;

/** The last sign of life in what was copied. */
export const readLastBeat = 'SELECT max(beat_at)::float8 AS at FROM replicas';

/** The first mark stays. */
export const markCopy = "INSERT INTO meta (key, value) VALUES ('copy', $1) ON CONFLICT (key) DO NOTHING";

export const readMark = "SELECT value FROM meta WHERE key = 'copy'";

export const clearMark = "DELETE FROM meta WHERE key = 'copy'";

/** The original may have edited the messages since. */
export const deleteSentContent = 'DELETE FROM sent_content';
