/** All that runs besides Node, in one folder: for an image, or a machine without npm. */
import { cpSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const OWN = [
  'bin',
  'package.json',
  'LICENSE',
  'manifest.yml',
  'manifest.http.yml',
  'countersign.schema.json',
  'examples',
];

/**
 * @param folder is made anew
 * @param dist what was built
 */
export function putTogether(folder: string, dist: string): void {
  rmSync(folder, { recursive: true, force: true });
  // As `files` of package.json: what git ignores may be somebody's secrets.
  const filter = (path: string) => !/[/\\](?:\.env|[^/\\]*\.log)$/.test(path);
  // An image is built without it.
  const own = existsSync(join(root, 'deploy')) ? [...OWN, 'deploy'] : OWN;
  for (const name of own) cpSync(join(root, name), join(folder, name), { recursive: true, filter });
  cpSync(dist, join(folder, 'dist'), { recursive: true });
  const from = dirname(createRequire(import.meta.url).resolve('better-sqlite3/package.json'));
  const to = join(folder, 'node_modules', 'better-sqlite3');
  mkdirSync(to, { recursive: true });
  for (const name of ['package.json', 'LICENSE', 'lib']) cpSync(join(from, name), join(to, name), { recursive: true });
  // The package has one for each kind of machine, and says which is loaded on this one.
  const { getPrebuildPath } = createRequire(import.meta.url)(join(from, 'lib', 'binding.js')) as {
    getPrebuildPath(): string | null;
  };
  const native = getPrebuildPath();
  if (native === null) throw new Error(`better-sqlite3 has no file for ${process.platform}-${process.arch}.`);
  cpSync(native, join(to, 'prebuilds', basename(native)));
}
