/**
 * Detects whether a database is a copy: the original may have continued, or may still run, so jobs in the copy may have
 * been done already.
 *
 * The database and the lock file beside it share a token that changes with every start; the lock file also records the
 * database file's inode. This detects a restored backup, an older file written over the present one, and a folder that
 * was copied to another host. It can't detect a copied disk, where nothing differs.
 */
import { randomUUID } from 'node:crypto';
import { statSync } from 'node:fs';
import type { Database } from 'better-sqlite3';
import { SetupError } from '../../../core/ports/errors.ts';
import type { CopyMark } from '../../../core/ports/ports.ts';
import type { DatabaseLock } from './lock.ts';

/** What the lock file records of the database beside it. */
interface Identity {
  /** Two while the token in the database is being replaced. */
  tokens: string[];
  inode: string;
}

/** Marks the database when it is a copy, and gives it a new token. A crash after any step is safe. */
export function detectCopy(db: Database, file: string, lock: DatabaseLock, isNew: boolean): void {
  const recorded = parse(lock.note);
  const token = readMeta(db, 'home');
  const inode = String(statSync(file, { bigint: true }).ino);
  // A database from a version without tokens has none, so it can't be called a copy.
  const isOriginal = isNew || token === null || (recorded?.tokens.includes(token) === true && recorded.inode === inode);
  const next = randomUUID();
  const valid = isOriginal && token !== null ? [token, next] : [next];
  if (isOriginal) lock.writeNote(JSON.stringify({ tokens: valid, inode }));
  db.transaction(() => {
    if (!isOriginal && readCopyMark(db) === null) writeCopyMark(db, { madeAt: null });
    writeMeta(db, 'home', next);
  }).immediate();
  lock.writeNote(JSON.stringify({ tokens: [next], inode }));
}

/** A token that is not there is not compared: for a backup, which carries a mark instead. */
export function deleteToken(db: Database): void {
  db.prepare("DELETE FROM meta WHERE key = 'home'").run();
}

export function readCopyMark(db: Database): CopyMark | null {
  const text = readMeta(db, 'copy');
  return text === null ? null : (JSON.parse(text) as CopyMark);
}

export function writeCopyMark(db: Database, mark: CopyMark): void {
  writeMeta(db, 'copy', JSON.stringify(mark));
}

export function clearCopyMark(db: Database): void {
  db.prepare("DELETE FROM meta WHERE key = 'copy'").run();
}

/** Two bots on the same outbox would do everything twice. @throws SetupError for a file that was moved to PostgreSQL */
export function checkNotMoved(db: Database, file: string): void {
  checkMoveMark(readMeta(db, 'moved'), file);
}

/** @param stored the mark as it is stored; null: there is none @throws SetupError */
export function checkMoveMark(stored: string | null, file: string): void {
  if (stored === null) return;
  const mark = JSON.parse(stored) as MoveMark;
  throw new SetupError(
    mark.state === 'moved'
      ? `The database ${file} was moved to PostgreSQL (${mark.to}). Set DATABASE_URL to that one. To go on with this file in its place, run \`npm run move -- --cancel\`: what was done there since is not in it.`
      : `A move of the database ${file} to PostgreSQL (${mark.to}) was begun, and has not come to its end. Run \`npm run move -- --to URL\` again, or give it up with \`npm run move -- --cancel\`.`,
  );
}

/** What the file says of its move. */
export interface MoveMark {
  /** The database it goes to says the same. */
  id: string;
  /** `moving`: it was begun, and how far it came is not known here. */
  state: 'moving' | 'moved';
  /** Where to, for people: no password. */
  to: string;
  /** ms since 1970 */
  at: number;
}

export function readMoveMark(db: Database): MoveMark | null {
  const text = readMeta(db, 'moved');
  return text === null ? null : (JSON.parse(text) as MoveMark);
}

/** @param mark null: it was not moved */
export function writeMoveMark(db: Database, mark: MoveMark | null): void {
  if (mark === null) db.prepare("DELETE FROM meta WHERE key = 'moved'").run();
  else writeMeta(db, 'moved', JSON.stringify(mark));
}

function readMeta(db: Database, key: string): string | null {
  return db.prepare<[string], string>('SELECT value FROM meta WHERE key = ?').pluck().get(key) ?? null;
}

function writeMeta(db: Database, key: string, value: string): void {
  db.prepare('INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)').run(key, value);
}

function parse(note: string | null): Identity | null {
  try {
    const parsed = JSON.parse(note ?? 'null') as Partial<Identity> | null;
    return Array.isArray(parsed?.tokens) && typeof parsed.inode === 'string' ? (parsed as Identity) : null;
  } catch {
    return null;
  }
}
