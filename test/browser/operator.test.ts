/** The page for operators in a browser: sign in, look, retry, search, sign out; and whether everyone can use it. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { BrowserContextOptions } from 'playwright-core';
import { secretOf } from '../support/data/secrets.ts';
import { seriousFindings } from '../support/people/axe.ts';
import { skipBrowser } from '../support/people/browser.ts';
import { withOwnPage } from '../support/people/shared-browser.ts';
import { isLong } from '../support/property.ts';
import {
  ADMIN_TOKEN,
  approved,
  type OperatorScene,
  startOperatorScene,
  undelivered,
  unposted,
  waiting,
} from '../support/worlds/operator-scene.ts';

const WIDE = { width: 1280, height: 900 };
const PHONE = { width: 390, height: 844 };
/** What a scan finds of a theme does not depend on the width: each of both once, and all four in a long run. */
const looks: [name: string, options: BrowserContextOptions][] = [
  ['light, wide', { colorScheme: 'light', viewport: WIDE }],
  ['dark, 390 px', { colorScheme: 'dark', viewport: PHONE }],
];
if (isLong) {
  looks.push(['dark, wide', { colorScheme: 'dark', viewport: WIDE }]);
  looks.push(['light, 390 px', { colorScheme: 'light', viewport: PHONE }]);
}

describe('the page for operators', { skip: skipBrowser }, () => {
  let scene: OperatorScene;
  before(async () => {
    scene = await startOperatorScene();
    await approved(scene);
    await undelivered(scene);
    await waiting(scene, 'refund-agent');
    await waiting(scene, 'hostile');
    await unposted(scene);
  });
  after(() => scene.close());

  test('one signs in, looks at what waits, retries a dead letter, searches the audit log, and signs out', () =>
    withOwnPage(`${scene.url}/operator/dead-letters`, {}, async ({ page, shoot }) => {
      const heading = (name: string) => page.getByRole('heading', { level: 1, name, exact: true }).waitFor();
      await heading('Sign in');
      await page.getByLabel('Token').fill(ADMIN_TOKEN);
      await page.keyboard.press('Enter');
      await heading('Dead letters');
      const row = page.getByRole('row').filter({ hasText: 'Decision to Runtype' });
      const pages = page.getByRole('navigation', { name: 'Pages' });
      await pages.getByRole('link', { name: /^Waiting/ }).click();
      await heading('Waiting');
      await page
        .getByRole('article')
        .filter({ hasText: 'Mara Lindqvist' })
        .first()
        .getByText('Who may decide')
        .first()
        .waitFor();
      await page.getByRole('article').first().getByRole('link').first().click();
      await page.getByRole('heading', { level: 2, name: 'History' }).waitFor();
      await shoot('operator-approval', { whole: true });

      await pages.getByRole('link', { name: /^Dead letters/ }).click();
      const before = scene.decisions();
      await row
        .filter({ has: page.getByRole('button', { name: 'Retry' }) })
        .getByRole('button')
        .click();
      await page.getByRole('status').getByText('It is tried again now').waitFor();
      await scene.world.until('the second call', () => (scene.decisions() === before + 1 ? true : undefined));
      await pages.getByRole('link', { name: /^Decided/ }).click();
      await heading('Decided');
      await scene.world.until(
        'the decision that is delivered now',
        () => (JSON.stringify(scene.world.slack.state()).match(/Approved by/g) ?? []).length >= 2 || undefined,
      );
      await page.reload();
      await page.getByRole('cell', { name: 'confirmed by Runtype' }).nth(1).waitFor();
      assert.equal(scene.decisions(), before + 1, 'it was called exactly once');

      await pages.getByRole('link', { name: 'Audit' }).click();
      await page.getByLabel('Person').fill('ADMIN_TOKEN');
      await page.getByRole('button', { name: 'Search' }).click();
      await page.getByRole('row').filter({ hasText: 'ADMIN_TOKEN (Operator) pressed Try again' }).waitFor();

      await page.getByRole('button', { name: 'Sign out' }).click();
      await page.getByText('You are signed out.').waitFor();
      await page.goBack();
      await page.reload();
      await heading('Sign in');
    }));

  for (const [name, options] of looks) {
    test(`everyone can use it: ${name}`, () =>
      withOwnPage(`${scene.url}/operator`, options, async ({ page, shoot }) => {
        const findings: string[] = [];
        const look = async (path: string) => {
          const wider = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
          if (wider > 0) findings.push(`${path} is ${wider} px wider than the window`);
          findings.push(...(await seriousFindings(page)).map((one) => `${path}: ${one}`));
          await shoot(`operator${path.replaceAll('/', '-')} ${name}`, { whole: true });
        };
        await look('/sign-in');
        await page.getByLabel('Token').fill(ADMIN_TOKEN);
        await page.getByRole('button', { name: 'Sign in' }).click();
        await page.getByRole('heading', { name: 'Waiting' }).waitFor();
        const approval = await page.getByRole('article').first().getByRole('link').first().getAttribute('href');
        for (const path of [
          '',
          '/decided',
          '/dead-letters',
          '/dead-letters?result=retried',
          '/health',
          '/policy',
          '/audit',
          approval?.replace('/operator', '') ?? '',
        ]) {
          await page.goto(`${scene.url}/operator${path}`);
          await look(path);
        }
        assert.deepEqual(findings, []);
      }));
  }

  test('the keyboard is enough: the first stop skips to the content, and each stop can be seen', () =>
    withOwnPage(`${scene.url}/operator`, {}, async ({ page }) => {
      await page.getByLabel('Token').fill(ADMIN_TOKEN);
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { name: 'Waiting' }).waitFor();
      await page.keyboard.press('Tab');
      const focused = () => page.evaluate<string>('document.activeElement.textContent');
      assert.equal(await focused(), 'Skip to the content');
      await page.keyboard.press('Tab');
      const outline = await page.evaluate<string>('getComputedStyle(document.activeElement).outlineStyle');
      assert.equal(outline, 'solid');
    }));
});

test('with a changed token, the page asks again', { skip: skipBrowser }, async () => {
  const scene = await startOperatorScene({ ADMIN_TOKEN: secretOf('another') });
  try {
    await withOwnPage(`${scene.url}/operator`, {}, async ({ page }) => {
      await page.getByLabel('Token').fill(secretOf('another'));
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { name: 'Waiting' }).waitFor();
      const cookies = await page.context().cookies();
      assert.ok(cookies.every(({ httpOnly, sameSite }) => httpOnly && sameSite === 'Strict'));
      await scene.world.stop();
      await scene.world.start();
      await page.goto(`http://127.0.0.1:${scene.world.app().port}/operator`);
      await page.getByLabel('Token').waitFor();
    });
  } finally {
    await scene.close();
  }
});
