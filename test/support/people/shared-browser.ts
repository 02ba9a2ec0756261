/** One browser for all pages of the tests of a process: each start takes seconds of CPU. */
import { after } from 'node:test';
import type { Browser, BrowserContextOptions } from 'playwright-core';
import { launchBrowser, type OpenPage, openPageIn, whileOpen } from './browser.ts';

let browser: Promise<Browser> | null = null;
after(async () => (await browser)?.close());

/** Nothing moves: what is animated is drawn again sixty times a second. */
export const STILL = { reducedMotion: 'reduce' } as const;

export function sharedBrowser(): Promise<Browser> {
  browser ??= launchBrowser();
  return browser;
}

/** Opens a page with a store of its own, and closes it as `withPage` does. */
export async function withOwnPage(
  url: string,
  options: BrowserContextOptions,
  use: (opened: OpenPage) => Promise<void>,
): Promise<void> {
  await whileOpen(await openPageIn(await sharedBrowser(), url, { ...STILL, ...options }), use);
}
