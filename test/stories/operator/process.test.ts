/** `npm start` as an operator runs it: its exit codes, its error messages, and signals, which must reach the bot. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createDiscordEmulator } from '../../../src/sandbox/emulators/discord/index.ts';
import { compileCache } from '../../support/child.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'countersign-process-'));
after(() => rmSync(folder, { recursive: true }));

/** Runs `npm start` in its own environment; `--prefix` keeps a `.env` of this folder out. */
function npmStart(env: Record<string, string>): { child: ChildProcess; output: () => string } {
  const child = spawn('npm', ['start', '--silent', '--prefix', root], {
    cwd: folder,
    env: { ...compileCache, PATH: process.env['PATH'] ?? '', HOME: folder, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (output += chunk));
  return { child, output: () => output };
}

async function untilOutput(child: ChildProcess, output: () => string, what: string): Promise<void> {
  while (!output().includes(what)) {
    const ended = await Promise.race([
      once(child, 'exit').then(() => true),
      once(child.stdout as NodeJS.EventEmitter, 'data').then(() => false),
    ]);
    if (ended && !output().includes(what)) throw new Error(`it ended without saying ${what}:\n${output()}`);
  }
}

describe('npm start', () => {
  test('with bad settings names them and exits with 1', async () => {
    const { child, output } = npmStart({ SLACK_BOT_TOKEN: 'nonsense', PORT: 'x' });
    const [code] = await once(child, 'close');
    assert.equal(code, 1);
    assert.match(output(), /PORT: must be a number/);
    assert.match(output(), /SLACK_BOT_TOKEN: must be the bot token/);
    assert.doesNotMatch(output(), /\bat .*\.ts:\d+/, 'no stack trace for a settings error');
  });

  test('stops on SIGTERM, in order, with 0, and leaves no process behind', async () => {
    const discord = await createDiscordEmulator();
    try {
      const { child, output } = npmStart({
        DISCORD_TOKEN: discord.token,
        DISCORD_CHANNEL: discord.channel,
        DISCORD_API_URL: discord.url,
        RUNTYPE_API_KEY: 'rt_test_1',
        DATABASE_URL: `file:${join(folder, 'run.db')}`,
        PORT: '0',
      });
      await untilOutput(child, output, '"msg":"ready"');
      child.kill('SIGTERM');
      const [code] = await once(child, 'close');
      assert.equal(code, 0, output());
      assert.match(output(), /"msg":"stopped"/);
      await discord.journal.until('the bot to disconnect from Discord', () =>
        discord.state().connections === 0 ? true : undefined,
      );
    } finally {
      await discord.close();
    }
  });

  test('with a wrong token says which setting to fix', async () => {
    const discord = await createDiscordEmulator();
    try {
      const { child, output } = npmStart({
        DISCORD_TOKEN: 'wrong',
        DISCORD_CHANNEL: discord.channel,
        DISCORD_API_URL: discord.url,
        RUNTYPE_API_KEY: 'rt_test_1',
        DATABASE_URL: `file:${join(folder, 'wrong.db')}`,
        PORT: '0',
      });
      const [code] = await once(child, 'close');
      assert.equal(code, 1, output());
      assert.match(output(), /DISCORD_TOKEN/);
    } finally {
      await discord.close();
    }
  });
});
