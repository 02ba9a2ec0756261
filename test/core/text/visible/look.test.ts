import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { lookOf } from '../../../../src/core/text/visible/look.ts';

describe('texts that a person takes for the same', () => {
  const pairs: [string, string][] = [
    ['Bo Li', 'Bo Li '],
    ['Bo Li', 'bo  LI'],
    ['Rana', 'R\u0430na'],
    ['RANA', 'R\u0410\u039d\u0391'],
    ['Billing', 'BiIIing'],
    ['Corn', 'Com'],
    ['Café', 'Cafe\u0301'],
    ['Café', 'Cafe'],
    ['Ｒana', 'Rana'],
    ['Ops O', 'Ops 0'],
    ['Bo Li', 'Bo\u00a0Li'],
  ];
  for (const [one, other] of pairs) test(`${one} and ${other}`, () => assert.equal(lookOf(one), lookOf(other)));

  test('others do not', () => {
    for (const [one, other] of [
      ['Bo Li', 'Bo Lo'],
      ['Bo Li', 'Boli'],
      ['Rana', 'Ranas'],
      ['Анна', 'Ольга'],
      ['', 'a'],
    ]) {
      assert.notEqual(lookOf(one ?? ''), lookOf(other ?? ''));
    }
  });

  test('how it looks does not depend on looking twice', () => {
    for (const text of ['Bo Li', 'Ｃｏｒｎ', 'ΡΑΥ vv', '']) assert.equal(lookOf(lookOf(text)), lookOf(text));
  });
});
