/** In the package, in place of `client-bundle.ts`: the page that `npm run build` has put beside the bundle. */
import { readFile } from 'node:fs/promises';
import type { ClientFiles } from './client-bundle.ts';

export async function bundleClient(): Promise<ClientFiles> {
  const read = (ending: string) => readFile(new URL(`./page/main.${ending}`, import.meta.url), 'utf8');
  return { html: await read('html'), js: await read('js'), css: await read('css') };
}
