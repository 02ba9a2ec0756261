/** Wrong policy files: each error names its line and column, what is wrong, and what to write. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ids } from '../../src/adapters.ts';
import { loadPolicy } from '../../src/policy/load.ts';

interface Wrong {
  name: string;
  file: string;
  /** As `line:column`. */
  at: string;
  wrong: RegExp;
  remedy: RegExp;
}

/** One rule for everything, with something in it. */
const rule = (more: string) => `version: 1
people: { mara: [slack:U1], jon: [slack:U2] }
rooms: { ops: [slack:C1] }
rules:
  - name: all
    rooms: [ops]
${more}`;

const files: Wrong[] = [
  {
    name: 'a misspelled key of the file',
    file: 'version: 1\nruls: []\nrules: []\n',
    at: '2:1',
    wrong: /"ruls" is not a key of the file/,
    remedy: /Did you mean rules\?/,
  },
  {
    name: 'a misspelled key of a rule',
    file: rule('    aprove: { by: [mara] }\n'),
    at: '7:5',
    wrong: /"aprove" is not a key of a rule/,
    remedy: /Did you mean approve\?/,
  },
  {
    name: 'a key with another name',
    file: rule('    approve: { reviewers: [mara], by: [mara] }\n'),
    at: '7:16',
    wrong: /"reviewers" is not a key of approve/,
    remedy: /Did you mean by\?/,
  },
  {
    name: 'a name in place of a list',
    file: rule('    approve: { by: mara }\n'),
    at: '7:20',
    wrong: /by must be a list/,
    remedy: /Write \[mara\]/,
  },
  {
    name: 'a name that is not in the file',
    file: rule('    approve: { by: [mra] }\n'),
    at: '7:21',
    wrong: /"mra" is not a person or a group/,
    remedy: /Did you mean mara\?/,
  },
  {
    name: 'a variable that does not exist',
    file: rule('    when: amount > 5\n    approve: { by: [mara] }\n'),
    at: '7:11',
    wrong: /"amount" is not a variable/,
    remedy: /Write params.amount/,
  },
];

for (const { name, file, at, wrong, remedy } of files) {
  test(name, () => {
    const { document, problems } = loadPolicy(file, { source: 'countersign.yml', ids });
    assert.equal(document, null);
    const found = problems.map((one) => ({ at: `${one.line}:${one.column}`, ...one }));
    const [first] = found;
    assert.match(first?.wrong ?? '', wrong);
    assert.match(first?.remedy ?? '', remedy);
    assert.equal(first?.at, at);
  });
}
