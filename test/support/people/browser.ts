import { existsSync, mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

const executables = [
  process.env['CHROMIUM'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
];
const executablePath = executables.find((path) => path !== undefined && existsSync(path));

/** False: run the browser tests; a text: skip them, with this reason. In CI they are never skipped. */
export const skipBrowser: string | false =
  executablePath === undefined && process.env['CI'] !== 'true'
    ? 'no Chromium found: install it, or set CHROMIUM to its path'
    : false;

/** Turns off background requests: there is no network. */
const ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

const shots = fileURLToPath(new URL('../../../test-results/', import.meta.url));

export interface OpenPage {
  page: Page;
  /** With SHOTS=1, saves a screenshot of the page in `test-results/`: drawing it costs more than the test. */
  shoot(name: string, options?: { whole: boolean }): Promise<void>;
  /** @throws Error when the page logged an error */
  close(): Promise<void>;
}

const VIEWPORT = { width: 1440, height: 1000 };

/** @throws Error when there is no Chromium, so that CI does not pass without it */
export async function launchBrowser(): Promise<Browser> {
  if (executablePath === undefined) throw new Error('No Chromium found. Install it, or set CHROMIUM to its path.');
  return chromium.launch({ executablePath, args: ARGS });
}

/**
 * Opens a page in a browser of its own. Close it in any case, or use `withPage`.
 * @param options of its context, such as another viewport
 * @throws Error when there is no Chromium
 */
export async function openPage(url: string, options: BrowserContextOptions = {}): Promise<OpenPage> {
  const browser = await launchBrowser();
  try {
    const { close, ...opened } = await openPageIn(browser, url, options);
    return { ...opened, close: () => close().finally(() => browser.close()) };
  } catch (error) {
    await browser.close();
    throw error;
  }
}

/** The same in a browser that stays open: only the page is closed, with everything it has stored. */
export async function openPageIn(browser: Browser, url: string, options: BrowserContextOptions): Promise<OpenPage> {
  const complaints: string[] = [];
  const page = await browser.newPage({ viewport: VIEWPORT, ...options });
  try {
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    await page.goto(url);
    return {
      page,
      async shoot(name, { whole } = { whole: false }) {
        if (process.env['SHOTS'] !== '1') return;
        mkdirSync(shots, { recursive: true });
        await page.screenshot({ path: `${shots}${name}.png`, fullPage: whole });
      },
      async close() {
        await page.close();
        if (complaints.length > 0) throw new Error(`The page complained:\n${complaints.join('\n')}`);
      },
    };
  } catch (error) {
    await page.close();
    throw error;
  }
}

/**
 * Opens a page for `use`, and closes it however that ends.
 * @throws what `use` throws; else Error when the page logged an error
 */
export async function withPage(
  url: string,
  options: BrowserContextOptions,
  use: (opened: OpenPage) => Promise<void>,
): Promise<void> {
  return whileOpen(await openPage(url, options), use);
}

/** Gives a page to `use`, and closes it however that ends. @throws as `withPage` does */
export async function whileOpen(opened: OpenPage, use: (opened: OpenPage) => Promise<void>): Promise<void> {
  let failure: { error: unknown } | null = null;
  try {
    await use(opened);
  } catch (error) {
    failure = { error };
  }
  const closed = opened.close();
  if (failure === null) return closed;
  await closed.catch(() => {});
  throw failure.error;
}
