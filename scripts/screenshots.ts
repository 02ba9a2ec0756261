/** `npm run screenshots`: see `usage`. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseCommandLine, runCommand, wholeNumber } from '../test/support/command-line.ts';
import { inSandbox } from '../test/support/people/in-sandbox.ts';

const usage = `Usage: npm run screenshots -- [flags]

Takes the README's pictures of the gallery as it is drawn now. Needs Chromium (or CHROMIUM).

  --all        a picture of every state (default: only of those that the README shows)
  --only A,B   a picture of these states
  --width N    in a window of this width, px (default: 1440)
  --to FOLDER  where they are written (default: docs/images)
  --help       prints this

Example: npm run screenshots -- --all --width 390 --to /tmp/pictures`;

/** Those that the README shows. */
const shown = ['open', 'digest-open', 'approved', 'unconfirmed'];

await runCommand(async () => {
  const options = {
    all: { type: 'boolean', default: false },
    only: { type: 'string' },
    width: { type: 'string', default: '1440' },
    to: { type: 'string' },
  } as const;
  const { values } = parseCommandLine(usage, options);
  const wanted = values.only?.split(',') ?? shown;
  const folder = values.to ?? fileURLToPath(new URL('../docs/images/', import.meta.url));
  mkdirSync(folder, { recursive: true });
  // Higher than any state: the bar at the top would cover a part of one that is scrolled.
  const viewport = { width: wholeNumber('width', values.width, 100, usage), height: 3000 };
  await inSandbox({ path: '/gallery', browser: { viewport } }, async ({ page }, url) => {
    for (const theme of ['light', 'dark']) {
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
});
