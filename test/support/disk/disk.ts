/** Disks that applyFault, for child processes: through the real SQLite, by a small library put in front of the system's. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { inheritedMutation } from '../mutate.ts';
import { compiled } from '../worlds/compiled.ts';

const source = fileURLToPath(new URL('faults.c', import.meta.url));
const hasCompiler = process.platform === 'linux' && spawnSync('cc', ['--version']).status === 0;

/** False runs the tests; a text skips them and says why. Under CI they are never skipped. */
export const skipDisk: string | false =
  hasCompiler || process.env['CI'] === 'true'
    ? false
    : 'no C compiler found (or no Linux): the disk can’t be made to fail. Install gcc and libc6-dev';

/** What goes wrong; the letters of test/support/disk/faults.c. */
export interface DiskFaults {
  DISK_WHEN?: string;
  DISK_SYNC_EIO?: number;
  DISK_SYNC_MS?: number;
  DISK_FULL_FROM?: number;
  DISK_FULL_UNTIL?: string;
  DISK_DENY?: 1;
}

let library: string | null = null;

/** @returns the environment that puts a process on this disk. @throws Error when the library can't be built */
export function onBadDisk(file: string, faults: DiskFaults): Record<string, string> {
  if (library === null) {
    const folder = mkdtempSync(join(tmpdir(), 'countersign-disk-'));
    process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
    library = join(folder, 'disk-faults.so');
    const { status, stderr } = spawnSync('cc', ['-shared', '-fPIC', '-O1', '-o', library, source, '-ldl']);
    if (status !== 0) throw new Error(`faults.c was not compiled:\n${stderr}`);
  }
  const settings = Object.entries(faults).map(([name, value]) => [name, String(value)] as const);
  return { LD_PRELOAD: library, DISK_MATCH: file, ...Object.fromEntries(settings) };
}

const PAGE_BYTES = 4_096;
/** Far longer than any healthy step of a child takes, also on a busy machine. */
const WAIT_MS = 30_000;

/** Writes nonsense over one page of a database, counted from 1. */
export function spoilPage(file: string, page: number): void {
  const handle = openSync(file, 'r+');
  writeSync(handle, Buffer.alloc(PAGE_BYTES, 0x5a), 0, PAGE_BYTES, (page - 1) * PAGE_BYTES);
  closeSync(handle);
}

export interface Child {
  /** Every line it has said, on either output. */
  readonly lines: readonly string[];
  /** Resolves with the first line that matches. @throws Error when it ends without, or takes too long */
  until(pattern: RegExp): Promise<string>;
  /** Its exit code, or the signal that ended it. */
  ended: Promise<number | string>;
  kill(signal: NodeJS.Signals): void;
}

/** Starts one of our files on this Node. It sees nothing of our environment but what it is given. */
export function startChild(script: string, env: Record<string, string>, args: readonly string[] = []): Child {
  const path = fileURLToPath(new URL(`../../../${script}`, import.meta.url));
  const inherited = inheritedMutation();
  const child = spawn(process.execPath, [...inherited.flags, path, ...args], {
    cwd: tmpdir(),
    env: { ...compiled, PATH: process.env['PATH'] ?? '', ...inherited.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: string[] = [];
  const listeners = new Set<() => void>();
  const told = () => {
    for (const listener of listeners) listener();
  };
  for (const output of [child.stdout, child.stderr]) {
    createInterface({ input: output }).on('line', (line) => {
      lines.push(line);
      told();
    });
  }
  let over = false;
  const ended = once(child, 'close').then(([code, signal]) => {
    over = true;
    told();
    return (code ?? signal) as number | string;
  });
  return {
    lines,
    ended,
    kill: (signal) => void child.kill(signal),
    until: (pattern) =>
      new Promise((resolve, reject) => {
        const fail = (why: string) => reject(new Error(`${why} ${pattern}:\n${lines.slice(-30).join('\n')}`));
        const look = () => {
          const line = lines.find((each) => pattern.test(each));
          if (line === undefined && !over) return;
          listeners.delete(look);
          clearTimeout(timer);
          if (line !== undefined) resolve(line);
          else fail('it ended without saying');
        };
        const timer = setTimeout(() => {
          listeners.delete(look);
          fail(`it did not say within ${WAIT_MS / 1000} s`);
        }, WAIT_MS);
        listeners.add(look);
        look();
      }),
  };
}
