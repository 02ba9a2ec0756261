import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { aligned, joined } from '../../../src/core/text/columns.ts';
import { runs } from '../../support/property.ts';

test('the first values are below each other, numbers by their decimal point', () => {
  const rows = [
    ['A-2001', '42.5', 'Mara Lindqvist', 'Broken shade'],
    ['A-2', '18', 'Jon', 'Late'],
    ['A-2003', '-129.99', 'Ida', 'Wrong colour'],
  ];
  assert.deepEqual(aligned(['orderId', 'amount', 'customer', 'note'], rows), [
    'orderId ·  amount · customer · note',
    'A-2001  ·   42.5  · Mara Lindqvist · Broken shade',
    'A-2     ·   18    · Jon · Late',
    'A-2003  · -129.99 · Ida · Wrong colour',
  ]);
});

test('a column that makes the lines too long is not aligned, nor what comes after it', () => {
  const long = 'x'.repeat(50);
  assert.deepEqual(
    aligned(
      ['id', 'note', 'amount'],
      [
        ['A', long, '1'],
        ['AB', 'y', '20'],
      ],
    ),
    ['id · note · amount', `A  · ${long} · 1`, 'AB · y · 20'],
  );
});

test('what is not a number in each row is a text', () => {
  assert.deepEqual(
    aligned(
      ['a', 'b'],
      [
        ['1', 'x'],
        ['"20"', 'y'],
      ],
    ),
    ['a    · b', '1    · x', '"20" · y'],
  );
  assert.deepEqual(aligned(['amount'], [['1'], ['20.5']]), ['amount', '   1', '  20.5']);
});

test('only blanks are added: without them a line is its values', () => {
  const cell = fc.oneof(
    fc.integer().map(String),
    fc.double({ noNaN: true }).map(String),
    fc.stringMatching(/^[a-z]{1,30}$/),
  );
  const table = fc.integer({ min: 1, max: 5 }).chain((width) => {
    const row = fc.array(cell, { minLength: width, maxLength: width });
    return fc.array(row, { minLength: 1, maxLength: 6 });
  });
  fc.assert(
    fc.property(table, (rows) => {
      const [names = [], ...others] = rows;
      if (others.length === 0) return;
      const bare = (text: string) => text.replaceAll(' ', '');
      assert.deepEqual(aligned(names, others).map(bare), rows.map(joined).map(bare));
    }),
    { numRuns: runs(200) },
  );
});
