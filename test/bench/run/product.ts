/** How the product is started, as npm start and npm run start:built do: the one place that knows where they are. */
import { spawnSync } from 'node:child_process';
import { existsSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export type From = 'source' | 'bundle';

export const root = fileURLToPath(new URL('../../..', import.meta.url));

/** The line of its log with the port of its HTTP server. */
export const PRODUCT_READY = /"port":(\d+).*"msg":"ready"/;

/** As `scripts/run.mjs` starts it. */
export const productFlags: readonly string[] = ['--max-semi-space-size=16'];
const env = { MALLOC_ARENA_MAX: '2' };

/** @param shared of this run of the bench: the bundle is made there, once, and the source's compiled code is kept there */
export function productStart(from: From, shared: string): { file: string; env: Record<string, string> } {
  const file = from === 'bundle' ? built(join(shared, 'built')) : join(root, 'src/main.ts');
  return { file, env: { ...env, NODE_COMPILE_CACHE: join(shared, 'compiled') } };
}

function built(folder: string): string {
  const file = join(folder, 'main.mjs');
  if (existsSync(file)) return file;
  const { status, stderr } = spawnSync(process.execPath, [join(root, 'scripts/build.mjs'), folder]);
  if (status !== 0) throw new Error(`the bundle was not built: ${stderr}`);
  for (const name of ['node_modules', 'package.json']) symlinkSync(join(root, name), join(folder, name));
  return file;
}
