/** What this process writes is its user's only, and so should be what it reads its secrets from. */
import { statSync } from 'node:fs';
import { getuid, umask } from 'node:process';
import type { Log } from '../core/ports/ports.ts';

/** Files are made with 0600 and folders with 0700, whatever they hold. The first thing that a program does. */
export function keepNewFilesPrivate(): void {
  umask(0o077);
}

/**
 * Warns of files with secrets that other users of this machine can open. A file of another user may be shared with this one
 * by its group.
 * @param files paths; those that do not exist are skipped
 */
export function warnOfOpenSecrets(files: readonly string[], log: Pick<Log, 'warn'>): void {
  if (getuid === undefined) return;
  for (const file of files) {
    const found = statSync(file, { throwIfNoEntry: false });
    if (found === undefined) continue;
    const isOwn = found.uid === getuid();
    const mode = found.mode & 0o777;
    if ((mode & (isOwn ? 0o077 : 0o027)) === 0) continue;
    const fields = { file, mode: mode.toString(8).padStart(4, '0') };
    const chmod = isOwn ? `chmod 600 ${file}` : `chmod 640 ${file}`;
    log.warn(fields, `other users of this machine can open ${file}, which holds secrets. Run: ${chmod}`);
  }
}
