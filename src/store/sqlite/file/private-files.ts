/**
 * Keeps the database and all that is written beside it to its owner: what people decided on is in it. Tested in
 * test/store/sqlite/file/private-files.test.ts and test/faults/process/private-files.test.ts.
 */
import { chmodSync, existsSync, readdirSync, realpathSync, type Stats, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { getuid } from 'node:process';
import { modeText } from '../../../core/text/numbers.ts';

export const FILE_MODE = 0o600;
export const FOLDER_MODE = 0o700;
const OTHERS = 0o077;

/** What SQLite writes beside a database, and the lock file with what SQLite writes beside that. */
const companions = ['', '-wal', '-shm', '-journal', '.lock', '.lock-journal', '.lock-wal', '.lock-shm'];
/** Where `npm run backup` writes. */
const BACKUPS = 'backups';

/** A file or folder that other users of the machine could open. */
export interface Exposed {
  path: string;
  /** As it was found: 0644. */
  mode: string;
  /** Whether it is its owner's only, now. */
  tightened: boolean;
  /** What the operator does about one that is not. */
  remedy: string;
}

type Look = (path: string, mode: number) => Exposed | null;

/**
 * Tightens what exists and belongs to this user: files to 0600, folders to 0700. A folder that holds anything else is left
 * as it is: it may be everyone's.
 * @param file path of the database, which need not exist
 */
export function keepToOwner(file: string): Exposed[] {
  return look(file, tighten);
}

/** The same files and folders, without a change. */
export function findExposed(file: string): Exposed[] {
  return look(file, report);
}

function look(file: string, at: Look): Exposed[] {
  if (getuid === undefined) return [];
  const database = existsSync(file) ? realpathSync(file) : file;
  const folder = dirname(database);
  const names = namesIn(folder);
  const isOurs = names.every((name) => name === BACKUPS || name.startsWith(basename(database)));
  const backups = join(folder, BACKUPS);
  const copies = namesIn(backups).filter((name) => /^countersign-.*\.db(?:$|\.partial-)/.test(name));
  return [
    isOurs ? at(folder, FOLDER_MODE) : reportShared(folder),
    ...companions.map((ending) => at(`${database}${ending}`, FILE_MODE)),
    copies.length > 0 && copies.length === namesIn(backups).length ? at(backups, FOLDER_MODE) : null,
    ...copies.map((name) => at(join(backups, name), FILE_MODE)),
  ].filter((one) => one !== null);
}

function report(path: string, mode: number): Exposed | null {
  const found = statOf(path);
  if (found === null || (found.mode & OTHERS) === 0) return null;
  const chmod = `chmod ${mode.toString(8)} ${path}`;
  const remedy = found.uid === getuid?.() ? `Run: ${chmod}` : `It belongs to another user. As that user run: ${chmod}`;
  return { path, mode: modeText(found.mode), tightened: false, remedy };
}

function tighten(path: string, mode: number): Exposed | null {
  const exposed = report(path, mode);
  if (exposed === null || statOf(path)?.uid !== getuid?.()) return exposed;
  try {
    chmodSync(path, mode);
  } catch {
    // What counts is the mode, which is read again.
  }
  // Some file systems have no modes, and take any change without an error.
  const after = statOf(path);
  return { ...exposed, tightened: after !== null && (after.mode & OTHERS) === 0 };
}

function reportShared(folder: string): Exposed | null {
  const found = statOf(folder);
  if (found === null || (found.mode & OTHERS) === 0) return null;
  const remedy = 'It holds other files, too: give the database a folder of its own (DATABASE_URL)';
  return { path: folder, mode: modeText(found.mode), tightened: false, remedy };
}

function statOf(path: string): Stats | null {
  try {
    return statSync(path);
  } catch {
    return null;
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
