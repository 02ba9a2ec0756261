/** Who else can open or change files. Faults in a whole set-up: test/doctor/faults/machine.ts. */
import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { filesGroup } from '../../../src/doctor/machine/files.ts';
import { examine } from '../../../src/doctor/run.ts';
import { systemClock } from '../../../src/system/clock.ts';

async function inFolder(run: (file: (name: string, mode: number) => string) => Promise<void>) {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-doctor-files-'));
  try {
    await run((name, mode) => {
      const path = join(folder, name);
      writeFileSync(path, '');
      chmodSync(path, mode);
      return path;
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function look(policyFile: string | null, envFile: string, secretFiles: string[] = []) {
  const group = filesGroup({ secretFiles, databaseFile: ':memory:' }, policyFile, envFile);
  const [examined] = await examine([group], systemClock);
  assert.ok(examined);
  return examined;
}

describe('the files', () => {
  test('of their owner only are fine; without a policy file and with a database in memory there is no more to look at', () =>
    inFolder(async (file) => {
      const { findings, fine } = await look(null, file('.env', 0o600), [file('token', 0o400)]);
      assert.deepEqual([findings.length, fine.map(({ check }) => check)], [0, ['files.secrets']]);
    }));

  test('with secrets that others can open are warnings, each with the command that helps', () =>
    inFolder(async (file) => {
      const [env, token] = [file('.env', 0o640), file('token', 0o604)];
      const { findings } = await look(null, env, [token, `${token}-that-is-gone`]);
      assert.deepEqual(
        findings.map(({ level, where, remedy }) => [level, where, remedy]),
        [env, token].map((path) => ['warning', path, `Run: chmod 600 ${path}`]),
      );
    }));

  test('of the policy may be read by others, and changed by its owner only', () =>
    inFolder(async (file) => {
      const env = file('.env', 0o600);
      assert.deepEqual((await look(file('read.yml', 0o644), env)).findings, []);
      for (const mode of [0o664, 0o646]) {
        const policy = file('written.yml', mode);
        const { findings } = await look(policy, env);
        assert.deepEqual(
          findings.map(({ check, remedy }) => [check, remedy]),
          [['files.policy', `Run: chmod go-w ${policy}`]],
        );
      }
    }));
});
