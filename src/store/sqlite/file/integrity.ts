/** Checks of a database file before it is used, and what it depends on. Tested in test/store/sqlite/file/open.test.ts and
 * test/faults/process/database.test.ts. */
import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs';
import Sqlite, { type Database } from 'better-sqlite3';
import { SetupError } from '../../../core/ports/errors.ts';

/** Offset of the write version in SQLite's header: 1 is a rollback journal, 2 a write-ahead log. */
const WRITE_VERSION_AT = 18;
const WRITE_AHEAD_LOG = 2;
/**
 * The tables that decide what the bot does: at a start, all of their pages are read and compared with their indexes. They
 * stay small, because settled approvals are archived. Every backup also reads the archive and the audit log, which grow.
 */
const CHECKED_TABLES = ['approvals', 'jobs', 'inputs'];

/**
 * SQLite would apply a write-ahead log of another database to this file. A file of ours that has a log says so in its
 * header; a restored backup has none.
 * @throws SetupError
 */
export function checkHeader(file: string): void {
  const log = `${file}-wal`;
  if (!existsSync(file) || !existsSync(log) || statSync(log).size === 0) return;
  const header = Buffer.alloc(WRITE_VERSION_AT + 1);
  const handle = openSync(file, 'r');
  const length = readSync(handle, header, 0, header.length, 0);
  closeSync(handle);
  if (length < header.length || header[WRITE_VERSION_AT] === WRITE_AHEAD_LOG) return;
  throw new SetupError(
    `Beside the database ${file} is the write-ahead log of another database, ${log}. If you restored a backup, move ` +
      `${log} and ${file}-shm away (they belong to the previous database), then start again.`,
  );
}

/** A database as these checks read it: the start's own, or one that is only looked at. */
export interface Readable {
  /** The first column of every row. */
  column(sql: string): readonly unknown[];
}

export function readable(db: Database): Readable {
  return { column: (sql) => db.prepare<[], unknown>(sql).pluck().all() };
}

/** @returns whether the database is new. @throws SetupError for a database of another program */
export function checkIsOurs(db: Readable, file: string): boolean {
  const tables = db.column("SELECT name FROM sqlite_schema WHERE type = 'table'");
  if (tables.length === 0) return true;
  if (tables.includes('approvals') && tables.includes('audit')) return false;
  throw new SetupError(
    `The database ${file} belongs to another program (it has a table “${tables[0]}”). Set DATABASE_URL to another file.`,
  );
}

/** @param known the schema version of this code. @throws SetupError for a later one */
export function checkNotNewer(db: Readable, file: string, known: number): void {
  const version = Number(db.column('PRAGMA user_version')[0]);
  if (version <= known) return;
  throw new SetupError(
    `The database ${file} was written by a newer Countersign (schema ${version}, this version knows ${known}). ` +
      'Run the newer version, or restore a backup from before the upgrade.',
  );
}

/** @throws SetupError for a file with broken pages */
export function checkPages(db: Readable, file: string): void {
  for (const table of CHECKED_TABLES) {
    const complaint = String(db.column(`PRAGMA quick_check(${table})`)[0]);
    if (complaint === 'ok') continue;
    throw new SetupError(
      `The database ${file} is damaged (${complaint.split('\n')[0]}). Restore a backup: docs/backup.md.`,
    );
  }
}

/** The version of SQLite that reads and writes the databases. */
export function sqliteVersion(): string {
  const db = new Sqlite(':memory:');
  try {
    return String(db.prepare<[], string>('SELECT sqlite_version()').pluck().get());
  } finally {
    db.close();
  }
}
