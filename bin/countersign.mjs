#!/usr/bin/env node
// `countersign COMMAND`: what is settled before the program's first line, and then the program, src/cli/main.ts. Plain JavaScript
// that an old Node reads, too: it says which one is needed. Tested in test/scripts/package/launcher.test.ts.
import { accessSync, constants, existsSync, mkdirSync, statSync } from 'node:fs';
import * as modules from 'node:module';
import { isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Major and minor: as `engines` in package.json says. */
const MINIMUM_NODE = [24, 5];
const root = fileURLToPath(new URL('..', import.meta.url));
/** A clone has its source, which is newer than any build of it. */
const program = [`${root}src/cli/main.ts`, `${root}dist/cli-main.mjs`].find((file) => existsSync(file));
/**
 * The bot keeps less memory after a burst: V8 and glibc hold on to what they once needed. Half of V8's own limit for new
 * objects costs no CPU time that can be measured. Both are read when a process begins, and at no time after.
 */
const BOT_FLAG = '--max-semi-space-size=16';
const BOT_ENV = { MALLOC_ARENA_MAX: '2' };

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < MINIMUM_NODE[0] || (major === MINIMUM_NODE[0] && minor < MINIMUM_NODE[1])) {
  refuse(
    `Node ${MINIMUM_NODE.join('.')} or newer is required, this is ${process.version}: https://nodejs.org/en/download`,
  );
} else if (program === undefined) {
  refuse('This package was made without a build: it has no dist/. Make it again: npm run build && npm pack');
} else {
  if (process.argv[2] === 'start') becomeTheBot();
  keepCompiledCode();
  await import(program);
}

function refuse(message) {
  console.error(message);
  process.exitCode = 1;
}

/** Begins this process again, as the same process, with the settings of the bot; not where it has them. */
function becomeTheBot() {
  const flags = [...process.execArgv, ...(process.env.NODE_OPTIONS ?? '').split(' ')];
  const hasFlag = flags.some((flag) => flag.startsWith('--max-semi-space-size'));
  if (hasFlag && process.env.MALLOC_ARENA_MAX !== undefined) return;
  // Without /proc, Node may not know its own file; Windows can't replace a process. The bot then runs with more memory.
  if (process.execve === undefined || !isAbsolute(process.execPath) || !existsSync(process.execPath)) return;
  const args = [...(hasFlag ? [] : [BOT_FLAG]), ...process.execArgv, ...process.argv.slice(1)];
  process.execve(process.execPath, [process.execPath, ...args], { ...BOT_ENV, ...process.env });
}

/** Keeps the code that Node has compiled, which saves a fifth of the CPU time of a start. Without a place for it, all else is the same. */
function keepCompiledCode() {
  const folder = process.env.NODE_COMPILE_CACHE === undefined ? cacheFolder() : undefined;
  if (folder !== undefined) modules.enableCompileCache(folder);
}

/**
 * Where compiled code is kept. Whoever can write there decides what this process runs, so it is a folder that only those can
 * write who can do so anyway: beside the code, or one that belongs to this user alone.
 */
function cacheFolder() {
  const beside = join(root, program.endsWith('.ts') ? 'node_modules/.cache/countersign-compiled' : '.compiled');
  // One that was filled before, as in an image, is read, even where nothing can be written.
  if (existsSync(beside) ? isAsSafeAsCode(beside) : canWrite(root)) return beside;
  // systemd makes this one (CacheDirectory=).
  const { CACHE_DIRECTORY, XDG_CACHE_HOME, HOME } = process.env;
  if (CACHE_DIRECTORY && isOwn(CACHE_DIRECTORY)) return ownFolder(join(CACHE_DIRECTORY, 'compiled'));
  if (XDG_CACHE_HOME && isOwn(XDG_CACHE_HOME)) return ownFolder(join(XDG_CACHE_HOME, 'countersign'));
  // A user of a service may have no home.
  if (!HOME || !isOwn(HOME)) return undefined;
  const cache = ownFolder(join(HOME, '.cache'));
  return cache && ownFolder(join(cache, 'countersign'));
}

/** A folder in one of this user, made where it is missing. */
function ownFolder(folder) {
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch {
    // It is there already, or can't be made.
  }
  return isOwn(folder) ? folder : undefined;
}

function canWrite(folder) {
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** Whether only those can write there who can write what runs: root may run what the user of an image has compiled. */
function isAsSafeAsCode(folder) {
  const [found, code] = [folder, root].map((path) => statSync(path));
  return [process.getuid?.(), code.uid].includes(found.uid) && (found.mode & ~code.mode & 0o022) === 0;
}

/** Whether a folder belongs to the user of this process, and no one else can write to it. */
function isOwn(folder) {
  if (!isAbsolute(folder)) return false;
  const found = statSync(folder, { throwIfNoEntry: false });
  return found?.isDirectory() === true && found.uid === process.getuid?.() && (found.mode & 0o022) === 0;
}
