import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isSeparatedBySpaces, parseMaskPatterns } from '../../src/config/mask-patterns.ts';

const masked = (setting: string, text: string) =>
  parseMaskPatterns(setting).reduce((shown, pattern) => shown.replace(pattern, '•'), text);

describe('MASK_PATTERNS', () => {
  test('are separated by commas, with spaces or without', () => {
    for (const setting of ['MRN-\\d+,ACC-\\d+', 'MRN-\\d+, ACC-\\d+', 'MRN-\\d+ ,ACC-\\d+,', 'MRN-\\d+\nACC-\\d+']) {
      assert.equal(masked(setting, 'MRN-1 ACC-22 x'), '• • x', setting);
    }
  });

  test('may have commas in brackets, and escaped ones', () => {
    assert.equal(masked('\\d{2,4}', '123'), '•');
    assert.equal(masked('a[,;]b', 'a,b'), '•');
    assert.equal(masked('(a,b)', 'a,b'), '•');
    assert.equal(masked('a\\,b', 'a,b'), '•');
    assert.equal(masked('a[(]b,c', 'a(b c'), '• •');
    assert.equal(masked('\\[a,b', '[a b'), '• •');
  });

  test('separated by spaces still work, and are noticed', () => {
    assert.equal(masked('MRN-\\d+ \\d{2,4}', 'MRN-1 123'), '• •');
    assert.equal(isSeparatedBySpaces('a b'), true);
    for (const setting of ['a', 'a,b', 'a, b', '', 'a\\sb', ' a ', '\\d{2,4}'])
      assert.equal(isSeparatedBySpaces(setting), false, setting);
  });

  test('of which it can’t be seen how they are separated are refused, and all wrong ones are named', () => {
    assert.throws(() => parseMaskPatterns('a b,c'), /separate the patterns by commas only/);
    assert.throws(() => parseMaskPatterns('a[, x*'), /a\[, is not a valid|is not a valid regular expression/);
    assert.throws(
      () => parseMaskPatterns('x*,y*'),
      (error) => error instanceof AggregateError && error.errors.length === 2,
    );
  });
});
