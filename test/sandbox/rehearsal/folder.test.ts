/** The folder of a rehearsal: what the sandbox writes there, and what it never touches. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { writeRehearsal } from '../../../src/sandbox/rehearsal/folder.ts';

const rooms = { slackChannel: 'C0000000001', discordChannel: '700000000000000002' };
const policy = 'version: 1\n';

describe('the folder of a rehearsal', () => {
  let above = '';
  before(() => {
    above = mkdtempSync(join(tmpdir(), 'countersign-rehearsal-'));
  });
  after(() => rmSync(above, { recursive: true }));
  const write = (folder: string, port: string) => writeRehearsal(folder, { settings: { PORT: port }, rooms, policy });
  const read = (folder: string, name = '.env') => readFileSync(join(folder, name), 'utf8');

  test('is made, with settings that its owner alone can read, and a policy file', async () => {
    const folder = join(above, 'new', 'one');
    await write(folder, '4001');
    assert.match(read(folder), /^PORT=4001$/m);
    assert.match(read(folder), /^ASK_TOKENS=\S{32}$/m);
    assert.match(read(folder), /SLACK_CHANNEL=C0000000001 and DISCORD_CHANNEL=700000000000000002/);
    assert.equal(statSync(join(folder, '.env')).mode & 0o777, 0o600);
    assert.equal(read(folder, 'countersign.yml'), policy);
    assert.deepEqual(readdirSync(folder).toSorted(), ['.env', 'countersign.yml']);
  });

  test('keeps what a person has written, the token of scripts and the policy file, and takes the new settings', async () => {
    const folder = join(above, 'again');
    await write(folder, '4001');
    const [token] = /^ASK_TOKENS=.*$/m.exec(read(folder)) ?? [];
    writeFileSync(join(folder, '.env'), `${read(folder)}ADMIN_TOKEN=of-mine\nSHUTDOWN=x`);
    writeFileSync(join(folder, 'countersign.yml'), 'version: 1 # of mine\n');
    await write(folder, '4002');
    const text = read(folder);
    assert.match(text, /^PORT=4002$/m);
    assert.doesNotMatch(text, /4001/);
    assert.ok(text.endsWith('stays ----\nADMIN_TOKEN=of-mine\nSHUTDOWN=x'), text);
    assert.ok(token !== undefined && text.includes(`\n${token}\n`));
    assert.equal(read(folder, 'countersign.yml'), 'version: 1 # of mine\n');
    rmSync(join(folder, 'countersign.yml'));
    await write(folder, '4003');
    assert.ok(!existsSync(join(folder, 'countersign.yml')), 'who removed it rehearses without one');
  });

  test('is refused where it has settings of somebody else, which stay', async () => {
    const folder = mkdtempSync(join(above, 'real-'));
    for (const real of [
      'SLACK_BOT_TOKEN=xoxb-real\n',
      '',
      '# ---- Written by the sandbox, anew with each of its starts ----\n',
    ]) {
      writeFileSync(join(folder, '.env'), real);
      await assert.rejects(
        write(folder, '4001'),
        /\.env was not written by the sandbox.*Name a folder without a \.env/,
      );
      assert.equal(read(folder), real);
      assert.deepEqual(readdirSync(folder), ['.env']);
    }
  });
});
