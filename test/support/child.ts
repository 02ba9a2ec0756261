/** Runs a script of this repository as a child process: its output and its exit. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { inheritedMutation } from './mutate.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** Far longer than any healthy step of a child takes, even on a busy machine. */
const WAIT_MS = 30_000;
/** How many of the last lines an error quotes. */
const LINES_SHOWN = 30;

const cache = process.env['NODE_COMPILE_CACHE'];
/** The only part of this process's environment that children inherit: where compiled code is cached. */
export const compileCache: Record<string, string> = cache === undefined ? {} : { NODE_COMPILE_CACHE: cache };

/**
 * The file to run for a script of this repository: the bundle that `npm test` has made of it (scripts/test.mjs), which
 * starts in half the CPU time, or the source. A mutation edits source files as they are loaded, so it needs the source.
 */
export function scriptFile(script: string, mutated = inheritedMutation().flags.length > 0): string {
  const folder = process.env['TEST_BUNDLES'];
  const bundle = folder === undefined ? '' : join(folder, script.replace(/\.ts$/, '.mjs').replaceAll('/', '-'));
  return bundle !== '' && !mutated && existsSync(bundle) ? bundle : join(root, script);
}

export interface ChildOptions {
  env: Record<string, string>;
  args?: readonly string[];
  /** Flags of Node, before the script. */
  flags?: readonly string[];
  /** Shell commands that run first, such as `ulimit -n 60`. */
  limits?: string;
  /** Default: the system's folder for temporary files. */
  cwd?: string;
}

export interface Child {
  readonly pid: number;
  /** Every line that it has written to stdout and stderr. */
  readonly lines: readonly string[];
  /** Resolves with the first line that matches. @throws Error when the child exits without it, or takes too long */
  until(pattern: RegExp): Promise<string>;
  /** Its exit code, or the signal that ended it. */
  readonly ended: Promise<number | string>;
  kill(signal: NodeJS.Signals): void;
}

/** Starts a script with this version of Node. */
export function startChild(script: string, options: ChildOptions): Child {
  const { args = [], flags = [], ...rest } = options;
  const inherited = inheritedMutation();
  const command = [process.execPath, ...inherited.flags, ...flags, scriptFile(script), ...args];
  return startProgram(command, { ...rest, env: { ...compileCache, ...inherited.env, ...options.env } });
}

/** Starts any program; nothing of this process's environment reaches it but PATH. */
export function startProgram(
  command: readonly string[],
  { env, limits = 'true', cwd = tmpdir() }: Pick<ChildOptions, 'env' | 'limits' | 'cwd'>,
): Child {
  const child = spawn('sh', ['-c', `${limits}; exec "$@"`, 'sh', ...command], {
    cwd,
    env: { PATH: process.env['PATH'] ?? '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: string[] = [];
  const listeners = new Set<() => void>();
  const notify = () => {
    for (const listener of listeners) listener();
  };
  for (const output of [child.stdout, child.stderr]) {
    createInterface({ input: output }).on('line', (line) => {
      lines.push(line);
      notify();
    });
  }
  let hasEnded = false;
  const ended = once(child, 'close').then(([code, signal]) => {
    hasEnded = true;
    notify();
    return (code ?? signal) as number | string;
  });
  return {
    pid: child.pid ?? 0,
    lines,
    ended,
    kill: (signal) => void child.kill(signal),
    until: (pattern) =>
      new Promise((resolve, reject) => {
        const finish = () => {
          listeners.delete(look);
          clearTimeout(timer);
        };
        const fail = (why: string) => reject(new Error(`${why} ${pattern}:\n${lines.slice(-LINES_SHOWN).join('\n')}`));
        const look = () => {
          const line = lines.find((each) => pattern.test(each));
          if (line === undefined && !hasEnded) return;
          finish();
          if (line !== undefined) resolve(line);
          else fail('it exited without a matching line');
        };
        const timer = setTimeout(() => {
          finish();
          fail(`within ${WAIT_MS / 1000} s it wrote no matching line`);
        }, WAIT_MS);
        listeners.add(look);
        look();
      }),
  };
}
