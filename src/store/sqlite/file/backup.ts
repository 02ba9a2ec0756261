import { closeSync, existsSync, fsyncSync, linkSync, mkdirSync, openSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { coerceError, SetupError } from '../../../core/ports/errors.ts';
import { deleteToken, writeCopyMark } from './copy-detection.ts';
import { codeOf, setupError } from './errors.ts';
import { checkIsOurs, readable } from './integrity.ts';
import { FILE_MODE, FOLDER_MODE } from './private-files.ts';

/** How long the read lock is waited for, ms. */
const LOCK_WAIT_MS = 10_000;

export interface Backup {
  file: string;
  bytes: number;
  /** Archived ones included. */
  approvals: number;
  /** Those that are not settled. */
  unfinished: number;
}

/**
 * Writes a consistent copy of a database, also while the bot runs: it holds everything that was acknowledged before. It
 * reads one snapshot and blocks no writer. The copy is checked, synced to the disk and marked as a copy before it gets
 * its name. Nothing is overwritten.
 * @param madeAt ms since 1970
 * @throws SetupError that says what to do
 */
export function backUp(from: string, to: string, madeAt: number): Backup {
  if (!existsSync(from)) {
    throw new SetupError(
      `There is no database at ${from}. Set DATABASE_URL to the bot's value, or run this in the bot's folder.`,
    );
  }
  refuseToOverwrite(to);
  const partial = `${to}.partial-${madeAt}`;
  try {
    mkdirSync(dirname(to), { recursive: true, mode: FOLDER_MODE });
    // Empty, so that SQLite writes into it: it is its owner's from the first byte.
    closeSync(openSync(partial, 'wx', FILE_MODE));
    snapshot(from, partial);
    const counts = prepare(partial, to, madeAt);
    sync(partial);
    giveName(partial, to);
    sync(dirname(to));
    return { file: to, bytes: statSync(to).size, ...counts };
  } catch (thrown) {
    if (thrown instanceof SetupError) throw thrown;
    if (/^SQLITE_(?:CORRUPT|NOTADB|BUSY)/.test(codeOf(thrown))) throw setupError(from, thrown);
    throw new SetupError(`The backup ${to} can't be written: ${coerceError(thrown).message}.`, { cause: thrown });
  } finally {
    for (const file of [partial, `${partial}-journal`]) if (existsSync(file)) rmSync(file);
  }
}

function snapshot(from: string, partial: string): void {
  const source = new Database(from, { fileMustExist: true, timeout: LOCK_WAIT_MS });
  try {
    if (checkIsOurs(readable(source), from))
      throw new SetupError(`The database ${from} is empty: there is nothing to back up.`);
    const { present } = source
      .prepare<[], { present: number }>("SELECT count(*) AS present FROM sqlite_schema WHERE name = 'meta'")
      .get() ?? { present: 0 };
    if (present === 0)
      throw new SetupError(`The database ${from} was written by an older Countersign. Start this version on it first.`);
    source.prepare('VACUUM INTO ?').run(partial);
  } finally {
    source.close();
  }
}

/** Reads every page of the copy, and marks it as a copy. */
function prepare(partial: string, to: string, madeAt: number): Pick<Backup, 'approvals' | 'unfinished'> {
  const copy = new Database(partial, { fileMustExist: true });
  try {
    const complaint = String(copy.pragma('quick_check(1)', { simple: true }));
    if (complaint !== 'ok') throw new SetupError(`The copy is damaged, so ${to} was not written: ${complaint}.`);
    copy.pragma('journal_mode = DELETE');
    copy.transaction(() => {
      deleteToken(copy);
      writeCopyMark(copy, { madeAt });
    })();
    const count = (sql: string) => Number(copy.prepare(sql).pluck().get());
    return {
      approvals: count('SELECT (SELECT count(*) FROM approvals) + (SELECT count(*) FROM archive)'),
      unfinished: count("SELECT count(*) FROM approvals WHERE phase <> 'settled'"),
    };
  } finally {
    copy.close();
  }
}

function refuseToOverwrite(to: string): void {
  if (existsSync(to)) throw new SetupError(`${to} already exists, and a backup never overwrites. Choose another name.`);
}

/** A link, unlike a rename, fails when the file was created meanwhile. */
function giveName(partial: string, to: string): void {
  try {
    linkSync(partial, to);
  } catch (thrown) {
    refuseToOverwrite(to);
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'].includes(codeOf(thrown))) throw thrown;
    // This file system has no hard links.
    renameSync(partial, to);
  }
}

function sync(path: string): void {
  const handle = openSync(path, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
