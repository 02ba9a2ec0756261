import type { Database } from 'better-sqlite3';

type Note = { word: string; at: number };

/** Writes a word under a name and returns the one that stood there. Runs inside a transaction that the caller opened. */
export function createNotes(db: Database): (name: string, word: string, now: number) => Note | null {
  const read = db.prepare<[string], Note>('SELECT word, at FROM notes WHERE name = ?');
  const write = db.prepare<[string, string, number]>(
    'INSERT INTO notes (name, word, at) VALUES (?, ?, ?) ON CONFLICT (name) DO UPDATE SET word = excluded.word, at = excluded.at',
  );
  return (name, word, now) => {
    const before = read.get(name) ?? null;
    write.run(name, word, now);
    return before;
  };
}
