/** Ends a server of tests, and deletes its folder, when the process that runs the tests is gone, however it ended. */
import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync } from 'node:fs';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** It waits for the end of its input, which the system closes with our process. */
const script = `cat > /dev/null
pid=$(head -n 1 "$1/data/postmaster.pid" 2> /dev/null) && kill -QUIT "$pid"
while kill -0 "$pid" 2> /dev/null; do sleep 0.1; done
rm -rf "$1"`;

/**
 * @param parent where the folder is made; every user may pass through it
 * @returns a folder for a server
 */
export function guardedFolder(parent: string): string {
  const folder = mkdtempSync(join(parent, 'countersign-postgres-'));
  chmodSync(folder, 0o711);
  const guard = spawn('sh', ['-c', script, 'sh', folder], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
  guard.unref();
  const { stdin } = guard;
  if (stdin instanceof Socket) stdin.unref();
  return folder;
}

/** For a server of one's own, in memory where that is possible. The folder for temporary files of `npm test` is closed to others. */
export function ownFolder(): string {
  return guardedFolder(existsSync(IN_MEMORY) ? IN_MEMORY : tmpdir());
}

/** Only Linux has it. */
const IN_MEMORY = '/dev/shm';
