// `npm test`: every test, in a few processes side by side; most of their time is spent waiting for bots that start and
// stop, for browsers and for real clocks. `npm test -- FILE …` runs just those, in one.
import { spawn } from 'node:child_process';
import { globSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What is in none of these has a process of its own, the last. */
const groups = [
  // The crash rig, with three bots at a time.
  /^test\/crash\//,
  // What starts bots and other programs, blocks the loop, or breaks the disk.
  /^test\/faults\/process\/(?:process|stops|disk|disk-bot|database|handlers)\.|^test\/faults\/backend\/slow-backend\.|^test\/cli\/|^test\/stories\/operator\/|^test\/sandbox\/main\./,
  // Browsers, and what keeps a core busy by itself.
  /^test\/(?:browser|fuzz|model|mutations|store)\//,
  // One fault after another, and what comes of it once their waits are over.
  /^test\/(?:faults|http|backends)\//,
  // What a person sees, from the first event to the last word.
  /^test\/stories\//,
];

const flags = ['--import', './test/support/property.ts', '--test', '--test-isolation=none', '--test-reporter=spec'];
const chosen = process.argv.slice(2);

/** @returns {string[][]} */
function filesOfGroups() {
  if (chosen.length > 0) return [chosen];
  const all = globSync('test/**/*.test.ts').sort();
  const groupOf = (file) => groups.findIndex((group) => group.test(file));
  return [...groups.keys(), -1].map((group) => all.filter((file) => groupOf(file) === group));
}

/** Half of a bot's start is compiling; the bots that the tests start find it done. */
const cache = mkdtempSync(join(tmpdir(), 'countersign-compiled-'));
const env = { ...process.env, NODE_COMPILE_CACHE: cache };

function run(args) {
  const child = spawn(process.execPath, args, { stdio: 'inherit', env });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  return new Promise((resolve) => child.on('exit', (code) => resolve(code ?? 1)));
}

await run(['--eval', "import('./src/app.ts')"]);
const codes = await Promise.all(filesOfGroups().map((files) => run([...flags, ...files])));
rmSync(cache, { recursive: true, force: true });
process.exitCode = codes.every((code) => code === 0) ? 0 : 1;
