import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SqlReader } from '../../../../src/core/mask/context/sql.ts';

test('a word behind = may be a column in a statement, and behind a word of one', () => {
  const mayBe = (text: string) => new SqlReader(text).mayBeColumn(text.indexOf('pass'));
  for (const text of [
    'DELETE FROM t WHERE pass',
    'update t set x=1, pass',
    'select x from t where (pass',
    '5 OR u.pass',
    'AND (pass',
  ])
    assert.ok(mayBe(text), text);
  for (const text of ['pass', 'user=bob and pass', 'export pass', 'select the pass']) assert.ok(!mayBe(text), text);
});
