/** Whether everyone can use the sandbox's pages: what axe-core finds there, light and dark, wide and narrow. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { seriousFindings } from '../support/people/axe.ts';
import { skipBrowser } from '../support/people/browser.ts';
import { inSandbox } from '../support/people/in-sandbox.ts';
import { quickBot } from '../support/people/sandbox-page.ts';

describe('everyone can use', { skip: skipBrowser }, () => {
  const looks = (['light', 'dark'] as const).flatMap((colorScheme) =>
    [1440, 390].map((width) => ({ colorScheme, width })),
  );
  const pages = [
    { path: '/', drawn: 'h1, h2', looks },
    { path: '/policy', drawn: '[data-testid="policy-text"]', looks },
    // Each state of a card: a scan takes 15 s, and what it finds of a theme does not depend on the width.
    {
      path: '/gallery',
      drawn: '[data-testid="state"]',
      looks: looks.filter(({ colorScheme, width }) => (colorScheme === 'dark') === (width === 390)),
    },
  ];
  for (const { path, drawn, looks } of pages) {
    test(`${path}`, () =>
      inSandbox({ path, sandbox: { bot: quickBot() } }, async ({ page }, url) => {
        const findings: string[] = [];
        for (const { colorScheme, width } of looks) {
          await page.emulateMedia({ colorScheme });
          await page.setViewportSize({ width, height: 900 });
          await page.goto(`${url}${path}${path === '/gallery' ? `?theme=${colorScheme}` : ''}`);
          await page.locator(drawn).first().waitFor({ state: 'attached' });
          const found = await seriousFindings(page);
          findings.push(...found.map((one) => `${path}, ${colorScheme}, ${width} px: ${one}`));
        }
        assert.deepEqual(findings, []);
      }));
  }
});
