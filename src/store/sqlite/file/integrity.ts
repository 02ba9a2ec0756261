/** What is looked at before a database is trusted. Each complaint says what to do. */
import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs';
import type { Database } from 'better-sqlite3';
import { SetupError } from '../../../core/ports/errors.ts';

/** Where SQLite's header says how the file is written: 1 for a rollback journal, 2 for a write-ahead log. */
const WRITE_VERSION_AT = 18;
const WITH_LOG = 2;
/**
 * What decides what we do: their pages are read whole at a start, and their indexes held against them. They stay small,
 * since what is settled is archived; the archive and the audit log, which grow, are read whole by every backup.
 */
const READ_WHOLE = ['approvals', 'jobs', 'inputs'];

/**
 * A write-ahead log that belongs to another file would be played into this one. Ours has none without saying so in its
 * header; a backup that was put back has no log at all.
 * @throws SetupError
 */
export function checkHeader(file: string): void {
  const log = `${file}-wal`;
  if (!existsSync(file) || !existsSync(log) || statSync(log).size === 0) return;
  const header = Buffer.alloc(WRITE_VERSION_AT + 1);
  const handle = openSync(file, 'r');
  const length = readSync(handle, header, 0, header.length, 0);
  closeSync(handle);
  if (length < header.length || header[WRITE_VERSION_AT] === WITH_LOG) return;
  throw new SetupError(
    `Beside the database ${file} lies the write-ahead log of another one, ${log}. If you put a backup back, move ` +
      `${log} and ${file}-shm away (they belong to the database that was there before), then start again.`,
  );
}

/** @returns whether there is nothing in it yet. @throws SetupError for somebody else's database */
export function checkIsOurs(db: Database, file: string): boolean {
  const tables = db.prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'table'").pluck().all();
  if (tables.length === 0) return true;
  if (tables.includes('approvals') && tables.includes('audit')) return false;
  throw new SetupError(
    `The database ${file} belongs to another program (it has a table “${tables[0]}”). Point DATABASE_URL at another file.`,
  );
}

/** @param known how many schema versions this code knows. @throws SetupError */
export function checkNotNewer(db: Database, file: string, known: number): void {
  const version = Number(db.pragma('user_version', { simple: true }));
  if (version <= known) return;
  throw new SetupError(
    `The database ${file} was written by a newer Countersign (schema ${version}, this one knows ${known}). ` +
      'Run that version, or restore a backup from before the upgrade.',
  );
}

/** @throws SetupError for a file with broken pages */
export function checkPages(db: Database, file: string): void {
  for (const table of READ_WHOLE) {
    const complaint = String(db.pragma(`quick_check(${table})`, { simple: true }));
    if (complaint === 'ok') continue;
    throw new SetupError(
      `The database ${file} is damaged (${complaint.split('\n')[0]}). Restore a backup: docs/backup.md.`,
    );
  }
}
