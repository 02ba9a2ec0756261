/**
 * Whether a database is where it was last used, or a copy of it. A copy, made on purpose or not, may lie behind the
 * original, which may even still run: what it owed may have been sent by then.
 *
 * The database and the lock beside it share a token that changes with every start; the lock also keeps the file's number
 * (inode). So each of these is noticed: a backup that was put back, an older file over the present one, a folder copied
 * to another host. A whole disk that was copied is not: there, nothing differs.
 */
import { randomUUID } from 'node:crypto';
import { statSync } from 'node:fs';
import type { Database } from 'better-sqlite3';
import type { CopyMark } from '../../../core/ports/ports.ts';
import type { DatabaseLock } from './lock.ts';

interface Home {
  /** Two while the database is being told of the second. */
  tokens: string[];
  inode: string;
}

/** Notes whether this is a copy, and that it lives here from now on. Every step may be the last before a crash. */
export function moveIn(db: Database, file: string, lock: DatabaseLock, isNew: boolean): void {
  const home = parse(lock.note);
  const token = readMeta(db, 'home');
  const inode = String(statSync(file, { bigint: true }).ino);
  // A database from before there were tokens has none: nothing is known against it.
  const isHome = isNew || token === null || (home?.tokens.includes(token) === true && home.inode === inode);
  const next = randomUUID();
  const kept = isHome && token !== null ? [token, next] : [next];
  if (isHome) lock.leave(JSON.stringify({ tokens: kept, inode }));
  db.transaction(() => {
    if (!isHome && readCopy(db) === null) markCopy(db, { madeAt: null });
    writeMeta(db, 'home', next);
  }).immediate();
  lock.leave(JSON.stringify({ tokens: [next], inode }));
}

/** For a copy: whoever opens it knows what it is, and where it came from no longer counts. */
export function markCopy(db: Database, mark: CopyMark): void {
  writeMeta(db, 'copy', JSON.stringify(mark));
}

export function readCopy(db: Database): CopyMark | null {
  const text = readMeta(db, 'copy');
  return text === null ? null : (JSON.parse(text) as CopyMark);
}

export function clearCopy(db: Database): void {
  db.prepare("DELETE FROM meta WHERE key = 'copy'").run();
}

function readMeta(db: Database, key: string): string | null {
  return db.prepare<[string], string>('SELECT value FROM meta WHERE key = ?').pluck().get(key) ?? null;
}

function writeMeta(db: Database, key: string, value: string): void {
  db.prepare('INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)').run(key, value);
}

function parse(note: string | null): Home | null {
  try {
    const home = JSON.parse(note ?? 'null') as Partial<Home> | null;
    return Array.isArray(home?.tokens) && typeof home.inode === 'string' ? (home as Home) : null;
  } catch {
    return null;
  }
}
