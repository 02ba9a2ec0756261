import assert from 'node:assert/strict';
import { test } from 'node:test';
import { entriesOf, parseEach } from '../../../../src/core/text/settings/entries.ts';

const even = (text: string) => {
  if (Number(text) % 2 === 0) return Number(text);
  throw new Error(`"${text}" is odd`);
};

test('every entry is parsed, and every wrong one is reported', () => {
  assert.deepEqual(parseEach(entriesOf(' 2, ,4,'), even), [2, 4]);
  assert.throws(() => parseEach(['2', '3'], even), { message: '"3" is odd' });
  assert.throws(
    () => parseEach(['1', '2', '3'], (one) => parseEach([one, one], even)),
    (error) => error instanceof AggregateError && error.errors.length === 4,
  );
});
