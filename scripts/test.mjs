// `npm test`: see `usage`, which `npm test -- --help` prints.
import { spawn } from 'node:child_process';
import { existsSync, globSync, mkdirSync, mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { bundle } from './bundle.mjs';

// biome-ignore lint/correctness/noUnusedVariables: `run.mjs` reads and prints it.
const usage = `Usage: npm test -- [node flags] [FILE …]

Runs all tests, in a few parallel processes: most of their time is spent waiting for bots, browsers and clocks. Exits with 1
if a test fails. With SHOTS=1 in the environment, browser tests save screenshots in test-results/.

  FILE …      only these files, in one process (default: every test/**/*.test.ts)
  node flags  for the test runner of Node, before the files
  --help      prints this

Examples: npm test -- test/core/approval/steps/step.test.ts
          npm test -- --test-name-pattern="every mutation" test/mutations/mutations.test.ts`;

/** One process each, the longest first, so that both cores are busy to the end; files in none of them share the last one. */
const groups = [
  // Stories: what a person sees, from the first event to the last.
  /^test\/stories\/(?!operator\/)/,
  // Faults, and the HTTP edges.
  /^test\/(?:faults(?!\/process)|http|backends)\//,
  // Tests that start programs, block the event loop, or break the disk.
  /^test\/faults\/process\//,
  // Tests that use a whole core.
  /^test\/(?:fuzz|model|mutations|store)\//,
  // The crash tests, with three bots at a time.
  /^test\/crash\/torture\./,
  /^test\/browser\//,
  /^test\/crash\//,
  // Commands.
  /^test\/(?:cli|scripts)\/|^test\/stories\/operator\/|^test\/sandbox\/main\./,
];

/** Tests make many short-lived objects: with space for them, the collector runs a fraction as often. MB. */
const YOUNG_GENERATION = '--max-semi-space-size=64';
const flags = [
  YOUNG_GENERATION,
  '--import',
  './test/support/property.ts',
  '--test',
  '--test-isolation=none',
  '--test-reporter=spec',
];
const chosen = process.argv.slice(2);

/** @returns {string[][]} */
function filesOfGroups() {
  if (chosen.length > 0) return [chosen];
  const all = globSync('test/**/*.test.ts').sort();
  const groupOf = (file) => groups.findIndex((group) => group.test(file));
  return [...groups.keys(), -1].map((group) => all.filter((file) => groupOf(file) === group));
}

/** More than all databases of a run, bytes. */
const SPACE_NEEDED = 2 * 1024 ** 3;

/** Bots are started some hundred times: as one bundle, with compiled code from a cache, a start takes a third of the CPU. */
const programs = ['src/main.ts', 'src/cli/ask.ts', 'src/cli/backup.ts', 'src/cli/sonzai.ts', 'test/crash/world/bot.ts'];
const folder = mkdtempSync(join(fastestFolder(), 'countersign-tests-'));
const cache = join(folder, 'compiled');
mkdirSync('node_modules/.cache', { recursive: true });
/** Inside `node_modules`, where native packages are found. */
const bundles = mkdtempSync(resolve('node_modules/.cache/countersign-bundles-'));
const env = { ...process.env, TMPDIR: folder, NODE_COMPILE_CACHE: cache, TEST_BUNDLES: bundles };

/** Databases of tests are killed with their process, never with the machine: in memory, no test waits for a disk. */
function fastestFolder() {
  const inMemory = '/dev/shm';
  // Only Linux has it.
  if (!existsSync(inMemory)) return tmpdir();
  const { bavail, bsize } = statfsSync(inMemory);
  return bavail * bsize > SPACE_NEEDED ? inMemory : tmpdir();
}

const children = new Set();
let isStopped = false;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    isStopped = true;
    for (const child of children) child.kill(signal);
  });
}

/** @returns the exit code; 1 after a signal, which also ends everything that would run next */
function run(args, extra = {}) {
  if (isStopped) return 1;
  const child = spawn(process.execPath, args, { stdio: 'inherit', env: { ...env, ...extra } });
  children.add(child);
  return new Promise((resolve) =>
    child.on('exit', (code) => {
      children.delete(child);
      resolve(code ?? 1);
    }),
  );
}

await bundle({ programs, outdir: bundles, outbase: '.' });
await run([join(bundles, 'test/crash/world/bot.mjs')], { TORTURE_WARM: '1' });
// Alone, before all others: it measures how soon a press is acknowledged, in real time.
const alone = chosen.length > 0 ? [] : ['test/faults/backend/slow-backend.test.ts'];
const codes = alone.length > 0 ? [await run([...flags, ...alone])] : [];
const groupsOfFiles = filesOfGroups().map((files) => files.filter((file) => !alone.includes(file)));
/** With more groups at a time, two cores are so slow that presses miss their three seconds. */
const AT_ONCE = 3;
async function work() {
  for (let files = groupsOfFiles.shift(); files !== undefined; files = groupsOfFiles.shift()) {
    codes.push(await run([...flags, ...files]));
  }
}
await Promise.all(Array.from({ length: AT_ONCE }, work));
for (const used of [folder, bundles]) rmSync(used, { recursive: true, force: true });
process.exitCode = codes.every((code) => code === 0) ? 0 : 1;
