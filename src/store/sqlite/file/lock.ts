/** One process per database. Tested in test/store/sqlite/file/open.test.ts. */
import { existsSync, realpathSync } from 'node:fs';
import Database from 'better-sqlite3';
import { SetupError } from '../../../core/ports/errors.ts';
import { codeOf } from './errors.ts';

/** The doctor looks for the lock without a bot, and has it for less than a millisecond. */
const LOOKED_MS = 250;

export interface DatabaseLock {
  /** The note of the last process that had the lock; null when there is none. */
  readonly note: string | null;
  /** Leaves a note for the next process. */
  writeNote(note: string): void;
  release(): void;
}

/**
 * Allows one process per database. The lock is a write lock that SQLite holds on a file beside it. The kernel releases it
 * with the process, however that ends, so a crash leaves no stale lock and no heartbeat is needed.
 * @throws SetupError when another process has it
 */
export function lockDatabase(file: string): DatabaseLock {
  // A symbolic link names the same database.
  const holder = new Database(lockFile(file), { timeout: LOOKED_MS });
  try {
    holder.pragma('journal_mode = DELETE');
    // In this mode, the lock of the first transaction is kept between transactions, too.
    holder.pragma('locking_mode = EXCLUSIVE');
    holder.exec('BEGIN EXCLUSIVE');
    holder.exec('CREATE TABLE IF NOT EXISTS note (one INTEGER PRIMARY KEY CHECK (one = 1), text TEXT NOT NULL) STRICT');
    const note = holder.prepare<[], string>('SELECT text FROM note').pluck().get() ?? null;
    holder.exec('COMMIT');
    const write = holder.prepare('INSERT OR REPLACE INTO note (one, text) VALUES (1, ?)');
    return { note, writeNote: (text) => void write.run(text), release: () => void holder.close() };
  } catch (thrown) {
    holder.close();
    if (!codeOf(thrown).startsWith('SQLITE_BUSY')) throw thrown;
    throw new SetupError(
      `Another Countersign already uses the database ${file}. Stop it first, or give this one its own DATABASE_URL.`,
      { cause: thrown },
    );
  }
}

/** Whether a process has it now. Changes nothing. */
export function isLocked(file: string): boolean {
  const path = lockFile(file);
  if (!existsSync(path)) return false;
  let looker: Database.Database | undefined;
  try {
    looker = new Database(path, { readonly: true, fileMustExist: true, timeout: 0 });
    looker.prepare('SELECT count(*) FROM sqlite_schema').get();
    return false;
  } catch (thrown) {
    // Others: what a process left that ended in the middle of a write. No one has it.
    return codeOf(thrown).startsWith('SQLITE_BUSY');
  } finally {
    looker?.close();
  }
}

function lockFile(file: string): string {
  return `${existsSync(file) ? realpathSync(file) : file}.lock`;
}
