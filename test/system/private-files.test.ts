import assert from 'node:assert/strict';
import { chmodSync, chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { warnOfOpenSecrets } from '../../src/system/private-files.ts';

const isRoot = process.getuid?.() === 0;
/** Mode, whose it is, and whether there is a warning. */
const cases: [number, 'own' | 'other' | 'a service’s', RegExp | null][] = [
  [0o600, 'own', null],
  [0o400, 'own', null],
  [0o640, 'own', /Run: chmod 600/],
  [0o604, 'own', /Run: chmod 600/],
  [0o602, 'own', /Run: chmod 600/],
  [0o640, 'other', null],
  [0o660, 'other', /Run: chmod 640/],
  [0o644, 'other', /Run: chmod 640/],
  [0o640, 'a service’s', null],
  [0o644, 'a service’s', /Run: chmod 640/],
];
for (const [mode, whose, expected] of cases) {
  const skip = whose !== 'own' && !isRoot && 'needs root';
  test(`a file with secrets and mode ${mode.toString(8)}, ${whose}: ${expected === null ? 'nothing to say' : 'a warning'}`, {
    skip,
  }, () => {
    const folder = mkdtempSync(join(tmpdir(), 'countersign-env-'));
    try {
      const file = join(folder, '.env');
      writeFileSync(file, 'x');
      chmodSync(file, mode);
      if (whose !== 'own') chownSync(file, whose === 'other' ? 12_345 : 0, 12_345);
      const said: string[] = [];
      warnOfOpenSecrets([file, join(folder, 'absent')], { warn: (_, text) => void said.push(text) });
      assert.equal(said.length, expected === null ? 0 : 1);
      if (expected !== null) assert.match(said[0] ?? '', expected);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
}
