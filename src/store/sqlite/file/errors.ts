/** What SQLite's and the system's error codes mean for us: may it be tried again, is it in doubt, what must be done. */
import { coerceError, SetupError } from '../../../core/ports/errors.ts';

export type FailureKind =
  /** Somebody else holds the lock: nothing was begun. */
  | 'busy'
  /** Rolled back, so nothing was recorded. */
  | 'refused'
  /** It may have been written. */
  | 'in doubt'
  /** What is on the disk can't be trusted. */
  | 'damaged';

export interface Failure {
  kind: FailureKind;
  /** A sentence or two for the log and the operator. */
  words: string;
}

export function codeOf(thrown: unknown): string {
  return String((thrown as { code?: unknown } | null)?.code ?? '');
}

/** Of something that went wrong while the bot works. */
export function failureOf(thrown: unknown): Failure {
  const code = codeOf(thrown);
  const { message } = coerceError(thrown);
  if (code.startsWith('SQLITE_BUSY')) {
    return { kind: 'busy', words: 'Another program holds a lock on the database, so nothing was recorded.' };
  }
  if (code === 'SQLITE_FULL') {
    return {
      kind: 'refused',
      words: 'The disk is full, so nothing was recorded. It goes on by itself once there is space.',
    };
  }
  // A failed sync tells nothing of what is on the disk, and a second one may lie: only reading it back can tell.
  if (code.startsWith('SQLITE_IOERR')) {
    return {
      kind: 'in doubt',
      words: `The disk failed while something was written (${code}): it may or may not be there.`,
    };
  }
  if (code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB') {
    return { kind: 'damaged', words: `The database is damaged (${message}). Restore a backup: docs/backup.md.` };
  }
  return { kind: 'refused', words: message };
}

/** For a database that can't be opened: what stands in the way, and what to do about it. */
export function setupError(file: string, thrown: unknown): SetupError {
  const code = codeOf(thrown);
  const { message } = coerceError(thrown);
  return new SetupError(adviceFor(file, code, message), { cause: thrown });
}

function adviceFor(file: string, code: string, message: string): string {
  if (code === 'SQLITE_NOTADB') {
    return `${file} is no SQLite database. Point DATABASE_URL at another file; if this one is damaged, restore a backup (docs/backup.md).`;
  }
  if (code.startsWith('SQLITE_CORRUPT')) {
    return `The database ${file} is damaged (${message}). Restore a backup: docs/backup.md.`;
  }
  if (code.startsWith('SQLITE_BUSY')) {
    return `Another program holds a lock on the database ${file} (a database shell, a copy job?). Close it, then start again.`;
  }
  // The file beside it that holds its index in memory could not grow: nothing else is written there.
  if (/^(?:SQLITE_FULL|SQLITE_IOERR_SHMSIZE|ENOSPC|EDQUOT)$/.test(code)) {
    return `The disk of the database ${file} is full. Free some space, then start again.`;
  }
  if (code.startsWith('SQLITE_IOERR')) {
    return `The disk of the database ${file} failed (${code}: ${message}). Check the disk; restore a backup (docs/backup.md) if it is lost.`;
  }
  if (/^SQLITE_(?:READONLY|CANTOPEN|PERM|AUTH)|^E(?:ACCES|PERM|ROFS)$/.test(code)) {
    return `The database ${file} can't be written (${message}). Let the user that runs Countersign write the file and its folder, or set DATABASE_URL to a place where it may.`;
  }
  return `The database ${file} can't be opened: ${message}. Check DATABASE_URL, and that the file and its folder can be written.`;
}
