/** The site that `npm run docs` makes, below a path of its host, in a real browser; and how links and pictures get into it. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { sidebar } from '../../scripts/docs/sidebar.ts';
import { siteLink, sitePage, sitePictures } from '../../scripts/docs/site.ts';
import { openPageIn, skipBrowser } from '../support/people/browser.ts';
import { sharedBrowser } from '../support/people/shared-browser.ts';
import { documents, root } from './documents.ts';

describe('a link', () => {
  const cases: [string, string, string | null, string | null][] = [
    ['docs/slack.md', 'proxies.md#behind-a-proxy', '/proxies.html#behind-a-proxy', null],
    ['README.md', 'docs/slack.md', '/slack.html', null],
    ['docs/slack.md', '../CHANGELOG.md', '/changelog.html', null],
    ['docs/slack.md', '../README.md', '/', null],
    ['docs/slack.md', '../manifest.yml', '/files/manifest.yml', 'manifest.yml'],
    ['docs/policy.md', '../src/app.ts', '/files/src/app.ts.txt', 'src/app.ts'],
    ['docs/policy.md', 'https://cel.dev', null, null],
    ['docs/policy.md', '#names', null, null],
  ];
  for (const [from, to, href, file] of cases) {
    test(`to ${to} in ${from}`, () => assert.deepEqual(siteLink(from, to), href === null ? null : { href, file }));
  }
});

test('a picture in two themes follows the theme of the site, and a path is a path', () => {
  const html = `<picture>
  <source media="(prefers-color-scheme: dark)" srcset="images/a-dark.png">
  <img alt="A card" src="images/a-light.png">
</picture>`;
  assert.equal(
    sitePictures(html),
    '<img class="only-light" alt="A card" src="./images/a-light.png"><img class="only-dark" alt="A card" src="./images/a-dark.png">',
  );
  assert.equal(sitePictures('<img src="https://example.com/a.png">'), '<img src="https://example.com/a.png">');
});

const BASE = '/handbook/';
const types: Record<string, string> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
  '.png': 'image/png',
  '.gif': 'image/gif',
};

describe('the site', () => {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-docs-'));
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const name = decodeURIComponent(pathname.slice(BASE.length)) || 'index.html';
    const file = join(folder, name);
    if (!pathname.startsWith(BASE) || !file.startsWith(folder) || !existsSync(file)) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, { 'content-type': types[extname(file)] ?? 'text/plain' }).end(readFileSync(file));
  });
  let url = '';

  before(async () => {
    const args = ['scripts/docs/main.ts', '--base', BASE, '--to', folder];
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' });
    assert.equal(status, 0, stdout + stderr);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}${BASE}`;
  });
  after(() => {
    server.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test('has a page for each document', () => {
    for (const { path } of documents) {
      const page = sitePage(path);
      if (page !== null) assert.ok(existsSync(join(folder, page.replace(/\.md$/, '.html'))), path);
    }
  });

  test('loads nothing from elsewhere', () => {
    for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
      if (!name.endsWith('.html') && !name.endsWith('.css')) continue;
      const text = readFileSync(join(folder, name), 'utf8');
      const loaded = [
        ...text.matchAll(/<(?:script|img|source)[^>]* src(?:set)?="([^"]*)"|<link[^>]* href="([^"]*)"|url\(([^)]*)\)/g),
      ];
      for (const [, src, href, inCss] of loaded) {
        const address = src ?? href ?? inCss ?? '';
        assert.ok(address.startsWith(BASE) || /^["']?data:/.test(address), `${name} loads ${address}`);
      }
    }
  });

  describe('in a browser', { skip: skipBrowser }, () => {
    test('every page fits a phone, and asks no other host', async () => {
      const opened = await openPageIn(await sharedBrowser(), url, { viewport: { width: 390, height: 844 } });
      const { page } = opened;
      const outside: string[] = [];
      page.on('request', (request) => {
        if (!request.url().startsWith(url) && !request.url().startsWith('data:')) outside.push(request.url());
      });
      for (const { link } of sidebar.flatMap(({ items }) => items)) {
        await page.goto(`${url}${link === '/' ? '' : `${link.slice(1)}.html`}`, { waitUntil: 'domcontentloaded' });
        await page.locator('h1').first().waitFor();
        // Blocks of code and tables scroll by themselves.
        const wide = await page.evaluate<string[]>(`
          document.documentElement.scrollWidth <= innerWidth ? [] : [...document.querySelectorAll('.vp-doc *')]
            .filter((one) => one.getBoundingClientRect().right > innerWidth && !one.closest('pre, table'))
            .map((one) => one.outerHTML.slice(0, 200))`);
        assert.deepEqual(wide, [], link);
      }
      assert.deepEqual(outside, []);
      await opened.shoot('docs-phone');
      await opened.close();
    });

    test('the search finds a word, and leads to its section', async () => {
      const opened = await openPageIn(await sharedBrowser(), url, {});
      const { page } = opened;
      await page.getByRole('button', { name: 'Search' }).click();
      await page.getByRole('searchbox').fill('escalation PagerDuty');
      const found = page.locator('.VPLocalSearchBox .result').first();
      await found.waitFor();
      await opened.shoot('docs-search');
      await found.click();
      await page.waitForURL(/\/handbook\/[\w-]+\.html/);
      // The address changes before the page does.
      await page.locator('.vp-doc', { hasText: 'PagerDuty' }).waitFor();
      await opened.close();
    });

    test('the sidebar leads through it, and the theme can be changed', async () => {
      const opened = await openPageIn(await sharedBrowser(), url, { colorScheme: 'light' });
      const { page } = opened;
      await page.locator('.VPSidebar').getByRole('link', { name: 'Policy cookbook' }).click();
      await page.getByRole('heading', { level: 1, name: 'Policy cookbook' }).waitFor();
      const ground = () => page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
      const light = await ground();
      await page.locator('.VPNavBarAppearance .VPSwitchAppearance').click();
      await page.locator('html.dark').waitFor();
      assert.notEqual(await ground(), light);
      await opened.shoot('docs-wide-dark');
      await opened.close();
    });
  });
});
