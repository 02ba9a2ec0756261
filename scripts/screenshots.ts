/** `npm run screenshots`: see `usage`. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseCommandLine, runCommand, wholeNumber } from '../test/support/command-line.ts';
import { withPage } from '../test/support/people/browser.ts';
import { inSandbox } from '../test/support/people/in-sandbox.ts';
import {
  ADMIN_TOKEN,
  startOperatorScene,
  undelivered,
  unposted,
  waiting,
} from '../test/support/worlds/operator-scene.ts';
import { operatorPages, scenes } from './scenes.ts';

const usage = `Usage: npm run screenshots -- [flags]

Takes the pictures that the README and docs/ show, in both themes: states of the gallery, what the sandbox's page shows
after a few presses, and pages for operators. Needs Chromium (or CHROMIUM).

  --all        also a picture of every other state of the gallery
  --only A,B   only these pictures
  --width N    in a window of this width, px (default: 1440)
  --to FOLDER  where they are written (default: docs/images)
  --help       prints this

Example: npm run screenshots -- --all --width 390 --to /tmp/pictures`;

/** The states of the gallery that are shown. */
const shown = ['open', 'digest-open', 'approved', 'unconfirmed'];

const themes = ['light', 'dark'] as const;
/** Both rooms side by side; high enough for a whole card. */
const SCENE = { width: 1400, height: 1150 };
const OPERATOR = { width: 1100, height: 700 };

await runCommand(async () => {
  const options = {
    all: { type: 'boolean', default: false },
    only: { type: 'string' },
    width: { type: 'string', default: '1440' },
    to: { type: 'string' },
  } as const;
  const { values } = parseCommandLine(usage, options);
  const only = values.only?.split(',');
  const wanted = only ?? shown;
  const folder = values.to ?? fileURLToPath(new URL('../docs/images/', import.meta.url));
  mkdirSync(folder, { recursive: true });
  // Higher than any state: the bar at the top would cover a part of one that is scrolled.
  const viewport = { width: wholeNumber('width', values.width, 100, usage), height: 3000 };
  await inSandbox({ path: '/gallery', browser: { viewport } }, async ({ page }, url) => {
    for (const theme of themes) {
      await page.goto(`${url}/gallery?theme=${theme}`);
      const states = page.getByTestId('state');
      await states.first().waitFor();
      for (const state of await states.all()) {
        const name = await state.getAttribute('data-name');
        if (name === null || !(values.all || wanted.includes(name))) continue;
        await state.screenshot({ path: join(folder, `${name}-${theme}.png`) });
      }
    }
  });
  for (const colorScheme of themes) {
    const browser = { viewport: SCENE, colorScheme, reducedMotion: 'reduce' as const };
    await inSandbox({ path: '/', browser }, async ({ page }, url) => {
      for (const { name, path, open } of scenes) {
        if (new URL(page.url()).pathname !== path) await page.goto(url + path);
        const part = await open(page);
        if (only?.includes(name) !== false) await part.screenshot({ path: join(folder, `${name}-${colorScheme}.png`) });
      }
    });
  }
  const pages = Object.entries(operatorPages).filter(([name]) => only?.includes(name) !== false);
  if (pages.length > 0) await shootOperatorPages(pages, folder);
});

async function shootOperatorPages(pages: [name: string, path: string][], folder: string): Promise<void> {
  const scene = await startOperatorScene();
  try {
    await undelivered(scene);
    await waiting(scene, 'refund-agent');
    await unposted(scene);
    for (const colorScheme of themes) {
      await withPage(`${scene.url}/operator`, { viewport: OPERATOR, colorScheme }, async ({ page }) => {
        await page.getByLabel('Token').fill(ADMIN_TOKEN);
        await page.keyboard.press('Enter');
        await page.getByRole('navigation', { name: 'Pages' }).waitFor();
        for (const [name, path] of pages) {
          await page.goto(scene.url + path);
          await page.screenshot({ path: join(folder, `${name}-${colorScheme}.png`) });
        }
      });
    }
  } finally {
    await scene.close();
  }
}
