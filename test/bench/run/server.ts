/** A process on the core of the server, and what the system tells about it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { execPath, env as inherited } from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Server } from '../contract.ts';
import { onCore } from './cores.ts';

const READY_WITHIN_MS = 120_000;
const STOP_WITHIN_MS = 20_000;
const LOOK_EVERY_MS = 2;
/** How many characters of the output an error quotes. */
const QUOTED = 3_000;
/** Of `/proc`: ticks per second, which Linux has fixed for programs. */
const TICKS = 100;

const running = new Set<{ child: ChildProcess; exited: Promise<unknown> }>();

/** For the end of this process. */
export function killServers(): void {
  for (const { child } of running) child.kill('SIGKILL');
}

/** SIGTERM; resolves when all have exited: a profile is written at the end of its process. */
export async function stopServers(): Promise<void> {
  for (const { child } of running) child.kill('SIGTERM');
  await Promise.all([...running].map(({ exited }) => exited));
}

export interface Start {
  /** The script with its arguments, and the flags of Node before it. */
  command: readonly string[];
  env: Record<string, string>;
  cwd: string;
  /** Gets everything that it prints. */
  outputFile: string;
  /** Its group, if it has one, is the port. */
  ready: RegExp;
}

export async function startServer({ command, env, cwd, outputFile, ready }: Start): Promise<Server> {
  const output = openSync(outputFile, 'a');
  const [file, args] = onCore('server', [execPath, ...command]);
  const startedAt = performance.now();
  const child = spawn(file, args, {
    cwd,
    env: { PATH: inherited['PATH'] ?? '', ...env },
    stdio: ['ignore', output, output],
  });
  closeSync(output);
  let ended: number | string | null = null;
  const exited = once(child, 'exit').then(([code, signal]) => {
    ended = code ?? signal;
    running.delete(entry);
  });
  const entry = { child, exited };
  running.add(entry);
  const text = () => readFileSync(outputFile, 'utf8');
  const printed = async (line: RegExp) => {
    for (const until = performance.now() + READY_WITHIN_MS; ; await sleep(LOOK_EVERY_MS)) {
      const found = line.exec(text());
      if (found !== null) return found;
      if (ended !== null) throw new Error(`it exited (${ended}) without ${line}:\n${text().slice(-QUOTED)}`);
      if (performance.now() > until) throw new Error(`it did not print ${line}:\n${text().slice(-QUOTED)}`);
    }
  };
  const found = await printed(ready);
  const end = async (signal: NodeJS.Signals) => {
    if (ended !== null) return;
    child.kill(signal);
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS);
    await exited;
    clearTimeout(timer);
  };
  const pid = child.pid ?? 0;
  return {
    pid,
    port: Number(found[1] ?? 0),
    readyMs: performance.now() - startedAt,
    cpuMs: () => cpuOf(pid),
    rssMb: () => rssOf(pid),
    output: text,
    printed: async (line) => void (await printed(line)),
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
  };
}

function cpuOf(pid: number): number {
  try {
    // The name of the program may contain spaces; the fields after it count from the third.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return ((Number(fields[11]) + Number(fields[12])) * 1_000) / TICKS;
  } catch {
    return Number.NaN;
  }
}

function rssOf(pid: number): number {
  try {
    return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
  } catch {
    return Number.NaN;
  }
}
