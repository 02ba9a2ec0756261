/** `npm run pictures`: see `usage`. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseCommandLine, runCommand, Usage } from '../test/support/command-line.ts';

const usage = `Usage: npm run pictures

Makes every picture that the README and docs/ show again: the icon, the screenshots and the moving picture. Needs Chromium (or
CHROMIUM) and ffmpeg (Debian: apt-get install ffmpeg). It takes about three minutes.

  --help    prints this

Example: npm run pictures && git diff --stat docs/images`;

const made = ['setup-docs.ts', 'screenshots.ts', 'moving-picture.ts'];

await runCommand(async () => {
  parseCommandLine(usage, {});
  for (const name of made) {
    const { status } = spawnSync(process.execPath, [fileURLToPath(new URL(name, import.meta.url))], {
      stdio: 'inherit',
    });
    if (status !== 0) throw new Usage(`scripts/${name} failed.`, 1);
  }
});
