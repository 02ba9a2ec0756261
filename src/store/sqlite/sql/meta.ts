/** Statements on values that one process leaves for the next (table `notes`). */

export const findMeta = 'SELECT word AS value, at FROM notes WHERE name = ?';

export const saveMeta = `
  INSERT INTO notes (name, word, at) VALUES (?, ?, ?)
  ON CONFLICT (name) DO UPDATE SET word = excluded.word, at = excluded.at`;
