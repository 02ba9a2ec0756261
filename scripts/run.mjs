// Runs one of the project's files on the Node that the project pins, installing first what is missing.
// Plain JavaScript that Node 20 can read: on a fresh clone it is the first thing that runs.
//
//   node scripts/run.mjs [node flags] FILE [args]    run FILE
//   node scripts/run.mjs --installed                 (postinstall) note that an install ran to its end
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
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

function install() {
  console.error('Installing what is missing (npm ci) ...');
  const npm = process.env.npm_execpath;
  const [command, args] = npm ? [process.execPath, [npm, 'ci']] : ['npm', ['ci']];
  // npm's own words go to stderr, so that what the command prints stays clean.
  const { status } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 2] });
  if (status !== 0 || !isInstalled()) {
    console.error('npm ci did not finish. Its own message is above; run the command again once that is mended.');
    process.exit(1);
  }
}

function run(args) {
  // The shell that started us may have looked up another `node` before the install: take ours by its path.
  const node = existsSync(pinnedNode) ? pinnedNode : process.execPath;
  if (node === process.execPath && Number(process.versions.node.split('.')[0]) < MINIMUM_NODE) {
    console.error(`Node ${MINIMUM_NODE} or newer is needed, this is ${process.version}. Run: npm ci`);
    process.exit(1);
  }
  const child = spawn(node, args, { stdio: 'inherit' });
  // A signal sent to this process alone (a supervisor's SIGTERM) must reach the one that does the work.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => {
    if (!signal) process.exit(code);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

const args = process.argv.slice(2);
if (args[0] === '--installed') {
  if (existsSync(modules)) writeFileSync(stamp, lockfileHash());
} else {
  if (!isInstalled()) install();
  run(args);
}
