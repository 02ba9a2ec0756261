/** What SQLite's and the system's error codes mean here: retry, rolled back, maybe written, or damaged. */
import { coerceError, SetupError } from '../../../core/ports/errors.ts';

export type FailureKind =
  /** Another program holds the lock: nothing was begun. */
  | 'busy'
  /** Nothing was recorded. */
  | 'rolled back'
  /** The disk may or may not have it. */
  | 'may be written'
  /** The content of the file can't be trusted. */
  | 'damaged';

export interface Failure {
  kind: FailureKind;
  /** One or two sentences for the log and the operator. */
  reason: string;
}

export function codeOf(thrown: unknown): string {
  return String((thrown as { code?: unknown } | null)?.code ?? '');
}

/** Classifies a failure while the bot runs. */
export function failureOf(thrown: unknown): Failure {
  const code = codeOf(thrown);
  const { message } = coerceError(thrown);
  if (code.startsWith('SQLITE_BUSY')) {
    return { kind: 'busy', reason: 'Another program holds a lock on the database, so nothing was recorded.' };
  }
  if (code === 'SQLITE_FULL') {
    return {
      kind: 'rolled back',
      reason: 'The disk is full, so nothing was recorded. Writing resumes automatically once there is space.',
    };
  }
  // After a failed sync, the content of the disk is unknown, and a second sync may wrongly succeed: only reading it
  // again, in a new process, gives the answer.
  if (code.startsWith('SQLITE_IOERR')) {
    return {
      kind: 'may be written',
      reason: `The disk failed during a write (${code}): the data may or may not have been written.`,
    };
  }
  if (code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB') {
    return { kind: 'damaged', reason: `The database is damaged (${message}). Restore a backup: docs/backup.md.` };
  }
  return { kind: 'rolled back', reason: message };
}

/** For a database that can't be opened: says what is wrong, and what to do. */
export function setupError(file: string, thrown: unknown): SetupError {
  const code = codeOf(thrown);
  const { message } = coerceError(thrown);
  return new SetupError(adviceFor(file, code, message), { cause: thrown });
}

function adviceFor(file: string, code: string, message: string): string {
  if (code === 'SQLITE_NOTADB') {
    return `${file} is not a valid SQLite database. Set DATABASE_URL to another file; if this one is damaged, restore a backup (docs/backup.md).`;
  }
  if (code.startsWith('SQLITE_CORRUPT')) {
    return `The database ${file} is damaged (${message}). Restore a backup: docs/backup.md.`;
  }
  if (code.startsWith('SQLITE_BUSY')) {
    return `Another program holds a lock on the database ${file} (a database shell, a copy job?). Close it, then start again.`;
  }
  // SQLITE_IOERR_SHMSIZE: the shared-memory file beside the database could not grow.
  if (/^(?:SQLITE_FULL|SQLITE_IOERR_SHMSIZE|ENOSPC|EDQUOT)$/.test(code)) {
    return `The disk of the database ${file} is full. Free some space, then start again.`;
  }
  if (code.startsWith('SQLITE_IOERR')) {
    return `The disk of the database ${file} failed (${code}: ${message}). Check the disk; restore a backup (docs/backup.md) if it is lost.`;
  }
  if (/^SQLITE_(?:READONLY|CANTOPEN|PERM|AUTH)|^E(?:ACCES|PERM|ROFS)$/.test(code)) {
    return `The database ${file} can't be written (${message}). Give the user that runs Countersign write access to the file and its folder, or change DATABASE_URL.`;
  }
  return `The database ${file} can't be opened: ${message}. Check DATABASE_URL, and that the file and its folder can be written.`;
}
