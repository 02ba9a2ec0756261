// Runs one of the project's files on the pinned Node. Plain JavaScript for Node 20: on a fresh clone it is the first file
// that runs. Tested in test/stories/operator/install.test.ts.
//
//   node scripts/run.mjs [node flags] FILE [args]            run FILE; where packages are missing, say what to run
//   node scripts/run.mjs --install [node flags] FILE [args]  the same for development: installs first what is missing
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Major and minor: from here on, Node reads TypeScript and takes a proxy for each agent. */
const MINIMUM_NODE = [24, 5];
const root = fileURLToPath(new URL('..', import.meta.url));
const modules = `${root}node_modules`;
/** An optional dependency, which npm installs and checks like every package; not every platform has one. */
const pinnedPackage = `node_modules/node-${process.platform}-${process.arch}`;
const pinnedNode = `${root}${pinnedPackage}/bin/node`;

/** The packages of a lockfile by their folders. npm writes the second one last, so an interrupted install leaves none. */
function packagesOf(file) {
  try {
    return JSON.parse(readFileSync(`${root}${file}`, 'utf8')).packages ?? {};
  } catch {
    return {};
  }
}

/** Whether the packages of the lockfile are installed, each in its version; with or without those for development. */
function isInstalled({ dev }) {
  const installed = packagesOf('node_modules/.package-lock.json');
  const wanted = Object.entries(packagesOf('package-lock.json')).filter(([folder]) => folder !== '');
  return (
    wanted.length > 0 &&
    wanted.every(([folder, { version, integrity, dev: forDevelopment, optional, devOptional }]) => {
      const found = installed[folder];
      if (found === undefined) return optional === true || ((forDevelopment || devOptional) === true && !dev);
      return found.version === version && found.integrity === integrity;
    })
  );
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
  // Under NODE_ENV=production, too.
  const ci = ['ci', '--include=dev', '--include=optional'];
  const [command, args] = npm ? [process.execPath, [npm, ...ci]] : ['npm', ci];
  for (let tries = 1; ; tries += 1) {
    // npm's output goes to stderr, so that the command's own output stays clean.
    if ((await start(command, args, ['ignore', 2, 2])) === 0 && isInstalled({ dev: true })) return;
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

/** Ends the process with what to do. */
function refuse(message) {
  console.error(message);
  process.exit(1);
}

async function run(args) {
  // The shell may have resolved another `node` before the install: use ours by its path.
  const node = existsSync(pinnedNode) ? pinnedNode : process.execPath;
  const [major, minor] = process.versions.node.split('.').map(Number);
  const isOld = major < MINIMUM_NODE[0] || (major === MINIMUM_NODE[0] && minor < MINIMUM_NODE[1]);
  if (node === process.execPath && isOld) {
    const isPinned = packagesOf('package-lock.json')[pinnedPackage] !== undefined;
    const remedy = isPinned
      ? 'Run: npm ci'
      : `npm has none for ${process.platform}-${process.arch}: install it yourself.`;
    refuse(`Node ${MINIMUM_NODE.join('.')} or newer is required, this is ${process.version}. ${remedy}`);
  }
  process.exit(await start(node, args, 'inherit'));
}

const args = process.argv.slice(2);
if (args[0] === '--install') {
  if (!isInstalled({ dev: true })) await install();
  await run(args.slice(1));
} else if (isInstalled({ dev: false })) {
  await run(args);
} else {
  const state = existsSync(modules)
    ? 'The installed packages are not those of package-lock.json'
    : 'No packages are installed';
  refuse(`${state}, and this command never installs any. Run: npm ci`);
}
