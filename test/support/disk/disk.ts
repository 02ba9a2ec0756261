/** Failing disks for child processes: the real SQLite, with a small library preloaded over the system calls. */
import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const source = fileURLToPath(new URL('faults.c', import.meta.url));
const hasCompiler = process.platform === 'linux' && spawnSync('cc', ['--version']).status === 0;

/** False runs the tests; a text skips them and says why. Under CI they are never skipped. */
export const skipDisk: string | false =
  hasCompiler || process.env['CI'] === 'true'
    ? false
    : 'no C compiler found (or not Linux), so disk faults can’t be tested. Install gcc and libc6-dev';

/** The fault; the settings are described in test/support/disk/faults.c. */
export interface DiskFaults {
  DISK_WHEN?: string;
  DISK_SYNC_EIO?: number;
  DISK_SYNC_MS?: number;
  DISK_FULL_FROM?: number;
  DISK_FULL_UNTIL?: string;
  DISK_DENY?: 1;
}

let library: string | null = null;

/** @returns the environment for a process that uses this disk. @throws Error when the library can't be built */
export function onBadDisk(file: string, faults: DiskFaults): Record<string, string> {
  if (library === null) {
    const folder = mkdtempSync(join(tmpdir(), 'countersign-disk-'));
    process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
    library = join(folder, 'disk-faults.so');
    const { status, stderr } = spawnSync('cc', ['-shared', '-fPIC', '-O1', '-o', library, source, '-ldl']);
    if (status !== 0) throw new Error(`faults.c could not be compiled:\n${stderr}`);
  }
  const settings = Object.entries(faults).map(([name, value]) => [name, String(value)] as const);
  return { LD_PRELOAD: library, DISK_MATCH: file, ...Object.fromEntries(settings) };
}

const PAGE_BYTES = 4_096;

/** Overwrites one page of a database with garbage; pages count from 1. */
export function corruptPage(file: string, page: number): void {
  const handle = openSync(file, 'r+');
  writeSync(handle, Buffer.alloc(PAGE_BYTES, 0x5a), 0, PAGE_BYTES, (page - 1) * PAGE_BYTES);
  closeSync(handle);
}
