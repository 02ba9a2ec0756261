import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseYaml } from '../../../src/policy/yaml/parse.ts';
import { offsetInScalar } from '../../../src/policy/yaml/tree.ts';

describe('what YAML reads otherwise than its author means is refused', () => {
  const cases: [name: string, text: string, line: number, column: number, wrong: RegExp, remedy: RegExp][] = [
    ['a key twice', 'a: 1\nb: 2\na: 3\n', 3, 1, /"a" is given twice/, /Keep one/],
    ['a tab', 'a:\n\tb: 1\n', 2, 1, /begins with a tab/, /spaces/],
    [
      'a pattern that is an alias',
      'tool: *payout*\n',
      1,
      7,
      /"\*payout\*" is read as a YAML alias/,
      /"\*payout\*" in quotes/,
    ],
    ['a condition that is a tag', 'when: !params.paid\n', 1, 7, /"!params.paid" is read as a YAML tag/, /quotes/],
    ['a merge key', 'a: &x { b: 1 }\nc:\n  <<: *x\n', 3, 3, /Merge keys/, /Write the keys/],
    ['two documents', 'a: 1\n---\nb: 2\n', 2, 1, /more than one YAML document/, /---/],
    ['a directive', '%YAML 1.1\n---\na: 1\n', 1, 1, /directive/, /Remove/],
    ['a time', 'from: 20:00\n', 1, 7, /20:00 without quotes/, /Write "20:00"/],
    ['yes', 'confirm: yes\n', 1, 10, /yes without quotes is true/, /Write true/],
    ['a name that is a boolean', 'no: 1\n', 1, 1, /no without quotes is false/, /Write "no"/],
    ['an ID that loses digits', 'a: [2345678901234567890]\n', 1, 5, /loses digits/, /discord:2345678901234567890/],
    ['a tag', 'a: !!str 5\n', 1, 10, /tag/, /Remove/],
    ['another spelling of a number', 'a: 0x10\n', 1, 4, /read as the number 16/, /quotes/],
    ['a value with a colon', 'name: refunds: large\n', 1, 7, /": " in it/, /quotes/],
    ['a reserved character', 'by: @mara\n', 1, 5, /begin with @/, /quotes/],
    ['an open list', 'a: [1, 2\nb: 3\n', 2, 1, /./, /close each/i],
    ['an open quote', 'a: "x\n', 2, 1, /./, /Close what is open/],
    ['a list as a key', '? [a]\n: b\n', 1, 3, /key must be a word/, /quotes/],
    ['__proto__', '__proto__: 1\n', 1, 1, /can’t be a name/, /another/],
    ['nothing', '# only a comment\n', 1, 1, /empty/, /version: 1/],
  ];
  for (const [name, text, line, column, wrong, remedy] of cases) {
    test(name, () => {
      const { root, problems } = parseYaml(text);
      assert.equal(root, null);
      const [first] = problems;
      assert.match(first?.wrong ?? '', wrong);
      assert.match(first?.remedy ?? '', remedy);
      assert.deepEqual([first?.line, first?.column], [line, column]);
    });
  }
});

test('words that are texts in YAML 1.2 stay texts', () => {
  assert.deepEqual(parseYaml('links: on\ndigest: off\nfrom: 2026-11-30\ntool: get_*\n').root?.value, {
    links: 'on',
    digest: 'off',
    from: '2026-11-30',
    tool: 'get_*',
  });
});

test('a few aliases are read, and many are refused', () => {
  assert.deepEqual(parseYaml('a: &x [1]\nb: *x\n').root?.value, { a: [1], b: [1] });
  const bomb = [
    'a0: &a0 [x, x]',
    ...Array.from({ length: 9 }, (_, at) => `a${at + 1}: &a${at + 1} [*a${at}, *a${at}]`),
  ];
  assert.match(parseYaml(bomb.join('\n')).problems[0]?.wrong ?? '', /more than 20 aliases/);
  assert.match(parseYaml('a: &a [*a]\n').problems[0]?.wrong ?? '', /too deep|aliases/);
});

test('a large and a deep file are refused', () => {
  for (const text of [
    `a: ${'x'.repeat(300_000)}`,
    `a: ${'['.repeat(40)}${']'.repeat(40)}`,
    `a: ${'['.repeat(9_000)}`,
  ]) {
    assert.notDeepEqual(parseYaml(text).problems, []);
  }
});

test('a character of a value is found in the text, however the value is written', () => {
  const texts = ['a: xy zw', "a: 'xy zw'", 'a: "xy zw"', 'a: |\n  xy zw\n', 'a: >\n  xy\n  zw\n', 'a: xy\n   zw'];
  for (const text of texts) {
    const node = parseYaml(text).root?.entries.get('a')?.node ?? assert.fail(text);
    assert.equal(text[offsetInScalar(text, node, String(node.value).indexOf('w'))], 'w', text);
  }
});
