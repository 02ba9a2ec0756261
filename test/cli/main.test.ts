/** `countersign COMMAND`, `help` and `version`. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { migrations } from '../../src/store/sqlite/file/migrations.ts';
import { compileCache } from '../support/child.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

function countersign(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['src/cli/main.ts', ...args], {
    cwd: root,
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], ...compileCache },
  });
  return { status, stdout, stderr };
}

describe('countersign', () => {
  test('says what it can do, as an answer or, without a command, as an error', () => {
    const help = countersign('help');
    assert.deepEqual([help.status, help.stderr], [0, '']);
    assert.match(help.stdout, /^Usage: npm run countersign -- COMMAND/);
    for (const other of [['--help'], ['-h'], ['help', '--help']]) assert.deepEqual(countersign(...other), help);
    assert.deepEqual(countersign(), { status: 2, stdout: '', stderr: help.stdout });
  });

  test('runs each command that the usage names, with its arguments', () => {
    const { stdout } = countersign('help');
    const [, list = ''] = /Commands:\n([\s\S]*?)\n\n/.exec(stdout) ?? [];
    const names = [...list.matchAll(/^ {2}(\w+) /gm)].map(([, name = '']) => name);
    assert.ok(names.length >= 7, list);
    for (const name of names) {
      const direct = countersign(name, '--help');
      assert.deepEqual([direct.status, direct.stderr], [0, ''], name);
      assert.match(direct.stdout, /^Usage: /, name);
    }
    assert.deepEqual(countersign('help', 'backup'), countersign('backup', '--help'));
    assert.match(countersign('policy', 'check', '--help').stdout, /policy -- check|policy check/);
    assert.equal(countersign('policy', 'no-such').status, 1);
    assert.equal(countersign('ask').status, 2, 'the exit code is the one of the command');
  });

  test('names the command that a wrong one is near to, and starts nothing', () => {
    const wrong = countersign('polcy', 'check');
    assert.deepEqual([wrong.status, wrong.stdout], [2, '']);
    assert.match(wrong.stderr, /^"polcy" is not a command\. Did you mean "policy"\?\n\nUsage: /);
    assert.match(countersign('deploy').stderr, /^"deploy" is not a command\.\n\nUsage: /);
    assert.match(countersign('help', 'strat').stderr, /Did you mean "start"\?/);
    assert.equal(countersign('--nothing').status, 2);
  });
});

describe('countersign version', () => {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

  test('says the versions of all that a database depends on', () => {
    const { status, stdout } = countersign('version', '--json');
    assert.equal(status, 0);
    const { commit, ...rest } = JSON.parse(stdout);
    const db = new Database(':memory:');
    const sqlite = db.prepare('SELECT sqlite_version()').pluck().get();
    db.close();
    assert.deepEqual(rest, {
      version,
      node: process.versions.node,
      sqlite,
      schema: migrations.length,
      platform: `${process.platform}-${process.arch}`,
    });
    const git = spawnSync('git', ['rev-parse', 'HEAD'], { cwd: root, encoding: 'utf8' });
    assert.equal(commit, git.status === 0 ? git.stdout.trim() : null);
  });

  test('is short or for people', () => {
    assert.deepEqual(countersign('--version'), { status: 0, stdout: `${version}\n`, stderr: '' });
    assert.match(countersign('version').stdout, /^countersign \d.*\nNode 24\..*SQLite 3\..*database schema \d+/);
    assert.equal(countersign('version', '--no-such-flag').status, 2);
  });
});
