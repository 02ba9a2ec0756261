import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { linearPattern } from '../../src/policy/linear-pattern.ts';

const replaced = (source: string, text: string) => text.replace(linearPattern(source), '$1•');

describe('a pattern of linear time', () => {
  test('replaces every match with the text as it is', () => {
    assert.equal(replaced('\\bMRN-\\d+\\b', 'MRN-1 and MRN-22, MRNX-3'), '$1• and $1•, MRNX-3');
    assert.equal(replaced('(?i)mara\\slindqvist|(a+)+z', 'Mara Lindqvist aaz'), '$1• $1•');
    assert.equal(replaced('\\p{Lu}{3}\\d', 'ÄÖÜ1 x'), '$1• x');
    assert.equal(replaced('x+', 'abc'), 'abc');
  });

  for (const source of ['(a+)+$', '(a|aa)+$', '(\\w+\\s?)*!', '(x+x+)+y', '\\d+z', '^(([a-z])+.)+[A-Z]([a-z])+$']) {
    test(`can't stall the bot: ${source}`, () => {
      const pattern = linearPattern(source);
      const before = process.cpuUsage();
      for (const text of [`${'a'.repeat(31)}!`, 'a'.repeat(100_000), 'x1 '.repeat(30_000), '1'.repeat(100_000)]) {
        text.replace(pattern, '');
      }
      const { user } = process.cpuUsage(before);
      // Linear takes milliseconds; backtracking took three seconds for 31 characters, and twice that for each one more.
      assert.ok(user < 2_000_000, `${user / 1_000} ms`);
    });
  }

  const wrong: [string, RegExp][] = [
    ['a[', /^a\[ is not a valid regular expression: missing closing \]/],
    ['(?=a)b', /^\(\?=a\)b is not a valid regular expression: .*no look-around, no backreferences$/],
    ['(?<!a)b', /is not a valid regular expression/],
    ['(a)\\1', /^\(a\)\\1 is not a valid regular expression: invalid escape sequence/],
    ['x*', /^x\* matches the empty string and would mask everything/],
    ['((a{0,30}){0,30})b', /is too large: shorten its counted repetitions/],
  ];
  for (const [source, message] of wrong) {
    test(`refuses ${source}`, () => assert.throws(() => linearPattern(source), { message }));
  }
});
