/** Each rig explains itself: `--help`, and an error with the same text for what it does not know. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, test } from 'node:test';
import { parseCommandLine, Usage, wholeNumber } from '../support/command-line.ts';

const rigs: Record<string, readonly string[]> = {
  'test/crash/main.ts': ['rounds', 'points', 'seed', 'round', 'ci', 'jobs', 'mutation', 'quiet', 'help'],
  'test/fuzz/main.ts': ['runs', 'seed', 'help'],
  'test/mutations/main.ts': ['jobs', 'list', 'tables', 'help'],
};

function run(file: string, ...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [file, ...args], { encoding: 'utf8' });
  return { status, stdout, stderr };
}

describe('the command line of', () => {
  for (const [file, flags] of Object.entries(rigs)) {
    test(`${file} answers --help, and shows its usage where it does not know a flag or a value`, () => {
      const help = run(file, '--help');
      assert.deepEqual([help.status, help.stderr], [0, '']);
      assert.match(help.stdout, /^Usage: npm run \w+ -- /);
      for (const flag of flags) assert.ok(help.stdout.includes(`--${flag} `), flag);
      const unknown = run(file, '--no-such-flag');
      assert.deepEqual([unknown.status, unknown.stdout], [2, '']);
      assert.match(unknown.stderr, /no-such-flag/);
      assert.ok(unknown.stderr.includes(help.stdout.trim()));
    });
  }

  test('a rig refuses a round, a mutation and a file that do not exist', () => {
    for (const [file, ...args] of [
      ['test/crash/main.ts', '--round', 'nowhere*1'],
      ['test/crash/main.ts', '--mutation', 'nowhere'],
      ['test/fuzz/main.ts', 'nowhere.test.ts'],
      ['test/mutations/main.ts', 'nowhere'],
    ] as const) {
      const { status, stderr } = run(file, ...args);
      assert.equal(status, 2, stderr);
      assert.match(stderr, /nowhere.*Usage: /s);
    }
  });
});

test('a number is whole, and not below its limit', () => {
  assert.equal(wholeNumber('jobs', '3', 1, ''), 3);
  for (const text of ['0', '1.5', 'x', '', ' ', '1e999']) {
    assert.throws(() => wholeNumber('jobs', text, 1, 'Usage: …'), /--jobs needs a whole number from 1.*Usage: …/s);
  }
});

test('-h is --help, and a value that is missing is an error', () => {
  const options = { jobs: { type: 'string' } } as const;
  const of =
    (...args: string[]) =>
    () =>
      parseCommandLine('Usage: …', options, { args });
  assert.equal(of('--jobs', '2')().values.jobs, '2');
  assert.throws(of('-h'), (error) => error instanceof Usage && error.exitCode === 0);
  assert.throws(of('--jobs'), (error) => error instanceof Usage && error.exitCode === 2);
  assert.throws(of('file.ts'), (error) => error instanceof Usage && error.exitCode === 2);
});
