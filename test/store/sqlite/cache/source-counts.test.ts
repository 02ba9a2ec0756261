import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SourceCounts } from '../../../../src/store/sqlite/cache/source-counts.ts';

const open = { source: 'a', phase: 'open' } as const;
const settled = { source: 'a', phase: 'settled' } as const;

test('a source is counted once in the file, and follows what is changed', () => {
  const loads: string[] = [];
  const counts = new SourceCounts((source) => {
    loads.push(source);
    return 3;
  });
  counts.changed(null, open);
  assert.equal(counts.of('a'), 3, 'the file has it');
  counts.changed(null, open);
  counts.changed(open, { ...open, phase: 'decided' });
  assert.equal(counts.of('a'), 4);
  counts.changed(open, settled);
  counts.changed(settled, settled);
  assert.equal(counts.of('a'), 3);
  counts.changed(settled, open);
  counts.changed(open, { source: 'b', phase: 'open' });
  counts.changed(null, { phase: 'open' });
  assert.deepEqual([counts.of('a'), counts.of('b')], [3, 3]);
  assert.deepEqual(loads, ['a', 'b']);
});

test('after what was not recorded it is counted again', () => {
  let inFile = 1;
  const counts = new SourceCounts(() => inFile);
  assert.equal(counts.of('a'), 1);
  counts.changed(null, open);
  counts.undo();
  inFile = 7;
  assert.equal(counts.of('a'), 7);
});
