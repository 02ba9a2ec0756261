/** What this process writes is its user's only, and so should be what it reads its secrets from. */
import { statSync } from 'node:fs';
import { getuid, umask } from 'node:process';
import type { Log } from '../core/ports/ports.ts';
import { modeText } from '../core/text/numbers.ts';

/** Files are made with 0600 and folders with 0700, whatever they hold. The first thing that a program does. */
export function keepNewFilesPrivate(): void {
  umask(0o077);
}

/** The user, and its group. */
const ROOT = 0;

export interface OpenFile {
  file: string;
  /** As it was found: 0644. */
  mode: string;
  /** What the operator runs. */
  chmod: string;
}

/**
 * Files with secrets that other users of this machine can open. A file of another user may be shared with this one by its
 * group; and one that root has given to another group is shared with the service that runs as it.
 * @param files paths; those that do not exist are skipped
 */
export function openSecrets(files: readonly string[]): OpenFile[] {
  if (getuid === undefined) return [];
  const own = getuid();
  return files.flatMap((file) => {
    const found = statSync(file, { throwIfNoEntry: false });
    if (found === undefined) return [];
    const isShared = found.uid !== own || (own === ROOT && found.gid !== ROOT);
    const mode = found.mode & 0o777;
    if ((mode & (isShared ? 0o027 : 0o077)) === 0) return [];
    const chmod = isShared ? `chmod 640 ${file}` : `chmod 600 ${file}`;
    return [{ file, mode: modeText(mode), chmod }];
  });
}

export function warnOfOpenSecrets(files: readonly string[], log: Pick<Log, 'warn'>): void {
  for (const { file, mode, chmod } of openSecrets(files)) {
    log.warn({ file, mode }, `other users of this machine can open ${file}, which holds secrets. Run: ${chmod}`);
  }
}
