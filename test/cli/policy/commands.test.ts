import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { check } from '../../../src/cli/policy/check.ts';
import type { PolicyCommand } from '../../../src/cli/policy/command.ts';
import { init } from '../../../src/cli/policy/init.ts';
import { schema } from '../../../src/cli/policy/schema.ts';
import { SetupError } from '../../../src/core/ports/errors.ts';

const folder = mkdtempSync(join(tmpdir(), 'countersign-policy-cli-'));
after(() => rmSync(folder, { recursive: true }));

async function run(command: PolicyCommand, args: string[], environment: Record<string, string> = {}) {
  const said: string[] = [];
  const complained: string[] = [];
  const io = {
    environment,
    print: (text: string) => said.push(text),
    complain: (text: string) => complained.push(text),
  };
  const code = await command.run(args, io);
  return { code, out: said.join('\n'), error: complained.join('\n') };
}

const env = {
  SLACK_BOT_TOKEN: 'xoxb-1-abcdefgh',
  SLACK_APP_TOKEN: 'xapp-1-abcdefgh',
  SLACK_CHANNEL: 'C1',
  RUNTYPE_API_KEY: 'rt_live_1',
  REVIEWERS: 'slack:U1,slack:group:S2',
  CONFIRM: 'delete_*',
};

describe('policy check', () => {
  test('prints all errors, each with its place in a frame, and fails', async () => {
    const file = join(folder, 'wrong.yml');
    writeFileSync(file, 'version: 1\nruls: []\nrules:\n  - nam: x\n');
    const { code, error } = await run(check, ['--file', file]);
    assert.equal(code, 1);
    assert.match(
      error,
      /wrong.yml:2:1: "ruls" is not a key of the file. Did you mean rules\?\n2 \| ruls: \[\]\n {4}\^/,
    );
    assert.match(error, /wrong.yml:4:5: "nam" is not a key of a rule/);
    assert.match(error, /3 errors/);
  });

  test('says that a file is valid', async () => {
    const { code, out } = await run(check, ['--file', 'test/policy/example.yml']);
    assert.equal(code, 0);
    assert.match(out, /example.yml is valid: 3 rules, 2 people, 3 groups. Version [0-9a-f]{12}/);
  });

  test('warns of a rule that excludes a requester whom no one can name, and accepts the file', async () => {
    const file = join(folder, 'unnamed.yml');
    const rule = 'approve: { by: [slack:U1, slack:U2], not: [requester] }';
    writeFileSync(file, `version: 1\nrules:\n  - name: all\n    rooms: [slack:C1]\n    ${rule}\n`);
    const { code, out, error } = await run(check, ['--file', file]);
    assert.deepEqual([code, /is valid/.test(out)], [0, true]);
    assert.match(error, /Warning: .*unnamed.yml:5:\d+: The file lets no key say who asked/);
  });

  test('reads a file that another user opened from the input, and calls it the input', () => {
    const checked = (input: string) =>
      spawnSync(process.execPath, ['src/cli/main.ts', 'policy', 'check', '--file', '-'], { input, encoding: 'utf8' });
    const wrong = checked('version: 1\nruls: []\n');
    assert.equal(wrong.status, 1);
    assert.match(wrong.stderr, /^the input:2:1: "ruls" is not a key of the file/m);
    const right = checked(readFileSync('test/policy/example.yml', 'utf8'));
    assert.equal(right.status, 0, right.stderr);
    assert.match(right.stdout, /^the input is valid: 3 rules/);
    assert.match(checked('#'.repeat(1024 * 1024 + 1)).stderr, /The input is larger than 1 MB/);
  });

  test('an option that it does not have is refused with its usage', () => {
    assert.throws(
      () => check.run(['--fil', 'x'], { environment: {}, print() {}, complain() {} }),
      /Usage: npm run policy -- check/,
    );
  });
});

describe('policy init', () => {
  test('writes a valid file once, and says what to remove', async () => {
    const file = join(folder, 'new.yml');
    const { out } = await run(init, ['--file', file], env);
    assert.match(out, /Wrote .*new.yml. Remove from .env what it says now: REVIEWERS, CONFIRM\./);
    assert.match(
      readFileSync(file, 'utf8'),
      /^rules: # the first.*\n {2}- name: everything\n {4}rooms: \[cards\]\n {4}approve: \{ by: \[reviewers\] \}$/m,
    );
    assert.equal((await run(check, ['--file', file])).code, 0);
    await assert.rejects(run(init, ['--file', file], env), /exists, and is not overwritten/);
  });

  test('prints it, and refuses to write a policy in which no one decides', async () => {
    assert.match((await run(init, ['--file', '-'], env)).out, /^# The policy[\s\S]*version: 1/);
    await assert.rejects(run(init, ['--file', '-'], { ...env, REVIEWERS: '' }), SetupError);
  });
});

test('countersign.schema.json is the schema of the file', async () => {
  const { out } = await run(schema, []);
  const kept = readFileSync(new URL('../../../countersign.schema.json', import.meta.url), 'utf8');
  assert.deepEqual(JSON.parse(out), JSON.parse(kept), 'run: npm run -s policy -- schema > countersign.schema.json');
  const { properties, $defs } = JSON.parse(out);
  assert.ok('rules' in properties && 'rule' in $defs && 'verb' in $defs);
});
