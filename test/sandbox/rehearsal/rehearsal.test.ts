/** A rehearsal: the sandbox without a bot, and a bot that starts from nothing but the folder that it wrote. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { startSandbox } from '../../../src/sandbox/sandbox.ts';
import { startChild } from '../../support/child.ts';

test('a bot of one’s own asks for a script by a rule of one’s own, and the press in the emulated room answers it', async () => {
  const above = mkdtempSync(join(tmpdir(), 'countersign-rehearsal-'));
  const folder = join(above, 'mine');
  const sandbox = await startSandbox({ port: 0, quiet: true, rehearsal: folder });
  try {
    assert.equal(sandbox.bot.running, false);
    const asked = await fetch(`${sandbox.url}/api/bot`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: sandbox.url },
      body: JSON.stringify({ action: 'start' }),
    });
    assert.equal(asked.status, 409);
    assert.match(await asked.text(), /start it in .*mine/);

    const rules = readFileSync(sandbox.policyFile, 'utf8');
    assert.equal(sandbox.policyFile, join(folder, 'countersign.yml'));
    writeFileSync(
      sandbox.policyFile,
      rules.replace(
        /^rules:.*$/m,
        (line) => `${line}\n  - { name: mine, match: { backend: inbox }, rooms: [approvals], approve: { by: [kit] } }`,
      ),
    );
    const bot = startChild('src/main.ts', { env: { PATH: process.env['PATH'] ?? '', HOME: folder }, cwd: folder });
    try {
      await bot.until(/"msg":"ready"/);
      const [, token = ''] = /^ASK_TOKENS=(.*)$/m.exec(readFileSync(join(folder, '.env'), 'utf8')) ?? [];
      const ask = startChild('src/cli/ask.ts', {
        env: { ASK_URL: `http://127.0.0.1:${sandbox.bot.port}`, ASK_TOKEN: token },
        args: ['Deploy 1.4?'],
        cwd: folder,
      });
      const card = await new Promise<{ ts: string; channel: string; blocks: readonly unknown[] }>((found) => {
        const look = () => {
          const one = sandbox.slack
            .state()
            .messages.find(({ blocks }) => JSON.stringify(blocks).includes('Deploy 1.4?'));
          if (one !== undefined) found(one);
        };
        sandbox.slack.onChange(look);
        look();
      });
      const [, actionId = ''] =
        /"action_id":"([^"]*)"/.exec(
          JSON.stringify(card.blocks)
            .split(/(?=\{"type":"button")/)
            .find((button) => button.includes('"Approve"')) ?? '',
        ) ?? [];
      await sandbox.slack.press({ userId: 'U0BYSTAND', channel: card.channel, ts: card.ts, actionId });
      assert.equal(await ask.ended, 0, ask.lines.join('\n'));
    } finally {
      bot.kill('SIGTERM');
      await bot.ended;
    }
  } finally {
    await sandbox.close();
    rmSync(above, { recursive: true });
  }
});
