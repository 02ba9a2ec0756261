import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { SetupError } from '../../../src/core/ports/errors.ts';
import { findPolicyFile, readPolicyFile } from '../../../src/policy/file/read.ts';

const folder = mkdtempSync(join(tmpdir(), 'countersign-policy-'));
after(() => rmSync(folder, { recursive: true }));
const at = (name: string) => join(folder, name);

test('a file is read as text, without a byte order mark', async () => {
  writeFileSync(at('a.yml'), '\ufeffversion: 1\n');
  const found = await findPolicyFile(at('a.yml'));
  assert.deepEqual([found?.path, found?.text], [at('a.yml'), 'version: 1\n']);
});

test('without the setting and without a file there is no policy file', async () => {
  assert.equal(await findPolicyFile(undefined), null);
  assert.equal(await findPolicyFile('  '), null);
});

test('what can’t be read is refused with what to do', () => {
  mkdirSync(at('folder'));
  writeFileSync(at('latin.yml'), Buffer.from([0x66, 0xe9]));
  writeFileSync(at('large.yml'), 'x'.repeat(1_100_000));
  const wrong: [name: string, message: RegExp][] = [
    [
      'none.yml',
      /none.yml does not exist. Write one from .env: npm run policy -- init --file .*, or leave POLICY_FILE empty/,
    ],
    ['folder', /is not a file/],
    ['latin.yml', /is not text in UTF-8. Save it as UTF-8/],
    ['large.yml', /larger than 1 MB/],
  ];
  for (const [name, message] of wrong) {
    assert.throws(
      () => readPolicyFile(at(name)),
      (error) => error instanceof SetupError && message.test(error.message),
    );
  }
});
