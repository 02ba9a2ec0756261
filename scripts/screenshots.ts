/** `npm run screenshots`: the README's pictures, of the gallery as it is drawn now. Needs Chromium (or CHROMIUM). */
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { startSandbox } from '../src/sandbox/sandbox.ts';
import { openPage } from '../test/support/people/browser.ts';

const folder = fileURLToPath(new URL('../docs/images/', import.meta.url));
mkdirSync(folder, { recursive: true });
/** Those that the README shows; `--all` makes one of every state. */
const shown = ['open', 'digest-open', 'approved', 'unconfirmed'];
const all = process.argv.includes('--all');

const sandbox = await startSandbox({ port: 0 });
const opened = await openPage(`${sandbox.url}/gallery`);
try {
  for (const theme of ['light', 'dark']) {
    await opened.page.goto(`${sandbox.url}/gallery?theme=${theme}`);
    const states = opened.page.getByTestId('state');
    await states.first().waitFor();
    for (const state of await states.all()) {
      const name = await state.getAttribute('data-name');
      if (name === null || !(all || shown.includes(name))) continue;
      await state.screenshot({ path: `${folder}${name}-${theme}.png` });
    }
  }
} finally {
  await opened.close();
  await sandbox.close();
}
