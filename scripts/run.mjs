// Runs one of the project's files on the pinned Node, and installs the dependencies first if they are missing.
// Plain JavaScript for Node 20: on a fresh clone it is the first file that runs.
//
//   node scripts/run.mjs [node flags] FILE [args]    run FILE
//   node scripts/run.mjs --installed                 (postinstall) record that an install is complete
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const MINIMUM_NODE = 24;
const root = fileURLToPath(new URL('..', import.meta.url));
const modules = `${root}node_modules`;
const stamp = `${modules}/.installed`;
const pinnedNode = `${modules}/node/bin/node`;

/** The stamp of a complete install; another lockfile makes it outdated. */
function lockfileHash() {
  return createHash('sha256')
    .update(readFileSync(`${root}package-lock.json`))
    .digest('hex');
}

// npm runs our postinstall last, so an interrupted install leaves no stamp.
function isInstalled() {
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === lockfileHash();
}

/** The last signal that was received. */
let received = null;

/** Starts a command and forwards signals to it, so that it ends with this process. */
function start(command, args, stdio) {
  const child = spawn(command, args, { cwd: stdio === 'inherit' ? undefined : root, stdio });
  const pass = (signal) => {
    received = signal;
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
  console.error('Installing dependencies (npm ci) ...');
  const npm = process.env.npm_execpath;
  // The pinned Node is a development dependency, needed under NODE_ENV=production too.
  const ci = ['ci', '--include=dev'];
  const [command, args] = npm ? [process.execPath, [npm, ...ci]] : ['npm', ci];
  for (let tries = 1; ; tries += 1) {
    // npm's output goes to stderr, so that the command's own output stays clean.
    if ((await start(command, args, ['ignore', 2, 2])) === 0 && isInstalled()) return;
    // npm ends with a code after a signal: without this, Ctrl-C would restart the install.
    if (received !== null) process.kill(process.pid, received);
    if (tries === 2) break;
    // The remains of another install can be in the way: try once more from an empty folder.
    console.error('npm ci failed; trying once more from an empty node_modules ...');
    rmSync(modules, { recursive: true, force: true, maxRetries: 5, retryDelay: 500 });
  }
  console.error('npm ci failed. See its message above; fix the cause and run the command again.');
  process.exit(1);
}

async function run(args) {
  // The shell may have resolved another `node` before the install: use ours by its path.
  const node = existsSync(pinnedNode) ? pinnedNode : process.execPath;
  if (node === process.execPath && Number(process.versions.node.split('.')[0]) < MINIMUM_NODE) {
    console.error(`Node ${MINIMUM_NODE} or newer is required, this is ${process.version}. Run: npm ci`);
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
