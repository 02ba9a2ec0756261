import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isInAddress, valueEnd } from '../../../../src/core/mask/context/urls.ts';

test('a name in an address, with or without its beginning', () => {
  const isPart = (text: string) => isInAddress(text, text.indexOf('pass'));
  for (const text of ['https://a.test;pass', '?pass', 'x&pass', '/v1/pass', 'a.test/v1;pass'])
    assert.ok(isPart(text), text);
  for (const text of ['pass', 'https://a.test pass', '"/v1" pass', 'a;pass']) assert.ok(!isPart(text), text);
});

test('a value in an address ends where its path, its query or another value goes on', () => {
  const cases: [string, string][] = [
    ['x9/delete/all', 'x9'],
    ['x9?to=mallory', 'x9'],
    ['x9#to', 'x9'],
    ['x9+to+mallory', 'x9'],
    ['x9%26to=mallory', 'x9'],
    ['x9%2526to=mallory', 'x9'],
    ['x9%3Bdelete', 'x9'],
    ['x9%2Fdelete', 'x9'],
    ['to%3Dmallory', 'to'],
    ['p%40ss%21', 'p%40ss%21'],
    ['Zm9v%2Bbar%3D', 'Zm9v%2Bbar%3D'],
    ['Zm9vYmFy%2B3Jhbm%2Fkb20gYnl0ZXM5QQ%3D%3D', 'Zm9vYmFy%2B3Jhbm%2Fkb20gYnl0ZXM5QQ%3D%3D'],
    ['Zm9vYmFy+3Jhbm/kb20gYnl0ZXM5QQ==', 'Zm9vYmFy+3Jhbm/kb20gYnl0ZXM5QQ=='],
    ['a1'.repeat(2_000), 'a1'.repeat(2_000)],
  ];
  for (const [text, value] of cases) assert.equal(text.slice(0, valueEnd(text, 0, text.length)), value, text);
});
