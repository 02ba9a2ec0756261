// Runs one of the project's files on the pinned Node. Plain JavaScript for Node 20: on a fresh clone it is the first file
// that runs. Tested in test/stories/operator/install.test.ts.
//
//   node scripts/run.mjs [node flags] FILE [args]            run FILE; where packages are missing, say what to run
//   node scripts/run.mjs --install [node flags] FILE [args]  the same for development: installs first what is missing
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Major and minor: from here on, Node reads TypeScript and takes a proxy for each agent. */
const MINIMUM_NODE = [24, 5];
const root = fileURLToPath(new URL('..', import.meta.url));
/** What `npm run build` makes. */
const BUILT = 'dist/main.mjs';
/**
 * The bot keeps less memory after a burst: V8 and glibc hold on to what they once needed. Half of V8's own limit for new
 * objects costs no CPU time that can be measured.
 */
const BOT_FLAGS = ['--max-semi-space-size=16'];
const BOT_ENV = { MALLOC_ARENA_MAX: '2' };
const modules = `${root}node_modules`;
/** An optional dependency of the libraries, which npm installs and checks like every package; not every platform has one. */
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
  // The root and the folder of the libraries are the clone's own.
  const wanted = Object.entries(packagesOf('package-lock.json')).filter(
    ([folder, { link }]) => folder.includes('node_modules/') && !link,
  );
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
function start(command, args, stdio, env = process.env) {
  const child = spawn(command, args, { cwd: stdio === 'inherit' ? undefined : root, stdio, env });
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

/** How often the line of the progress is drawn, and how often it is printed where lines can't be replaced, ms. */
const DRAW_MS = 500;
const PRINT_MS = 10_000;
/** Only the last few are named: the large ones, such as Node itself. */
const NAMES_SHOWN = 4;

/** The packages of this platform that npm installs. Their files appear in `node_modules` as they are unpacked. */
function expectedPackages() {
  // A name or a list: what fits, or with `!` what does not.
  const fits = (given, name) => {
    const list = [given ?? []].flat();
    if (list.some((one) => one.startsWith('!'))) return !list.includes(`!${name}`);
    return list.length === 0 || list.includes(name);
  };
  return Object.entries(packagesOf('package-lock.json')).flatMap(([folder, { os, cpu, libc, link }]) =>
    folder.includes('node_modules/') &&
    !link &&
    fits(os, process.platform) &&
    fits(cpu, process.arch) &&
    ![libc ?? []].flat().includes('musl')
      ? [folder]
      : [],
  );
}

/** What is installed so far, after so many ms. */
function progressLine(folders, sinceMs) {
  const missing = folders.filter((folder) => !existsSync(`${root}${folder}/package.json`));
  const names = missing.map((folder) => folder.replace(/^.*node_modules\//, '')).join(', ');
  const done = `${folders.length - missing.length} of ${folders.length} packages, ${Math.round(sinceMs / 1_000)} s`;
  if (missing.length === 0) return `${done}; npm is finishing`;
  return missing.length > NAMES_SHOWN ? done : `${done}; still to come: ${names}`;
}

/** Says how far the install is, until the returned function is called. Quiet in CI. */
function showProgress() {
  if (process.env.CI) return () => {};
  const folders = expectedPackages();
  const startedAt = performance.now();
  const canReplace = process.stderr.isTTY === true;
  if (canReplace) {
    console.error(`  Once, about a minute: ${folders.length} packages of package-lock.json, Node 24 among them.`);
  }
  const show = () => {
    const line = `  ${progressLine(folders, performance.now() - startedAt)}`;
    if (canReplace) process.stderr.write(`\r\u001B[K${line.slice(0, (process.stderr.columns || 80) - 1)}`);
    else console.error(line);
  };
  if (canReplace) show();
  const timer = setInterval(show, canReplace ? DRAW_MS : PRINT_MS);
  return () => {
    clearInterval(timer);
    if (!canReplace) return;
    process.stderr.write('\r\u001B[K');
    console.error(`  Installed in ${Math.round((performance.now() - startedAt) / 1_000)} s.`);
  };
}

async function install() {
  console.error('Installing dependencies (npm ci) ...');
  const stopProgress = showProgress();
  try {
    await installPackages();
  } finally {
    stopProgress();
  }
}

async function installPackages() {
  const npm = process.env.npm_execpath;
  // Under NODE_ENV=production, too.
  const ci = ['ci', '--include=dev', '--include=optional'];
  // Its progress is a spinner on the line of ours, and its warnings are about this Node, not the one that runs the code.
  const quiet = { npm_config_progress: 'false', npm_config_audit: 'false', npm_config_fund: 'false' };
  const env = { ...process.env, ...quiet, npm_config_loglevel: 'error' };
  const [command, args] = npm ? [process.execPath, [npm, ...ci]] : ['npm', ci];
  for (let tries = 1; ; tries += 1) {
    // npm's output goes to stderr, so that the command's own output stays clean.
    if ((await start(command, args, ['ignore', 2, 2], env)) === 0 && isInstalled({ dev: true })) return;
    // npm ends with a code after a signal: without this, Ctrl-C would restart the install.
    if (received !== null) process.kill(process.pid, received);
    if (tries === 2) break;
    // The remains of another install can be in the way: try once more from an empty folder.
    console.error('npm ci failed; trying once more from an empty node_modules ...');
    rmSync(modules, { recursive: true, force: true, maxRetries: 5, retryDelay: 500 });
  }
  refuse('npm ci failed. See its message above; fix the cause and run the command again.');
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
  if (!isBot) process.exit(await start(node, args, 'inherit'));
  process.exit(await start(node, [...BOT_FLAGS, ...args], 'inherit', { ...BOT_ENV, ...process.env }));
}

/** The usage of a program, read from its source, or from the file that it imports its usage from. */
function usageOf(file) {
  const source = readFileSync(`${root}${file}`, 'utf8');
  const [, usage] = /^(?:export )?const (?:usage|USAGE) = `([\s\S]*?)`;/m.exec(source) ?? [];
  if (usage !== undefined) return usage;
  const [, imported] = /^import \{[^}]*\bUSAGE\b[^}]*\} from '\.\/([^']+)';/m.exec(source) ?? [];
  return imported === undefined ? '' : usageOf(`${file.replace(/[^/]*$/, '')}${imported}`);
}

