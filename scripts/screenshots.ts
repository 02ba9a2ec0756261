/** `npm run screenshots`: see `usage`. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startSandbox } from '../src/sandbox/sandbox.ts';
import { parseCommandLine, runCommand, wholeNumber } from '../test/support/command-line.ts';
import { openPage } from '../test/support/people/browser.ts';

const usage = `Usage: npm run screenshots -- [flags]

Takes the README's pictures of the gallery as it is drawn now. Needs Chromium (or CHROMIUM).

  --all        a picture of every state (default: only of those that the README shows)
  --width N    in a window of this width, px (default: 1440)
  --to FOLDER  where they are written (default: docs/images)
  --help       prints this

Example: npm run screenshots -- --all --width 390 --to /tmp/pictures`;

/** Those that the README shows. */
const shown = ['open', 'digest-open', 'approved', 'unconfirmed'];

await runCommand(async () => {
  const options = {
    all: { type: 'boolean', default: false },
    width: { type: 'string' },
    to: { type: 'string' },
  } as const;
  const { values } = parseCommandLine(usage, options);
  const width = values.width === undefined ? null : wholeNumber('width', values.width, 100, usage);
  const folder = values.to ?? fileURLToPath(new URL('../docs/images/', import.meta.url));
  mkdirSync(folder, { recursive: true });
  const sandbox = await startSandbox({ port: 0 });
  const opened = await openPage(`${sandbox.url}/gallery`);
  // Higher than any state: the bar at the top would cover a part of one that is scrolled.
  await opened.page.setViewportSize({ width: width ?? 1440, height: 3000 });
  try {
    for (const theme of ['light', 'dark']) {
      await opened.page.goto(`${sandbox.url}/gallery?theme=${theme}`);
      const states = opened.page.getByTestId('state');
      await states.first().waitFor();
      for (const state of await states.all()) {
        const name = await state.getAttribute('data-name');
        if (name === null || !(values.all || shown.includes(name))) continue;
        await state.screenshot({ path: join(folder, `${name}-${theme}.png`) });
      }
    }
  } finally {
    await opened.close();
    await sandbox.close();
  }
});
