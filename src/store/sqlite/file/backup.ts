import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { coerceError, SetupError } from '../../../core/ports/errors.ts';
import { markCopy } from './copy-detection.ts';
import { codeOf, setupError } from './errors.ts';
import { checkIsOurs } from './integrity.ts';

/** How long a lock is waited for, ms. Reading needs one for a moment at the most. */
const LOCK_WAIT_MS = 10_000;
/** What people decided on is nobody else's business. */
const OWNER_ONLY = 0o600;

export interface Backup {
  file: string;
  bytes: number;
  approvals: number;
  unfinished: number;
}

/**
 * A consistent copy of a database, also while the bot works on it: all that was acknowledged before is in it. One
 * snapshot is read, and nobody is kept from writing meanwhile. The copy is checked, on disk, and marked as one, before it
 * gets its name; nothing is overwritten.
 * @param madeAt ms since 1970
 * @throws SetupError that says what to do
 */
export function backUp(from: string, to: string, madeAt: number): Backup {
  if (!existsSync(from)) {
    throw new SetupError(
      `There is no database at ${from}. Set DATABASE_URL as the bot has it, or run this in its folder.`,
    );
  }
  refuseToOverwrite(to);
  const partial = `${to}.partial-${madeAt}`;
  try {
    mkdirSync(dirname(to), { recursive: true });
    snapshot(from, partial);
    const counts = prepare(partial, to, madeAt);
    chmodSync(partial, OWNER_ONLY);
    sync(partial);
    giveName(partial, to);
    sync(dirname(to));
    return { file: to, bytes: statSync(to).size, ...counts };
  } catch (thrown) {
    if (thrown instanceof SetupError) throw thrown;
    if (/^SQLITE_(?:CORRUPT|NOTADB|BUSY)/.test(codeOf(thrown))) throw setupError(from, thrown);
    throw new SetupError(`The backup ${to} can't be written: ${coerceError(thrown).message}.`, { cause: thrown });
  } finally {
    for (const left of [partial, `${partial}-journal`]) if (existsSync(left)) rmSync(left);
  }
}

function snapshot(from: string, partial: string): void {
  const source = new Database(from, { fileMustExist: true, timeout: LOCK_WAIT_MS });
  try {
    if (checkIsOurs(source, from)) throw new SetupError(`The database ${from} is empty: there is nothing to back up.`);
    const { present } = source
      .prepare<[], { present: number }>("SELECT count(*) AS present FROM sqlite_schema WHERE name = 'meta'")
      .get() ?? { present: 0 };
    if (present === 0)
      throw new SetupError(`The database ${from} is an older Countersign's. Start this one on it first.`);
    source.prepare('VACUUM INTO ?').run(partial);
  } finally {
    source.close();
  }
}

/** Reads every page of the copy, and says in it what it is. */
function prepare(partial: string, to: string, madeAt: number): Pick<Backup, 'approvals' | 'unfinished'> {
  const copy = new Database(partial, { fileMustExist: true });
  try {
    const complaint = String(copy.pragma('quick_check(1)', { simple: true }));
    if (complaint !== 'ok') throw new SetupError(`The copy is damaged, so ${to} was not written: ${complaint}.`);
    copy.pragma('journal_mode = DELETE');
    copy.transaction(() => {
      copy.exec("DELETE FROM meta WHERE key = 'home'");
      markCopy(copy, { madeAt });
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
  if (existsSync(to))
    throw new SetupError(`${to} is there already, and a backup never overwrites. Choose another name.`);
}

/** A link, unlike a move, fails where somebody has made that file meanwhile. */
function giveName(partial: string, to: string): void {
  try {
    linkSync(partial, to);
  } catch (thrown) {
    refuseToOverwrite(to);
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'].includes(codeOf(thrown))) throw thrown;
    // This file system knows no links.
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
