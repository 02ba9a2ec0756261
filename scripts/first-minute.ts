/** `npm run first-minute`: see `usage`. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { parseCommandLine, runCommand } from '../test/support/command-line.ts';
import { withPage } from '../test/support/people/browser.ts';

const usage = `Usage: npm run first-minute

Measures what a new user does: clones the last commit, runs the sandbox with an empty npm cache in a terminal, presses the
first numbered example and Approve. Prints when each step was reached, and every ten seconds the last line on the terminal.
Needs Chromium (or CHROMIUM), \`script\` of util-linux, and the network.

  --help       prints this

Example: npm run first-minute`;

/** How often the terminal is looked at, ms. */
const LOOK_MS = 10_000;
/** Longer than the slowest network needs. */
const GIVE_UP_MS = 600_000;
/** How much of the terminal an error quotes, characters. */
const END_SHOWN = 1_500;

await runCommand(async () => {
  parseCommandLine(usage, {});
  const folder = mkdtempSync(join(tmpdir(), 'countersign-first-minute-'));
  const clone = join(folder, 'countersign');
  const cache = join(folder, 'npm-cache');
  mkdirSync(cache);
  const startedAt = performance.now();
  const say = (text: string) =>
    console.log(`${((performance.now() - startedAt) / 1_000).toFixed(1).padStart(6)} s  ${text}`);

  execFileSync('git', ['clone', '--quiet', fileURLToPath(new URL('..', import.meta.url)), clone]);
  say('cloned');
  // A new user's environment: nothing of the npm that runs this, no CI, an empty npm cache.
  const inherited = Object.entries(process.env).filter(([name]) => !/^(?:npm_|CI$|NODE_COMPILE_CACHE$)/.test(name));
  const env = { ...Object.fromEntries(inherited), TERM: 'xterm', npm_config_cache: cache };
  const command = 'npm run sandbox -- --port 0';
  const terminal = spawn('script', ['-qec', command, '/dev/null'], {
    cwd: clone,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(terminal, 'close');
  let output = '';
  const { promise: ready, resolve, reject } = Promise.withResolvers<string>();
  terminal.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    if (text.includes('Installed in')) say('packages are installed');
    const url = /Countersign sandbox: (http:\S+)/.exec(output)?.[1];
    if (url !== undefined) resolve(url);
  });
  terminal.on('close', () => reject(new Error(`The sandbox ended: ${output.slice(-END_SHOWN)}`)));
  const looking = setInterval(() => say(`the terminal says: ${lastLine(output)}`), LOOK_MS);
  const givingUp = setTimeout(
    () => reject(new Error(`Not ready after ${GIVE_UP_MS} ms: ${output.slice(-END_SHOWN)}`)),
    GIVE_UP_MS,
  );
  try {
    const url = await ready;
    say(`the page is at ${url}`);
    clearInterval(looking);
    await withPage(url, {}, ({ page }) => approveFirstExample(page, say));
  } finally {
    clearInterval(looking);
    clearTimeout(givingUp);
    terminal.kill('SIGINT');
    await ended;
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
});

async function approveFirstExample(page: Page, say: (text: string) => void): Promise<void> {
  const [slack, discord] = [page.getByTestId('slack-room'), page.getByTestId('discord-room')];
  await page.locator('.first-example').first().click();
  say('pressed the first numbered example');
  await slack.getByRole('button', { name: 'Approve' }).click();
  say('pressed Approve on the card');
  for (const room of [slack, discord]) {
    const outcome = room.getByText(/Approved by @?Dana Reyes/).last();
    await outcome.waitFor();
  }
  say('both rooms say: Approved by Dana Reyes');
}

/** The last line that a person sees: after the last return to the start of the line, without control codes. */
function lastLine(output: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are terminal codes.
  const plain = output.replaceAll(/\u001B\[[\d;?]*[A-Za-z]/g, '');
  return (
    plain
      .split(/[\r\n]+/)
      .findLast((line) => line.trim() !== '')
      ?.trim() ?? '(nothing)'
  );
}
