import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { columnText } from '../../../src/store/shared/column-text.ts';

test('NUL and half a surrogate pair are replaced, and nothing else', () => {
  assert.equal(columnText('a\0b\0'), 'a␀b␀');
  assert.equal(columnText('\ud83d!'), '\ufffd!');
  assert.equal(columnText('😀 \u0001\u2028␀'), '😀 \u0001\u2028␀');
});

test('what was read from a column finds its row again', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const stored = columnText(text);
      assert.equal(columnText(stored), stored);
      assert.ok(stored.isWellFormed() && !stored.includes('\0'));
    }),
  );
});

test('JSON needs none of it', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const json = JSON.stringify({ [text]: text });
      assert.equal(columnText(json), json);
    }),
  );
});
