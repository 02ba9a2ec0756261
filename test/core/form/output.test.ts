import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { branchIn, outputValue } from '../../../src/core/form/output.ts';

describe('what is sent for an answer', () => {
  for (const text of ['true', '42', '"quoted"', 'null', 'yes', '{not json', '[ask Bo]', '', ' ']) {
    test(`${JSON.stringify(text)} is sent as text`, () => {
      assert.equal(outputValue(text, 'text'), text);
      assert.equal(outputValue(text), text, 'also in a row of an earlier version');
      assert.equal(branchIn(text), null);
    });
  }

  test('an object or a list as JSON, in the digits in which it was written', () => {
    assert.equal(JSON.stringify(outputValue('{"amount": 1.50}', 'json')), '{"amount":1.50}');
    assert.equal(JSON.stringify(outputValue('{"amount": 1.50}')), '{"amount":1.50}');
    assert.deepEqual(outputValue('["a"]', 'json'), ['a']);
  });

  test('the value of an option as it is, also one that reads like JSON', () => {
    assert.equal(outputValue('[1]', 'text'), '[1]');
    assert.equal(outputValue('42', 'json'), 42);
    assert.equal(outputValue('false', 'json'), false);
    assert.equal(JSON.stringify(outputValue('12345678901234567890', 'json')), '12345678901234567890');
  });
});
