/** `--help` of every npm script: what it does, its flags with their defaults, and an example. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const { scripts }: { scripts: Record<string, string> } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'));

function helpOf(script: string, flag: string) {
  const args = (scripts[script] ?? '').replace(/^exec node /, '').split(' ');
  const { status, stdout, stderr } = spawnSync(process.execPath, [...args, flag], { cwd: root, encoding: 'utf8' });
  assert.deepEqual([status, stderr], [0, ''], script);
  return stdout.trim();
}

describe('npm scripts: --help of', () => {
  for (const script of Object.keys(scripts)) {
    test(script, () => {
      const help = helpOf(script, '--help');
      const [head = '', about = '', ...rest] = help.split('\n\n');
      assert.ok(head.startsWith('Usage: npm '), head);
      const command = new RegExp(`^(?:Usage:)? +npm (?:run )?(?:--silent )?${script}(?: |$)`, 'm');
      assert.match(head, command);
      assert.match(about, /^[A-Za-z].*\.$/s, 'a sentence says what it does');
      assert.doesNotMatch(help, /[$]\{|…`/, 'every value is filled in');
      const flags = rest.find((part) => part.startsWith('  ')) ?? '';
      assert.match(flags, /^ {2}--help +prints? this$/m);
      for (const [line, flag] of flags.matchAll(/^ {2}(\S+).*$/gm)) {
        assert.match(line, /^ {2}\S.*? {2,}\S/, `${flag} says what it does`);
      }
      assert.match(help, /^Examples?: .*npm (?:run )?(?:--silent )?/m);
      for (const line of help.split('\n')) assert.ok(line.length <= 130, `a long line: ${line}`);
    });
  }

  test('-h says the same', () => assert.equal(helpOf('sandbox', '-h'), helpOf('sandbox', '--help')));
});
