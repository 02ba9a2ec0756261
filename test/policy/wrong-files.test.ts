/** Wrong policy files: each error names its line and column, what is wrong, and what to write. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { backends, ids } from '../../src/adapters.ts';
import { loadPolicy } from '../../src/policy/load.ts';
import { codeFrame } from '../../src/policy/problems.ts';
import { wrongFiles } from './wrong-files.ts';

const options = { source: 'countersign.yml', ids, backends: backends.map(({ name }) => name) };

describe('a wrong file says where it is wrong and what to write', () => {
  for (const { name, file, at, wrong, remedy } of wrongFiles) {
    test(name, () => {
      const { document, problems } = loadPolicy(file, options);
      assert.equal(document, null);
      const found = problems.map((one) => `${one.line}:${one.column} ${one.wrong} ${one.remedy}`).join('\n');
      const [first, ...others] = problems;
      assert.match(first?.wrong ?? '', wrong, found);
      assert.match(first?.remedy ?? '', remedy, found);
      assert.equal(`${first?.line}:${first?.column}`, at, found);
      // One mistake is one error.
      assert.deepEqual(others, []);
    });
  }

  test('all that is wrong is said at once, in the order of the file', () => {
    const { problems } = loadPolicy(
      'version: 2\nrules:\n  - name: x\n    aprove: { by: [a] }\n    count: 2\nrequester: [a]\n',
      options,
    );
    assert.deepEqual(
      problems.map(({ line }) => line),
      [1, 4, 5, 6],
    );
  });

  test('a frame shows the line and marks the place', () => {
    const file = 'version: 1\nruls: []\nrules: []\n';
    const [problem] = loadPolicy(file, options).problems;
    assert.equal(problem && codeFrame(file, problem), '2 | ruls: []\n    ^');
  });

  test('rooms of a platform that is not configured are an error where that is known', () => {
    const file =
      'version: 1\nrules:\n  - name: all\n    rooms: [slack:C1, discord:2]\n    approve: { by: [slack:U1] }\n';
    assert.notEqual(loadPolicy(file, options).document, null);
    assert.notEqual(loadPolicy(file, { ...options, platforms: ['slack', 'discord'] }).document, null);
    const [problem] = loadPolicy(file, { ...options, platforms: ['slack'] }).problems;
    assert.match(problem?.wrong ?? '', /rooms in discord, which is not configured/);
    assert.equal(problem?.line, 4);
  });
});
