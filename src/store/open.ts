import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { coerceError, SetupError } from '../core/errors.ts';
import { lockDatabase } from './lock.ts';
import { migrations } from './migrations.ts';

/** How long a statement waits for a reader from outside (a backup, a shell) before it fails, ms. */
const BUSY_TIMEOUT_MS = 2_000;

export interface OpenDatabase {
  db: Database.Database;
  close: () => void;
}

/**
 * Opens the file, makes it if need be, brings it up to date, and keeps every other process out.
 * @param file path, or `:memory:`
 * @throws SetupError that says what to do
 */
export function openDatabase(file: string, steps: readonly string[] = migrations): OpenDatabase {
  const inMemory = file === ':memory:';
  let unlock = () => {};
  let db: Database.Database | undefined;
  try {
    if (!inMemory) {
      mkdirSync(dirname(file), { recursive: true });
      unlock = lockDatabase(file);
    }
    db = new Database(file, { timeout: BUSY_TIMEOUT_MS });
    db.pragma('journal_mode = WAL');
    db.pragma('synchronous = FULL');
    db.pragma('foreign_keys = ON');
    migrate(db, file, steps);
  } catch (thrown) {
    db?.close();
    unlock();
    if (thrown instanceof SetupError) throw thrown;
    const { message } = coerceError(thrown);
    const advice = 'Check DATABASE_URL, and that the file and its folder can be written.';
    throw new SetupError(`The database ${file} can't be opened: ${message}. ${advice}`, { cause: thrown });
  }
  const opened = db;
  return {
    db: opened,
    close: () => {
      opened.close();
      unlock();
    },
  };
}

function migrate(db: Database.Database, file: string, steps: readonly string[]): void {
  const version = Number(db.pragma('user_version', { simple: true }));
  if (version > steps.length) {
    throw new SetupError(
      `The database ${file} was written by a newer Countersign (schema ${version}, this one knows ${steps.length}). ` +
        'Run that version, or restore a backup from before the upgrade.',
    );
  }
  for (const [index, sql] of steps.entries()) {
    if (index < version) continue;
    db.transaction(() => {
      db.exec(sql);
      db.pragma(`user_version = ${index + 1}`);
    })();
  }
}
