/** Statements on values that one process leaves for the next (table `notes`), and on secrets of the database. */

export const findNote = 'SELECT word AS value, at FROM notes WHERE name = $1';

/** One that is there is waited for: it is changed by one at a time. */
export const lockNote = `${findNote} FOR UPDATE`;

export const saveNote = `
  INSERT INTO notes (name, word, at) VALUES ($1, $2, $3)
  ON CONFLICT (name) DO UPDATE SET word = excluded.word, at = excluded.at`;

/** The first one stays. */
export const addNote = 'INSERT INTO notes (name, word, at) VALUES ($1, $2, $3) ON CONFLICT (name) DO NOTHING';
