import { existsSync, realpathSync } from 'node:fs';
import Database from 'better-sqlite3';
import { SetupError } from '../../../core/ports/errors.ts';
import { codeOf } from './errors.ts';

export interface DatabaseLock {
  /** What the last holder left in it, null where there is nothing. */
  readonly note: string | null;
  /** Leaves a note for the next one. */
  leave(note: string): void;
  release(): void;
}

/**
 * One process a database. The lock is a write lock that SQLite holds on a file beside it: the kernel drops it with the
 * process, however that ends, so a crash never leaves a stale one, and there is nothing to keep alive by a heartbeat.
 * @throws SetupError when another process has it
 */
export function lockDatabase(file: string): DatabaseLock {
  // A link to the file is the same database.
  const holder = new Database(`${existsSync(file) ? realpathSync(file) : file}.lock`, { timeout: 0 });
  try {
    holder.pragma('journal_mode = DELETE');
    // From the first transaction on, it is kept between them, too.
    holder.pragma('locking_mode = EXCLUSIVE');
    holder.exec('BEGIN EXCLUSIVE');
    holder.exec('CREATE TABLE IF NOT EXISTS note (one INTEGER PRIMARY KEY CHECK (one = 1), text TEXT NOT NULL) STRICT');
    const note = holder.prepare<[], string>('SELECT text FROM note').pluck().get() ?? null;
    holder.exec('COMMIT');
    const leave = holder.prepare('INSERT OR REPLACE INTO note (one, text) VALUES (1, ?)');
    return { note, leave: (text) => void leave.run(text), release: () => void holder.close() };
  } catch (thrown) {
    holder.close();
    if (!codeOf(thrown).startsWith('SQLITE_BUSY')) throw thrown;
    throw new SetupError(
      `Another Countersign already uses the database ${file}. Stop it first, or give this one its own DATABASE_URL.`,
      { cause: thrown },
    );
  }
}
