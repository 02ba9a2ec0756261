/** The units of deploy/systemd, without a systemd that runs: how exposed they are, and whether they fit the bot. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'countersign-unit-'));
after(() => rmSync(folder, { recursive: true }));
const read = (name: string) => readFileSync(join(root, 'deploy/systemd', name), 'utf8');
const unit = read('countersign.service');
const noSystemd = !existsSync('/usr/bin/systemd-analyze') && 'systemd-analyze is not installed';

/** The values of a key, in order. */
function valuesOf(text: string, key: string): string[] {
  return [...text.matchAll(new RegExp(`^${key}=(.*)$`, 'gm'))].map(([, value]) => value ?? '');
}

/** As systemd judges it, in tenths: 0 is none, 100 is everything. */
function exposure(text: string): number {
  const file = join(folder, 'countersign.service');
  writeFileSync(file, text);
  const { stdout } = spawnSync('systemd-analyze', ['security', '--offline=true', file], { encoding: 'utf8' });
  const [, level] = /Overall exposure level.*: (\d+\.\d)/.exec(stdout) ?? [];
  return Math.round(Number(level) * 10);
}

describe('the unit', () => {
  test('is hardly exposed, and less so than without one of its limits', { skip: noSystemd }, () => {
    const level = exposure(unit);
    assert.ok(level > 0 && level <= 13, `${level / 10}`);
    assert.match(readFileSync(join(root, 'docs/deploy.md'), 'utf8'), new RegExp(`says ${level / 10} of 10`));
    assert.ok(exposure(unit.replace(/^NoNewPrivileges=.*\n/m, '')) > level);
    assert.ok(exposure(read('countersign-backup.service')) <= 6);
  });

  test('gives the bot the time that a stop takes, and starts it again after every exit, ever later', () => {
    const source = readFileSync(join(root, 'src/main.ts'), 'utf8');
    const stopMs = Number(/STOP_WITHIN_MS = ([\d_]+);/.exec(source)?.[1]?.replace('_', ''));
    assert.ok(stopMs > 0 && Number(valuesOf(unit, 'TimeoutStopSec')[0]) * 1000 > stopMs);
    assert.deepEqual(valuesOf(unit, 'Restart'), ['always']);
    assert.deepEqual(valuesOf(unit, 'StartLimitIntervalSec'), ['0'], 'also after many');
    // Discord's limit of logins.
    assert.ok(86_400 / Number(valuesOf(unit, 'RestartMaxDelaySec')[0]) < 1_000);
  });

  test('lets both services write one folder, and run one program on one database', () => {
    const backup = read('countersign-backup.service');
    for (const key of ['User', 'WorkingDirectory', 'Environment', 'StateDirectory', 'UMask', 'SystemCallFilter']) {
      assert.deepEqual(valuesOf(backup, key), valuesOf(unit, key), key);
    }
    const [user] = valuesOf(unit, 'User');
    assert.match(read('countersign.sysusers.conf'), new RegExp(`^u ${user} - `, 'm'));
    const [database] = valuesOf(unit, 'Environment');
    assert.equal(database, `DATABASE_URL=file:/var/lib/${valuesOf(unit, 'StateDirectory')[0]}/countersign.db`);
    assert.deepEqual([valuesOf(unit, 'UMask'), valuesOf(unit, 'ProtectSystem')], [['0077'], ['strict']]);
  });
});
