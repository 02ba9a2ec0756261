/** Whether everyone can use the sandbox's pages: what axe-core finds there, light and dark, wide and narrow. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { seriousFindings } from '../support/people/axe.ts';
import { skipBrowser } from '../support/people/browser.ts';
import { inSandbox } from '../support/people/in-sandbox.ts';
import { quickBot } from '../support/people/sandbox-page.ts';
import { withOwnPage } from '../support/people/shared-browser.ts';
import { isLong } from '../support/property.ts';

describe('everyone can use', { skip: skipBrowser }, () => {
  // What a scan finds of a theme does not depend on the width: each of both once, and all four in a long run.
  const looks = (['light', 'dark'] as const)
    .flatMap((colorScheme) => [1440, 390].map((width) => ({ colorScheme, width })))
    .filter(({ colorScheme, width }) => isLong || (colorScheme === 'dark') === (width === 390));
  const pages = [
    { path: '/', drawn: 'h1, h2' },
    { path: '/policy', drawn: '[data-testid="policy-text"]' },
    // Each state of a card.
    { path: '/gallery', drawn: '[data-testid="state"]' },
  ];
  for (const { path, drawn } of pages) {
    test(`${path}`, () =>
      inSandbox(
        { path, sandbox: { bot: quickBot() } },
        async ({ page }, url) => {
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
        },
        withOwnPage,
      ));
  }
});
