import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { SetupError } from '../../../core/ports/errors.ts';
import type { ReachFailPoint } from '../../../core/ports/fail-points.ts';
import { detectCopy } from './copy-detection.ts';
import { setupError } from './errors.ts';
import { checkHeader, checkIsOurs, checkNotNewer, checkPages, readable } from './integrity.ts';
import { type DatabaseLock, lockDatabase } from './lock.ts';
import { migrations } from './migrations.ts';
import { addPendingFunctions } from './pending-functions.ts';
import { addPrecedentFunctions } from './precedent-functions.ts';
import { FOLDER_MODE } from './private-files.ts';
import { addRenameFunctions } from './rename-stored-keys.ts';

/** How long the start waits for another program's lock (a shell, a copy job), ms. It blocks the process. */
const START_WAIT_MS = 2_000;
/** The write-ahead log grows in a burst or during a long backup, and is then truncated to this, bytes. */
const LOG_KEPT_BYTES = 16 * 1024 * 1024;
/** Pages of the file that SQLite keeps in the process, kB. The system keeps them, too: a miss costs a copy of one page. */
const PAGES_KEPT_KB = 4_000;

export interface OpenDatabase {
  db: Database.Database;
  close: () => void;
}

/**
 * Opens the file, creates it if necessary, migrates it, and locks out every other process.
 * @param file path, or `:memory:`
 * @param onStatement for tests: called with every statement that is run
 * @throws SetupError that says what to do
 */
export function openDatabase(
  file: string,
  steps: readonly string[] = migrations,
  failPoint?: ReachFailPoint,
  onStatement?: (sql: string) => void,
): OpenDatabase {
  const inMemory = file === ':memory:';
  let lock: DatabaseLock | undefined;
  let db: Database.Database | undefined;
  try {
    if (!inMemory) {
      mkdirSync(dirname(file), { recursive: true, mode: FOLDER_MODE });
      lock = lockDatabase(file);
      checkHeader(file);
    }
    const watched = onStatement && { verbose: (sql: unknown) => onStatement(String(sql)) };
    db = new Database(file, { timeout: START_WAIT_MS, ...watched });
    const isNew = checkIsOurs(readable(db), file);
    checkNotNewer(readable(db), file, steps.length);
    if (isNew) db.pragma('auto_vacuum = INCREMENTAL');
    else checkPages(readable(db), file);
    db.pragma('journal_mode = WAL');
    db.pragma('synchronous = FULL');
    db.pragma('foreign_keys = ON');
    // What a savepoint can restore is kept in memory: a temporary file would need a file handle in the middle of a commit.
    db.pragma('temp_store = MEMORY');
    db.pragma(`cache_size = -${PAGES_KEPT_KB}`);
    db.pragma(`journal_size_limit = ${LOG_KEPT_BYTES}`);
    addRenameFunctions(db);
    addPrecedentFunctions(db);
    addPendingFunctions(db);
    migrate(db, steps, failPoint);
    if (lock !== undefined) detectCopy(db, file, lock, isNew);
    // From now on, GroupCommit waits for a lock, without blocking the event loop.
    db.pragma('busy_timeout = 0');
  } catch (thrown) {
    db?.close();
    lock?.release();
    throw thrown instanceof SetupError ? thrown : setupError(file, thrown);
  }
  const opened = db;
  return {
    db: opened,
    close: () => {
      opened.close();
      lock?.release();
    },
  };
}

/** Each step is one transaction together with its version number, so after a crash it is either done or repeated. */
function migrate(db: Database.Database, steps: readonly string[], failPoint: ReachFailPoint | undefined): void {
  const version = Number(db.pragma('user_version', { simple: true }));
  for (const [index, sql] of steps.entries()) {
    if (index < version) continue;
    failPoint?.('migration.begun');
    db.transaction(() => {
      db.exec(sql);
      db.pragma(`user_version = ${index + 1}`);
      failPoint?.('migration.written');
    }).immediate();
    failPoint?.('migration.done');
  }
}
