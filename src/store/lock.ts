import { existsSync, realpathSync } from 'node:fs';
import Database from 'better-sqlite3';
import { SetupError } from '../core/errors.ts';

/**
 * One process a database. The lock is a write lock that SQLite holds on a file beside it: the kernel drops it with the
 * process, however that ends, so a crash never leaves a stale one.
 * @returns the way to give it back
 * @throws SetupError when another process has it
 */
export function lockDatabase(file: string): () => void {
  // A link to the file is the same database.
  const holder = new Database(`${existsSync(file) ? realpathSync(file) : file}.lock`, { timeout: 0 });
  try {
    holder.pragma('journal_mode = DELETE');
    holder.exec('BEGIN EXCLUSIVE');
  } catch (thrown) {
    holder.close();
    if ((thrown as { code?: unknown }).code !== 'SQLITE_BUSY') throw thrown;
    throw new SetupError(
      `Another Countersign already uses the database ${file}. Stop it first, or give this one its own DATABASE_URL.`,
      { cause: thrown },
    );
  }
  return () => holder.close();
}
