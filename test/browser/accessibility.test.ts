/** Whether everyone can use the sandbox's pages: what axe-core finds there, wide and narrow; the gallery in light. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { seriousFindings } from '../support/people/axe.ts';
import { skipBrowser } from '../support/people/browser.ts';
import { inSandbox } from '../support/people/in-sandbox.ts';
import { quickBot } from '../support/people/sandbox-page.ts';

describe('everyone can use', { skip: skipBrowser }, () => {
  const pages: { path: string; drawn: string; themes: ('light' | 'dark')[] }[] = [
    { path: '/', drawn: 'h1, h2', themes: ['light', 'dark'] },
    { path: '/policy', drawn: '[data-testid="policy-text"]', themes: ['light', 'dark'] },
    { path: '/gallery', drawn: '[data-testid="state"]', themes: ['light'] },
  ];
  for (const { path, drawn, themes } of pages) {
    test(`${path}`, () =>
      inSandbox({ path, sandbox: { bot: quickBot() } }, async ({ page }, url) => {
        const findings: string[] = [];
        for (const colorScheme of themes) {
          for (const width of [1440, 390]) {
            await page.emulateMedia({ colorScheme });
            await page.setViewportSize({ width, height: 900 });
            await page.goto(`${url}${path}${path === '/gallery' ? `?theme=${colorScheme}` : ''}`);
            await page.locator(drawn).first().waitFor({ state: 'attached' });
            const found = await seriousFindings(page);
            findings.push(...found.map((one) => `${path}, ${colorScheme}, ${width} px: ${one}`));
          }
        }
        assert.deepEqual(findings, []);
      }));
  }
});
