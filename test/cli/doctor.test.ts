import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { reportSchema } from '../../src/doctor/report.ts';
import { startChild } from '../support/child.ts';
import { secretOf } from '../support/data/secrets.ts';

const sound = {
  SLACK_BOT_TOKEN: 'xoxb-1-2-abcdefghijklmnop',
  SLACK_APP_TOKEN: 'xapp-1-A0000000001-1-abcdef',
  SLACK_CHANNEL: 'C0000000001',
  ASK_TOKENS: secretOf('ask'),
  REVIEWERS: 'slack:U0000000001',
};

/** `countersign doctor` in a folder of its own, with these lines in its `.env`. */
async function run(args: readonly string[], settings: Record<string, string> = sound, mode = 0o600) {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-doctor-cli-'));
  try {
    const text = Object.entries(settings).map(([name, value]) => `${name}=${value}\n`);
    writeFileSync(join(folder, '.env'), text.join(''), { mode });
    const child = startChild('src/cli/doctor.ts', { env: {}, args, cwd: folder });
    const code = await child.ended;
    return { code, text: child.lines.join('\n') };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe('countersign doctor', () => {
  test('ends with 0 where nothing is found, without colours where no terminal is', async () => {
    const { code, text } = await run(['--local']);
    assert.equal(code, 0, text);
    assert.match(text, /^All is well$/m);
    assert.match(text, /^Nothing found\. Looked from here: no bot that runs was asked\.$/m);
    assert.ok(!text.includes('\u001b'));
  });

  test('ends with 1 for a fault, with 3 for warnings, and with 0 where these are allowed', async () => {
    const fault = await run(['--local'], { ...sound, PORT: 'http' });
    assert.equal(fault.code, 1);
    assert.match(fault.text, /✗ fault {3}PORT: must be a number/);
    assert.match(fault.text, /→ Correct it in \.env, line 6/);
    assert.equal((await run(['--local'], sound, 0o644)).code, 3);
    assert.equal((await run(['--local', '--allow-warnings'], sound, 0o644)).code, 0);
    assert.equal((await run(['--local', '--allow-warnings'], { ...sound, PORT: 'http' }, 0o644)).code, 1);
  });

  test('prints JSON of its documented shape, which holds no secret', async () => {
    const { code, text } = await run(['--local', '--json'], { ...sound, PORT: 'http' });
    assert.equal(code, 1);
    const report = reportSchema.parse(JSON.parse(text));
    assert.deepEqual([report.version, report.source, report.faults, report.warnings], [1, 'command', 1, 0]);
    for (const secret of [sound.SLACK_BOT_TOKEN, sound.SLACK_APP_TOKEN, sound.ASK_TOKENS]) {
      assert.ok(!text.includes(secret));
    }
  });

  test('ends with 2 for an argument that it does not know, and shows its usage', async () => {
    const { code, text } = await run(['--locale']);
    assert.equal(code, 2);
    assert.match(text, /--locale[\s\S]*Usage: /);
  });
});
