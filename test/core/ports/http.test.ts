import assert from 'node:assert/strict';
import { test } from 'node:test';
import { headersOf } from '../../../src/core/ports/http.ts';

test('headers: names in lower case, repeated ones joined, whatever their names are', () => {
  const raw = ['X-A', '1', 'x-a', '2', '__proto__', 'p', 'constructor', 'c'];
  const headers = headersOf(raw);
  assert.deepEqual([headers['x-a'], headers['constructor']], ['1, 2', 'c']);
});
