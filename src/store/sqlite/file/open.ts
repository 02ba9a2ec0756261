import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { SetupError } from '../../../core/ports/errors.ts';
import { goOn, type ReachFailPoint } from '../../../core/ports/fail-points.ts';
import { moveIn } from './copy-detection.ts';
import { setupError } from './errors.ts';
import { checkHeader, checkIsOurs, checkNotNewer, checkPages } from './integrity.ts';
import { type DatabaseLock, lockDatabase } from './lock.ts';
import { migrations } from './migrations.ts';

/** How long the start waits for a lock of another program (a shell, a copy job), ms. Nothing else goes on then. */
const START_WAIT_MS = 2_000;
/** After a burst, or a backup that took long, the write-ahead log is cut back to this, bytes. */
const LOG_KEPT_BYTES = 16 * 1024 * 1024;

export interface OpenDatabase {
  db: Database.Database;
  close: () => void;
}

/**
 * Opens the file, makes it if need be, brings it up to date, and keeps every other process out.
 * @param file path, or `:memory:`
 * @throws SetupError that says what to do
 */
export function openDatabase(file: string, steps: readonly string[] = migrations, failPoint = goOn): OpenDatabase {
  const inMemory = file === ':memory:';
  let lock: DatabaseLock | undefined;
  let db: Database.Database | undefined;
  try {
    if (!inMemory) {
      mkdirSync(dirname(file), { recursive: true });
      lock = lockDatabase(file);
      checkHeader(file);
    }
    db = new Database(file, { timeout: START_WAIT_MS });
    const isNew = checkIsOurs(db, file);
    checkNotNewer(db, file, steps.length);
    if (isNew) db.pragma('auto_vacuum = INCREMENTAL');
    else checkPages(db, file);
    db.pragma('journal_mode = WAL');
    db.pragma('synchronous = FULL');
    db.pragma('foreign_keys = ON');
    db.pragma(`journal_size_limit = ${LOG_KEPT_BYTES}`);
    migrate(db, steps, failPoint);
    if (lock !== undefined) moveIn(db, file, lock, isNew);
    // From here on a lock is waited for between the turns of the event loop, not inside of one.
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

/** Each step is one transaction, with the number that says it ran: a start that is broken off repeats or skips it whole. */
function migrate(db: Database.Database, steps: readonly string[], failPoint: ReachFailPoint): void {
  const version = Number(db.pragma('user_version', { simple: true }));
  for (const [index, sql] of steps.entries()) {
    if (index < version) continue;
    failPoint('migration.begun');
    db.transaction(() => {
      db.exec(sql);
      db.pragma(`user_version = ${index + 1}`);
      failPoint('migration.written');
    }).immediate();
    failPoint('migration.done');
  }
}
