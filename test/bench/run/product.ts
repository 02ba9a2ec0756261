/** How the product is started: the one place that knows where its source and its bundle are. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export type From = 'source' | 'bundle';

export const root = fileURLToPath(new URL('../../..', import.meta.url));
const files: Record<From, string> = { source: `${root}src/main.ts`, bundle: `${root}dist/main.mjs` };

/** Whether `npm run build` has made the bundle. */
export const isBuilt = existsSync(files.bundle);

/** The line of its log with the port of its HTTP server. */
export const PRODUCT_READY = /"port":(\d+).*"msg":"ready"/;

/** @throws Error where it was not built */
export function productFile(from: From): string {
  const file = files[from];
  if (!existsSync(file)) throw new Error(`${file} does not exist: npm run build makes it`);
  return file;
}
