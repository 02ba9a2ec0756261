import type { Database } from 'better-sqlite3';

type Meta = { value: string; at: number };

/** Writes a value under a name and returns the one it replaces. Runs inside a transaction that the caller opened. */
export function createMeta(db: Database): (name: string, value: string, now: number) => Meta | null {
  const read = db.prepare<[string], Meta>('SELECT word AS value, at FROM notes WHERE name = ?');
  const write = db.prepare<[string, string, number]>(
    'INSERT INTO notes (name, word, at) VALUES (?, ?, ?) ON CONFLICT (name) DO UPDATE SET word = excluded.word, at = excluded.at',
  );
  return (name, value, now) => {
    const before = read.get(name) ?? null;
    write.run(name, value, now);
    return before;
  };
}
