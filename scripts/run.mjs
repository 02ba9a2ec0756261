// Runs one of the project's files on the Node that the project pins, installing first what is missing.
// Plain JavaScript that Node 20 can read: on a fresh clone it is the first thing that runs.
//
//   node scripts/run.mjs [node flags] FILE [args]    run FILE
//   node scripts/run.mjs --installed                 (postinstall) note that an install ran to its end
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const MINIMUM_NODE = 24;
const root = fileURLToPath(new URL('..', import.meta.url));
const modules = `${root}node_modules`;
const stamp = `${modules}/.installed`;
const pinnedNode = `${modules}/node/bin/node`;

/** What an install depends on; a stamp of another lockfile is an old install. */
function lockfileHash() {
  return createHash('sha256')
    .update(readFileSync(`${root}package-lock.json`))
    .digest('hex');
}

// npm runs our postinstall after every package is in place, so an install that was broken off leaves no stamp.
function isInstalled() {
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === lockfileHash();
}

/** The signal that somebody has sent us, where one has. */
let asked = null;

/** Starts a command that lives and dies with us: a signal sent to this process alone must reach it. */
function start(command, args, stdio) {
  const child = spawn(command, args, { cwd: stdio === 'inherit' ? undefined : root, stdio });
  const pass = (signal) => {
    asked = signal;
    child.kill(signal);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, pass);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.removeAllListeners(name);
      if (signal) process.kill(process.pid, signal);
      else resolve(code);
    });
  });
}

async function install() {
  console.error('Installing what is missing (npm ci) ...');
  const npm = process.env.npm_execpath;
  // The Node that the project runs on is a development dependency, wanted under NODE_ENV=production, too.
  const ci = ['ci', '--include=dev'];
  const [command, args] = npm ? [process.execPath, [npm, ...ci]] : ['npm', ci];
  for (let tries = 1; ; tries += 1) {
    // npm's own words go to stderr, so that what the command prints stays clean.
    if ((await start(command, args, ['ignore', 2, 2])) === 0 && isInstalled()) return;
    // npm itself ends with a code: without this, Ctrl-C would begin the install anew.
    if (asked !== null) process.kill(process.pid, asked);
    if (tries === 2) break;
    // What another install left behind, or is still leaving behind, can be in the way: once more on clean ground.
    console.error('npm ci did not finish; trying once more from nothing ...');
    rmSync(modules, { recursive: true, force: true, maxRetries: 5, retryDelay: 500 });
  }
  console.error('npm ci did not finish. Its own message is above; run the command again once that is mended.');
  process.exit(1);
}

async function run(args) {
  // The shell that started us may have looked up another `node` before the install: take ours by its path.
  const node = existsSync(pinnedNode) ? pinnedNode : process.execPath;
  if (node === process.execPath && Number(process.versions.node.split('.')[0]) < MINIMUM_NODE) {
    console.error(`Node ${MINIMUM_NODE} or newer is needed, this is ${process.version}. Run: npm ci`);
    process.exit(1);
  }
  process.exit(await start(node, args, 'inherit'));
}

const args = process.argv.slice(2);
if (args[0] === '--installed') {
  if (existsSync(modules)) writeFileSync(stamp, lockfileHash());
} else {
  if (!isInstalled()) await install();
  await run(args);
}
