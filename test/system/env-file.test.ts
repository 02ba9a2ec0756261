import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { SetupError } from '../../src/core/ports/errors.ts';
import { loadEnvFile } from '../../src/system/env-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'countersign-env-file-'));
after(() => rmSync(folder, { recursive: true }));

describe('the .env file', () => {
  test('adds what the environment does not have', () => {
    const path = join(folder, 'one.env');
    writeFileSync(path, 'A=file\nB=file\nC=file\n');
    const environment: Record<string, string | undefined> = { A: 'own', C: '' };
    assert.equal(loadEnvFile(environment, path)?.entries.length, 3);
    assert.deepEqual(environment, { A: 'own', B: 'file', C: '' });
  });

  test('need not exist', () => assert.equal(loadEnvFile({}, join(folder, 'none')), null));

  test('may be UTF-8 or UTF-16 with a BOM; other bytes are refused, as is a folder', () => {
    const path = join(folder, 'bytes.env');
    for (const bytes of [
      Buffer.from('\ufeffA=ü'),
      Buffer.from('\ufeffA=ü', 'utf16le'),
      Buffer.from('\ufeffA=ü', 'utf16le').swap16(),
    ]) {
      const environment: Record<string, string | undefined> = {};
      writeFileSync(path, bytes);
      loadEnvFile(environment, path);
      assert.deepEqual(environment, { A: 'ü' });
    }
    writeFileSync(path, Buffer.from([0x41, 0x3d, 0xff]));
    assert.throws(
      () => loadEnvFile({}, path),
      (error) => error instanceof SetupError && /Save it as UTF-8/.test(error.message),
    );
    mkdirSync(join(folder, 'folder.env'));
    assert.throws(() => loadEnvFile({}, join(folder, 'folder.env')), /can't be read .*It must be a file/);
  });
});
