/**
 * `npm run screenshots`: the README's pictures, of the gallery as it is drawn now. Needs Chromium (or CHROMIUM).
 *
 *     --all        a picture of every state, not only of those that the README shows
 *     --width 390  in a window of this width, px
 *     --to FOLDER  where they are written; default: docs/images
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startSandbox } from '../src/sandbox/sandbox.ts';
import { openPage } from '../test/support/people/browser.ts';

const { values } = parseArgs({
  options: { all: { type: 'boolean', default: false }, width: { type: 'string' }, to: { type: 'string' } },
});
const folder = values.to ?? fileURLToPath(new URL('../docs/images/', import.meta.url));
mkdirSync(folder, { recursive: true });
/** Those that the README shows. */
const shown = ['open', 'digest-open', 'approved', 'unconfirmed'];

const sandbox = await startSandbox({ port: 0 });
const opened = await openPage(`${sandbox.url}/gallery`);
if (values.width !== undefined) await opened.page.setViewportSize({ width: Number(values.width), height: 844 });
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
