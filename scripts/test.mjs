// `npm test`: see `usage`, which `npm test -- --help` prints.
import { spawn } from 'node:child_process';
import { existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { guardedFolder } from '../test/support/postgres/guard.ts';
import { bundle, fileOf } from './bundle.mjs';

// biome-ignore lint/correctness/noUnusedVariables: `run.mjs` reads and prints it.
const usage = `Usage: npm test -- [--all] [node flags] [FILE …]

Runs the tests, in four parallel processes: some of them wait for bots, browsers and clocks while the others compute. Those
that build images, packages and the site, scan all cards, or kill bots run with --all, in CI, or when they are named.
Exits with 1 if a test fails, or if a file hangs: then it names the file, and the test that began last. With SHOTS=1 in the
environment, browser tests save screenshots in test-results/.

  --all       these too, which takes about ten minutes on two idle cores (default where CI is set)
  FILE …      only these files, in one process (default: every test/**/*.test.ts)
  node flags  for the test runner of Node, before the files
  --help      prints this

Examples: npm test -- test/core/approval/steps/step.test.ts
          npm test -- --test-name-pattern="every mutation" test/mutations/mutations.test.ts`;

/**
 * One process each, the longest first, so that both cores are busy to the end. Before them all go the files in none of them,
 * in one process: rules, which need neither programs nor real time.
 */
const groups = [
  // Stories: what a person sees, from the first event to the last. Half of their time is spent waiting.
  /^test\/stories\/(?!operator\/)/,
  // The crash rig's mutations, and two replicas: mostly waiting.
  /^test\/crash\/(?!torture\.)/,
  /^test\/browser\//,
  // An image is built, and a machine started.
  /^test\/deploy\//,
  // Faults, and the HTTP edges.
  /^test\/(?:faults(?!\/process)|http|backends)\//,
  // Tests that start programs, block the event loop, or break the disk.
  /^test\/faults\/process\//,
  // Tests that use a whole core.
  /^test\/(?:fuzz|model|mutations|store)\//,
  // Commands, which are programs of their own.
  /^test\/(?:cli|sandbox\/main\.|scripts|stories\/operator)(?:\/|test)/,
  // The site is built.
  /^test\/docs\//,
  // The crash tests, with three bots at a time: not beside the others of them.
  /^test\/crash\/torture\./,
];

/** Each takes as much as hundreds of others: they say what CI has to know, not what changes with every edit. */
const longTests = [
  /^test\/deploy\/(?:image|service)\//,
  /^test\/crash\//,
  /^test\/docs\/site\./,
  /^test\/browser\/(?:accessibility|gallery)\./,
  /^test\/scripts\/(?:build\.|package\/)/,
  /^test\/stories\/replicas\/(?:discord-pair|killed)\./,
  /^test\/faults\/process\/versions\./,
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
  '--test-reporter-destination=stdout',
  '--test-reporter=./scripts/test-progress.mjs',
  '--test-reporter-destination=stderr',
];
const WHOLE = '--all';
const chosen = process.argv.slice(2).filter((argument) => argument !== WHOLE);
const isWhole = process.argv.includes(WHOLE) || process.env.CI !== undefined || process.env.RUNS !== undefined;
let leftOut = 0;

/** @returns {string[][]} */
function filesOfGroups() {
  if (chosen.length > 0) return [chosen];
  const found = globSync('test/**/*.test.ts').sort();
  const all = found.filter((file) => isWhole || !longTests.some((long) => long.test(file)));
  leftOut = found.length - all.length;
  const groupOf = (file) => groups.findIndex((group) => group.test(file));
  return [-1, ...groups.keys()].map((group) => all.filter((file) => groupOf(file) === group));
}

/** More than all databases of a run, bytes. */
const SPACE_NEEDED = 2 * 1024 ** 3;

/** It can also compile everything and end. */
const BOT_OF_RIG = 'test/crash/world/bot.ts';
/** Bots are started some hundred times: as one bundle, with compiled code from a cache, a start takes a third of the CPU. */
const programs = [
  'src/main.ts',
  'src/cli/ask.ts',
  'src/cli/backup.ts',
  'src/cli/doctor.ts',
  'src/cli/sonzai.ts',
  'src/schedules/ical/thread.ts',
  BOT_OF_RIG,
];
const folder = mkdtempSync(join(fastestFolder(), 'countersign-tests-'));
const cache = join(folder, 'compiled');
mkdirSync('node_modules/.cache', { recursive: true });
/** Inside `node_modules`, where native packages are found. */
const bundles = mkdtempSync(resolve('node_modules/.cache/countersign-bundles-'));
/** The first test that needs PostgreSQL starts it there; it ends with this process. */
const postgres = guardedFolder(fastestFolder());
const env = {
  ...process.env,
  TMPDIR: folder,
  NODE_COMPILE_CACHE: cache,
  TEST_BUNDLES: bundles,
  TEST_POSTGRES: postgres,
};

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

/** With RUNS, as many times as it takes. */
const isLong = process.env.RUNS !== undefined;
/** The slowest file takes two and a half minutes beside the others on two cores; a busy machine takes several times as long. */
const FILE_LIMIT_MS = isLong ? Number.POSITIVE_INFINITY : 10 * 60_000;
/** A whole run takes less than ten minutes on two idle cores. */
const RUN_LIMIT_MS = isLong ? Number.POSITIVE_INFINITY : 30 * 60_000;
const LOOK_MS = 1_000;
/** A process that is asked to end reports first; one that is blocked can't. */
const END_WITHIN_MS = 10_000;

/** @returns the exit code; 1 after a signal, which also ends everything that would run next */
function run(args, extra = {}, watch = () => () => {}) {
  if (isStopped) return 1;
  const child = spawn(process.execPath, args, { stdio: 'inherit', env: { ...env, ...extra } });
  const stopWatching = watch(child);
  children.add(child);
  return new Promise((resolve) =>
    child.on('exit', (code) => {
      stopWatching();
      children.delete(child);
      resolve(code ?? 1);
    }),
  );
}

let groupsBegun = 0;

/** Runs the tests of these files in one process, and ends it, naming the file, where one takes too long. */
function runTests(files) {
  groupsBegun += 1;
  const progress = join(folder, `progress-${groupsBegun}`);
  return run([...flags, ...files], { TEST_PROGRESS: progress }, (child) => {
    let current = '';
    let since = performance.now();
    const timer = setInterval(() => {
      const [file = '', name = ''] = existsSync(progress) ? readFileSync(progress, 'utf8').split('\n') : [];
      const now = performance.now();
      if (file !== current) [current, since] = [file, now];
      const isLate = now - since > FILE_LIMIT_MS;
      if (!isLate && now < RUN_LIMIT_MS) return;
      clearInterval(timer);
      isStopped ||= !isLate;
      const limit = isLate
        ? `a file may take ${FILE_LIMIT_MS / 60_000}`
        : `all tests may take ${RUN_LIMIT_MS / 60_000}`;
      const where = file === '' ? `not known: none has ended of ${files.join(' ')}` : `in ${file}: ${name}`;
      console.error(`\nStopped, since ${limit} minutes. The test that is known to have begun last is ${where}`);
      child.kill('SIGTERM');
      setTimeout(() => child.kill('SIGKILL'), END_WITHIN_MS).unref();
    }, LOOK_MS);
    return () => clearInterval(timer);
  });
}

await bundle({ programs, base: '.', outdir: bundles });
if (chosen.length === 0) await run([join(bundles, fileOf(BOT_OF_RIG))], { TORTURE_WARM: '1' });
// Alone, before all others: it measures how soon a press is acknowledged, in real time.
const alone = chosen.length > 0 ? [] : ['test/faults/backend/slow-backend.test.ts'];
const codes = alone.length > 0 ? [await runTests(alone)] : [];
const groupsOfFiles = filesOfGroups()
  .map((files) => files.filter((file) => !alone.includes(file)))
  // Without a file, Node would look for tests by itself, and find this one.
  .filter((files) => files.length > 0);
/** Some of them wait while the others compute; with more, two cores are so slow that presses miss their three seconds. */
const AT_ONCE = 4;
async function work() {
  for (let files = groupsOfFiles.shift(); files !== undefined; files = groupsOfFiles.shift()) {
    codes.push(await runTests(files));
  }
}
await Promise.all(Array.from({ length: AT_ONCE }, work));
// A process that a test has killed may still write.
for (const used of [folder, bundles]) rmSync(used, { recursive: true, force: true, maxRetries: 5 });
if (leftOut > 0)
  console.log(`Left out: ${leftOut} files that take long. npm test -- ${WHOLE} runs them too, as CI does.`);
process.exitCode = codes.every((code) => code === 0) ? 0 : 1;
