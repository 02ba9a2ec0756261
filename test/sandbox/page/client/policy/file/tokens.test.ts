/** The colours of the policy file: they change no character, and the mark is where the error is. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { marksOf, tokensOf } from '../../../../../../src/sandbox/page/client/policy/file/tokens.ts';
import { runs } from '../../../../../support/property.ts';

const kindsOf = (line: string) => tokensOf(line).flatMap(({ kind, text }) => (kind === null ? [] : [[kind, text]]));

test('keys, texts, numbers and comments', () => {
  assert.deepEqual(kindsOf('  approve: { by: [finance], count: 2 } # two'), [
    ['key', 'approve'],
    ['key', 'by'],
    ['key', 'count'],
    ['number', '2'],
    ['comment', '# two'],
  ]);
  assert.deepEqual(kindsOf(`    when: '!pause.tool.startsWith("grant_") # x'`), [
    ['key', 'when'],
    ['text', `'!pause.tool.startsWith("grant_") # x'`],
  ]);
  assert.deepEqual(kindsOf('  dana: [slack:U0123, discord:456]'), [['key', 'dana']]);
});

test('the parts of a line are the line', () => {
  const line = fc.string({ unit: fc.constantFrom(...`ab1 :#"'\\[]{},-_`) });
  fc.assert(
    fc.property(line, (text) => {
      const parts = tokensOf(text).map((token) => token.text);
      assert.equal(parts.join(''), text);
    }),
    { numRuns: runs(200) },
  );
});

test('a mark covers the word at its column, or the last character of the line', () => {
  const cut = (line: string, column: number) => marksOf(line, [column]).map(({ start, end }) => line.slice(start, end));
  assert.deepEqual(cut('  aprove: { by: [x] }', 3), ['aprove']);
  assert.deepEqual(cut('rooms: [slack:C1, b]', 9), ['slack:C1']);
  assert.deepEqual(cut(`when: 'a b'`, 7), [`'a b'`]);
  assert.deepEqual(cut('rules:', 7), [':']);
  assert.deepEqual(cut('', 1), ['']);
});
