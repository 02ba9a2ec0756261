/** Nothing hangs, whatever it reads, and nothing that is not asked for is kept: in processes of their own, with a deadline. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { inheritedMutation } from '../../support/mutate.ts';
import { isLong } from '../../support/property.ts';

/** Many times what it takes, also on a busy machine; a quadratic one takes hours. */
const DEADLINE_MS = isLong ? 1_800_000 : 300_000;

/** Runs a file of this folder to its end. @returns its lines */
async function child(file: string, args: readonly string[]): Promise<string[]> {
  const path = fileURLToPath(new URL(file, import.meta.url));
  // It inherits our environment.
  const flags = ['--expose-gc', ...inheritedMutation().flags];
  const running = spawn(process.execPath, [...flags, path, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  running.stdout.on('data', (chunk) => {
    output += chunk;
  });
  const timer = setTimeout(() => running.kill('SIGKILL'), DEADLINE_MS);
  const code = await new Promise((resolve) => running.once('close', resolve));
  clearTimeout(timer);
  assert.equal(code, 0, `it did not end within ${DEADLINE_MS / 1_000} s, or failed; so far it said:\n${output}`);
  return output.trim().split('\n');
}

describe('nothing hangs', () => {
  test('row 6: no text of any pattern takes the square of its length', async () => {
    const lines = await child('hang-child.ts', isLong ? ['400000', '1'] : ['20000', '48']);
    assert.match(lines.at(-1) ?? '', /^done \d{3,}$/);
    assert.deepEqual(lines.slice(0, -1), []);
  });

  test('row 6: nor does any text take it, whose secrets are looked for', { skip: isLong }, async () => {
    // These are most of our patterns, and meet every text of an agent’s: no case of theirs is left to a long run.
    const lines = await child('hang-child.ts', ['60000', '1', 'maskText']);
    assert.deepEqual(lines.slice(0, -1), []);
  });
});

describe('memory stays bounded', () => {
  test('row 6: over 100,000 pieces of text between two pauses, and over an event of ten megabytes', async () => {
    const lines = await child('memory-child.ts', []);
    assert.deepEqual(lines, ['pauses 3', 'kept less than 16 MB']);
  });
});
