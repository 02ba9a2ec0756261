/**
 * Looks at the database of a bot that does not run, and changes nothing: no lock, no migration, no write-ahead log, no
 * file beside it. Tested in test/store/sqlite/unopened/examine.test.ts.
 */
import { copyFileSync, existsSync, mkdtempSync, realpathSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { coerceError, SetupError } from '../../../core/ports/errors.ts';
import type { JobStats } from '../../../core/ports/store.ts';
import { sizeText } from '../../../core/text/numbers.ts';
import { checkMoveMark } from '../file/copy-detection.ts';
import { setupError } from '../file/errors.ts';
import { checkHeader, checkIsOurs, checkNotNewer, checkPages, type Readable } from '../file/integrity.ts';
import { isLocked } from '../file/lock.ts';
import { migrations } from '../file/migrations.ts';
import * as sql from '../sql/stats.ts';

/** A copy is made where a process ended without closing the database, of both files: in seconds, and with room for it. */
const COPIED_MAX_BYTES = 512 * 1024 * 1024;

export type DeadJobs = readonly Pick<JobStats, 'kind' | 'dead'>[];

/** A process has the database: it is to be asked. */
export class DatabaseInUse extends Error {
  override readonly name = 'DatabaseInUse';
}

/**
 * @returns null where there is no database yet, or one of an older schema, whose tables may be others
 * @throws SetupError as a start would; DatabaseInUse; Error where it can't be looked at
 */
export function examineDatabase(path: string): DeadJobs | null {
  if (!existsSync(path)) return null;
  const file = realpathSync(path);
  if (isLocked(file)) throw new DatabaseInUse(`A process uses the database ${path}.`);
  checkHeader(file);
  const wal = sizeOf(`${file}-wal`);
  const bytes = statSync(file).size + wal;
  // Without a log everything is in the file itself, which is then read as if nothing could change it.
  if (wal === 0) return read(path, `${pathToFileURL(resolve(file)).href}?immutable=1`);
  if (bytes > COPIED_MAX_BYTES) {
    throw new Error(
      `The last process did not close it, and it has ${sizeText(bytes)}, too much to look at in a copy. The next start reads it whole.`,
    );
  }
  const folder = mkdtempSync(join(tmpdir(), 'countersign-doctor-'));
  try {
    const copy = join(folder, 'copy.db');
    copyFileSync(file, copy);
    copyFileSync(`${file}-wal`, `${copy}-wal`);
    return read(path, pathToFileURL(copy).href);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @param path for messages */
function read(path: string, url: string): DeadJobs | null {
  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(new URL(url), { readOnly: url.endsWith('?immutable=1') });
    const opened = db;
    const pages: Readable = {
      column: (text) =>
        opened
          .prepare(text)
          .all()
          .map((row) => Object.values(row)[0]),
    };
    const knownSchema = migrations.length;
    if (checkIsOurs(pages, path)) return null;
    checkNotNewer(pages, path, knownSchema);
    checkPages(pages, path);
    checkMoveMark(moveMarkIn(pages), path);
    if (Number(pages.column('PRAGMA user_version')[0]) < knownSchema) return null;
    // Safe: the statement names these columns. Which of them are recent is not asked.
    return db.prepare(sql.countDeadJobs).all({ since: 0 }) as unknown as DeadJobs;
  } catch (thrown) {
    if (thrown instanceof SetupError) throw thrown;
    throw setupError(path, Object.assign(coerceError(thrown), { code: codeOf(thrown) }));
  } finally {
    db?.close();
  }
}

/** Also of an older schema, so that the table may not be there. */
function moveMarkIn({ column }: Readable): string | null {
  if (column("SELECT 1 FROM sqlite_schema WHERE name = 'meta'").length === 0) return null;
  const [stored] = column("SELECT value FROM meta WHERE key = 'moved'");
  return typeof stored === 'string' ? stored : null;
}

/** The codes of SQLite that Node gives as numbers, as the start's library names them. */
const codes: Record<number, string> = {
  3: 'SQLITE_PERM',
  5: 'SQLITE_BUSY',
  8: 'SQLITE_READONLY',
  10: 'SQLITE_IOERR',
  11: 'SQLITE_CORRUPT',
  14: 'SQLITE_CANTOPEN',
  26: 'SQLITE_NOTADB',
};

function codeOf(thrown: unknown): string {
  const { errcode, code } = thrown as { errcode?: number; code?: string };
  return codes[(errcode ?? 0) & 0xff] ?? code ?? '';
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
