/** Runs the named tests of one file in a process of its own, with or without a remedy. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Remedy } from './remedy.ts';
import type { Told } from './reporter.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** The longest wait of a rig is 30 s; whatever takes longer than that, and a slow machine's start, hangs. */
const LIMIT_MS = 75_000;
/** For a test that is to hang: with everything in place it takes a second or two. */
const HANGS_MS = 20_000;

export interface Ran {
  passed: string[];
  skipped: string[];
  /** The first one; the run ends with it. */
  failed: Told | null;
  /** What is wrong with the run itself: the file can't be read, or nothing of that title is in it. */
  broken: string | null;
  hung: boolean;
  ms: number;
}

/** How each run that goes on is ended, and its folder. */
const live = new Map<() => void, string>();

/** Ends every run at once. */
export function endAll(): void {
  for (const [end, folder] of [...live]) {
    end();
    remove(folder);
  }
}

function remove(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  } catch {
    // Somebody of the group still writes into it, and is as good as dead.
  }
}

/** @param without the remedy's name; null: with all of them. Never rejects. */
export function run(test: string, titles: readonly string[], without: string | null, hangs = false): Promise<Ran> {
  // What a killed test leaves behind goes with this folder.
  const folder = mkdtempSync(join(tmpdir(), 'countersign-remedy-'));
  const flags = ['--import', './test/support/property.ts'];
  if (without !== null) flags.push('--import', './test/mutations/hook.ts');
  flags.push('--test', '--test-isolation=none', '--test-force-exit', '--test-reporter=./test/mutations/reporter.ts');
  for (const title of titles) flags.push('--test-name-pattern', title.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&'));
  // Without what was compiled of the sound sources.
  const { REMEDY: _, NODE_COMPILE_CACHE: __, ...env } = process.env;
  const startedAt = performance.now();
  // A group of its own: the bots and programs that a test has started must end with it.
  const child = spawn(process.execPath, [...flags, `test/${test}.test.ts`], {
    cwd: root,
    env: { ...env, TMPDIR: folder, ...(without !== null && { REMEDY: without }) },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const ran: Ran = { passed: [], skipped: [], failed: null, broken: null, hung: false, ms: 0 };
  const other: string[] = [];
  let over = false;
  const end = () => {
    live.delete(end);
    if (over || child.pid === undefined) return;
    over = true;
    try {
      process.kill(-child.pid, 'SIGKILL');
    } catch {
      // Nobody is left of the group.
    }
  };
  live.set(end, folder);
  const timer = setTimeout(
    () => {
      ran.hung = !over;
      end();
    },
    hangs ? HANGS_MS : LIMIT_MS,
  );
  createInterface({ input: child.stderr }).on('line', (line) => other.push(line));
  createInterface({ input: child.stdout }).on('line', (line) => {
    const told = toldIn(line);
    if (told === null) other.push(line);
    else if (over) return;
    else if (told.result === 'unloaded') ran.broken = told.words ?? 'the file can’t be read';
    else if (told.result === 'passed' || told.result === 'skipped') ran[told.result].push(told.title);
    else {
      ran.failed = told;
      end();
    }
  });
  return new Promise((resolve) => {
    child.once('close', () => {
      clearTimeout(timer);
      end();
      const ended = ran.passed.length + ran.skipped.length > 0 || ran.failed !== null || ran.hung;
      if (!ended) ran.broken ??= `no test ended: ${other.slice(-5).join(' | ') || 'is there one of that title?'}`;
      remove(folder);
      resolve({ ...ran, ms: performance.now() - startedAt });
    });
  });
}

function toldIn(line: string): Told | null {
  try {
    const told = JSON.parse(line) as Told | null;
    return told?.result === undefined ? null : told;
  } catch {
    return null;
  }
}

/** An edit that no program comes of is missed by every test, which shows nothing. */
const notAProgram = ['ReferenceError', 'SyntaxError'];

export interface Verdict {
  missed: boolean;
  /** The test that failed and why, or what was wrong instead. */
  words: string;
}

export function verdictOf({ failed, broken, hung, passed, skipped }: Ran, { hangs }: Remedy): Verdict {
  if (broken !== null) return { missed: false, words: `BROKEN: ${broken}` };
  if (failed !== null && notAProgram.includes(failed.error ?? ''))
    return { missed: false, words: `BROKEN: ${failed.error}: ${failed.words}` };
  if (failed !== null) return { missed: true, words: `“${failed.title}”: ${failed.words}` };
  if (hung) return { missed: hangs === true, words: hangs ? 'never ended, as it must' : 'HUNG' };
  const skip = skipped.length === 0 ? '' : `, ${skipped.length} skipped`;
  return { missed: false, words: `NOT MISSED: ${passed.length} passed${skip}` };
}
