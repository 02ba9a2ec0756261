import assert from 'node:assert/strict';
import { test } from 'node:test';
import { repeatedText } from '../../../../src/core/view/cards/cautions.ts';
import { pauseOf } from '../../../support/data/pauses.ts';

test('a key that was given twice is named, unless the backend hides it', () => {
  const said = (repeated: string[], hidden: string[] = []) => repeatedText(pauseOf({ repeated, hidden }));
  assert.deepEqual(said([]), []);
  assert.deepEqual(said(['amount']), ['amount is given twice: the last value counts']);
  assert.deepEqual(said(['amount', 'to.iban']), ['amount and to.iban are given twice: the last values count']);
  assert.deepEqual(said(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']), [
    'a, b, c, d, e, f, and 2 more are given twice: the last values count',
  ]);
  assert.deepEqual(said(['memo', 'memo.to', 'memory'], ['memo']), ['memory is given twice: the last value counts']);
  assert.deepEqual(said(['a\n✅ b']).length, 1);
  assert.doesNotMatch(said([`a\n${'b'.repeat(900)}`]).join(), /\n|b{80}/);
});
