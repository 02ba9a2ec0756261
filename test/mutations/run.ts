/** Runs the named tests of one file in a process of their own, with or without a mutation. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Mutation } from './mutation.ts';
import type { TestResult } from './reporter.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** The longest wait of a test is 30 s; a run that takes longer than that plus a slow machine's start hangs. */
const LIMIT_MS = 75_000;
/** For a test that must hang; without the mutation it takes a second or two. */
const HANGS_MS = 20_000;

export interface Run {
  passed: string[];
  skipped: string[];
  /** The first failure; it ends the run. */
  failed: TestResult | null;
  /** What is wrong with the run itself: the file can't be loaded, or has no test of that title. */
  broken: string | null;
  hung: boolean;
  ms: number;
}

/** How each live run is ended, and its folder. */
const live = new Map<() => void, string>();

/** Ends all runs at once. */
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
    // A killed process of the group still writes into it.
  }
}

/** @param mutation its name; null runs the tests on the unchanged source. Never rejects. */
export function run(test: string, titles: readonly string[], mutation: string | null, hangs = false): Promise<Run> {
  // Holds everything that a killed test leaves behind.
  const folder = mkdtempSync(join(tmpdir(), 'countersign-mutation-'));
  const flags = ['--import', './test/support/property.ts'];
  if (mutation !== null) flags.push('--import', './test/mutations/hook.ts');
  flags.push('--test', '--test-isolation=none', '--test-force-exit', '--test-reporter=./test/mutations/reporter.ts');
  for (const title of titles) flags.push('--test-name-pattern', title.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&'));
  // The compile cache holds the unchanged sources, and so does the schema of the PostgreSQL that all tests share.
  const { MUTATION: _, NODE_COMPILE_CACHE: __, TEST_POSTGRES: ___, ...env } = process.env;
  const startedAt = performance.now();
  // A process group of its own, so that the bots and programs that a test started end with it.
  const child = spawn(process.execPath, [...flags, `test/${test}.test.ts`], {
    cwd: root,
    env: { ...env, TMPDIR: folder, ...(mutation !== null && { MUTATION: mutation }) },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const ran: Run = { passed: [], skipped: [], failed: null, broken: null, hung: false, ms: 0 };
  const otherLines: string[] = [];
  let ended = false;
  const end = () => {
    live.delete(end);
    if (ended || child.pid === undefined) return;
    ended = true;
    try {
      process.kill(-child.pid, 'SIGKILL');
    } catch {
      // The group has no process left.
    }
  };
  live.set(end, folder);
  const timer = setTimeout(
    () => {
      ran.hung = !ended;
      end();
    },
    hangs ? HANGS_MS : LIMIT_MS,
  );
  createInterface({ input: child.stderr }).on('line', (line) => otherLines.push(line));
  createInterface({ input: child.stdout }).on('line', (line) => {
    const result = parseResult(line);
    if (result === null) otherLines.push(line);
    else if (ended) return;
    else if (result.result === 'unloaded') ran.broken = result.message ?? 'the file can’t be loaded';
    else if (result.result === 'passed' || result.result === 'skipped') ran[result.result].push(result.title);
    else {
      ran.failed = result;
      end();
    }
  });
  return new Promise((resolve) => {
    child.once('close', () => {
      clearTimeout(timer);
      end();
      const anyResult = ran.passed.length + ran.skipped.length > 0 || ran.failed !== null || ran.hung;
      if (!anyResult)
        ran.broken ??= `no test ran: ${otherLines.slice(-5).join(' | ') || 'is there one of that title?'}`;
      remove(folder);
      resolve({ ...ran, ms: performance.now() - startedAt });
    });
  });
}

function parseResult(line: string): TestResult | null {
  try {
    const result = JSON.parse(line) as TestResult | null;
    return result?.result === undefined ? null : result;
  } catch {
    return null;
  }
}

/** A mutation that yields no valid program fails every test, which proves nothing. */
const notAProgram = ['ReferenceError', 'SyntaxError'];

export interface Verdict {
  killed: boolean;
  /** The test that failed and why, or what was wrong instead. */
  message: string;
}

/** Whether a test has killed the mutation. */
export function verdictOf({ failed, broken, hung, passed, skipped }: Run, { hangs }: Mutation): Verdict {
  if (broken !== null) return { killed: false, message: `BROKEN: ${broken}` };
  if (failed !== null && notAProgram.includes(failed.error ?? ''))
    return { killed: false, message: `BROKEN: ${failed.error}: ${failed.message}` };
  if (failed !== null) return { killed: true, message: `“${failed.title}”: ${failed.message}` };
  if (hung) return { killed: hangs === true, message: hangs ? 'never ended, as it must' : 'HUNG' };
  const skip = skipped.length === 0 ? '' : `, ${skipped.length} skipped`;
  return { killed: false, message: `SURVIVED: ${passed.length} passed${skip}` };
}