/** Ends the process where the bundle is not made of this source. An image may have the bundle alone. */
function refuseOldBundle() {
  if (!existsSync(`${root}${BUILT}`)) refuse('The bot is not built. Run: npm run build');
  const builtAt = statSync(`${root}${BUILT}`).mtimeMs;
  const found = existsSync(`${root}src`) ? readdirSync(`${root}src`, { recursive: true }) : [];
  const sources = [...found.filter((file) => file.endsWith('.ts')).map((file) => `src/${file}`), 'package-lock.json'];
  const newer = sources.find((file) => statSync(`${root}${file}`, { throwIfNoEntry: false })?.mtimeMs > builtAt);
  if (newer !== undefined) refuse(`dist/ is older than the source (${newer}). Run: npm run build`);
}

const asked = process.argv.slice(2);
const program = asked.find((arg) => /^(?:src|scripts|test|dist)\/.*\.(?:ts|mjs)$/.test(arg));
const flags = program === undefined ? [] : asked.slice(asked.indexOf(program));
const isBot = program === 'src/main.ts' || program === BUILT || (program === 'src/cli/main.ts' && flags[1] === 'start');
const isHelp = flags.some((arg) => arg === '--help' || arg === '-h');
const args = isHelp ? asked.filter((arg) => arg !== '--watch' && arg !== '--install') : asked;
if (isHelp) {
  // Nothing is installed for a usage, and nothing is started unless a part of it is computed.
  const usage = usageOf(program === BUILT ? 'src/main.ts' : program);
  if (!usage.includes('${') || !isInstalled({ dev: true })) {
    console.log(usage.replaceAll(/\$\{[^}]*\}/g, '…'));
    process.exit(0);
  }
}
if (program === BUILT) refuseOldBundle();
// Compiled code is kept, in a folder that only those can write who can write the packages: a start takes 0.7 of the time.
if (program === BUILT || program?.startsWith('src/'))
  process.env.NODE_COMPILE_CACHE ??= `${modules}/.cache/countersign-compiled`;
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
