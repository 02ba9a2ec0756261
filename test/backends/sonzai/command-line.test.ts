import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { parseCommandLine } from '../../../src/backends/sonzai/command-line.ts';
import { runs } from '../../support/property.ts';

describe('the command that prints a token', () => {
  const good: [string, string[]][] = [
    ['vault', ['vault']],
    ['vault read  -field=token\tsecret/sonzai', ['vault', 'read', '-field=token', 'secret/sonzai']],
    [`op read "op://Private/Sonzai key/token"`, ['op', 'read', 'op://Private/Sonzai key/token']],
    [`cat '/run/my tokens/$1'`, ['cat', '/run/my tokens/$1']],
    [`x --name="two words"'; a' ""`, ['x', '--name=two words; a', '']],
    [`x "it's"`, ['x', `it's`]],
    ['["x", "a b", "$(id)", "it\'s"]', ['x', 'a b', '$(id)', `it's`]],
    ['env VAULT_ADDR=https://v.example vault', ['env', 'VAULT_ADDR=https://v.example', 'vault']],
  ];
  for (const [text, words] of good)
    test(`${text} has its words`, () => assert.deepEqual(parseCommandLine(text), words));

  const bad: [string, RegExp][] = [
    ['cat a | tr b c', /^has "\|", and runs without a shell\. Write the program/],
    ['a && b', /^has "&"/],
    ['a; b', /^has ";"/],
    ['a > b', /^has ">"/],
    ['cat $HOME/token', /^has "\$"/],
    ['cat "$HOME/token"', /^has "\$"/],
    ['cat ~/token', /^has "~"/],
    ['echo `id`', /^has "`"/],
    ['echo "`id`"', /^has "`"/],
    ['cat tokens/*', /^has "\*"/],
    ['cat a\\ b', /^has "\\\\"/],
    ['(a)', /^has "\("/],
    ['a\nb', /^has several lines/],
    ['TOKEN=x a', /^sets a variable before the program.*begin with "env"/],
    [`cat 'a`, /^has a quote that is not closed/],
    ['cat "a', /^has a quote that is not closed/],
    ['[ -f x ]', /^begins with "\[" and is not a JSON list/],
    ['["a", 1]', /^begins with "\["/],
    ['[]', /^names no program/],
    ['[""]', /^names no program/],
    [`''`, /^names no program/],
    ['["a\\u0000b"]', /^contains a zero byte/],
  ];
  for (const [text, reason] of bad) {
    test(`${JSON.stringify(text)} is refused, with what to write`, () =>
      assert.throws(
        () => parseCommandLine(text),
        (error: Error) => reason.test(error.message) && /name a script/.test(error.message),
      ));
  }

  test('keeps the words of any JSON list, and of any words in single quotes', () =>
    fc.assert(
      fc.property(fc.array(fc.string(), { minLength: 1 }), (words) => {
        const list = [`p${(words[0] ?? '').replaceAll('=', '').replaceAll('\0', '')}`, ...words.slice(1)].map((word) =>
          word.replaceAll('\0', ''),
        );
        assert.deepEqual(parseCommandLine(JSON.stringify(list)), list);
        const plain = list.map((word) => word.replaceAll("'", ''));
        assert.deepEqual(parseCommandLine(plain.map((word) => `'${word}'`).join(' ')), plain);
      }),
      { numRuns: runs(300) },
    ));
});
