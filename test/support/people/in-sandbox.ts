import type { BrowserContextOptions } from 'playwright-core';
import { type SandboxOptions, startSandbox } from '../../../src/sandbox/sandbox.ts';
import { type OpenPage, withPage } from './browser.ts';

/**
 * Starts a sandbox with empty rooms, opens one of its pages for `use`, and stops both however that ends.
 * @param path of the page: `/`, `/gallery`
 * @param withPageOf default: in a browser of its own
 */
export async function inSandbox(
  { path, browser = {}, sandbox: options = {} }: InSandbox,
  use: (opened: OpenPage, url: string) => Promise<void>,
  withPageOf = withPage,
): Promise<void> {
  const sandbox = await startSandbox({ port: 0, ...options });
  try {
    await withPageOf(`${sandbox.url}${path}`, browser, (opened) => use(opened, sandbox.url));
  } finally {
    await sandbox.close();
  }
}

interface InSandbox {
  path: string;
  browser?: BrowserContextOptions;
  sandbox?: Partial<SandboxOptions>;
}
