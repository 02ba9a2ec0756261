/** Each policy in `examples/` loads as it is, and says in comments what it does. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { backendNames, ids } from '../../src/adapters.ts';
import { loadPolicy } from '../../src/policy/load.ts';
import { problemLine } from '../../src/policy/problems.ts';

const folder = new URL('../../examples/', import.meta.url);
const files = readdirSync(folder).filter((name) => name.endsWith('.yml'));

test('there are at least six', () => {
  assert.ok(files.length >= 6, files.join());
});

describe('each example', () => {
  for (const file of files) {
    const text = readFileSync(new URL(file, folder), 'utf8');

    test(`${file} has no problems`, () => {
      const { document, problems, warnings } = loadPolicy(text, {
        source: file,
        ids,
        ...backendNames,
        platforms: ['slack', 'discord'],
      });
      assert.deepEqual(
        [...problems, ...warnings].map((one) => problemLine(file, one)),
        [],
      );
      const last = document?.rules.at(-1);
      assert.deepEqual([last?.match, last?.when], [{}, null], 'its last rule takes what no other rule matches');
    });

    test(`${file} says what it is for, and what each rule does`, () => {
      assert.match(text, /^# .{20,}\n# .{20,}\n|^# .{60,}\n/);
      const lines = text.split('\n');
      for (const [at, line] of lines.entries()) {
        if (/^ {2}- name:/.test(line)) assert.match(lines[at - 1] ?? '', /^ {2}# /, line);
      }
    });
  }
});
