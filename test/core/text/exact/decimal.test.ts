import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { compareNumbers, isWhole } from '../../../../src/core/text/exact/decimal.ts';
import { numberOf } from '../../../../src/core/text/exact/parse.ts';
import { runs } from '../../../support/property.ts';

const compared = (one: string, other: string) => Math.sign(compareNumbers(numberOf(one), numberOf(other)));

test('numbers are compared by their digits', () => {
  const rising = [
    '-1e400',
    '-12',
    '-1.5',
    '-1e-400',
    '0',
    '1e-400',
    '0.1',
    '0.10000000000000000001',
    '9.99',
    '10',
    '9007199254740992',
    '9007199254740993',
    '1234567890123456789',
    '1234567890123456790',
    '1e400',
  ];
  for (const [index, one] of rising.entries()) {
    for (const [at, other] of rising.entries())
      assert.equal(compared(one, other), Math.sign(index - at), `${one} ${other}`);
  }
  for (const same of [
    ['1', '1.0', '10e-1', '0.1E+1', '1e0'],
    ['0', '-0', '0.00', '0e9'],
    ['1200', '1.2e3', '12e2'],
  ]) {
    for (const one of same) for (const other of same) assert.equal(compared(one, other), 0, `${one} ${other}`);
  }
});

test('as doubles are, where both are exact', () => {
  const double = fc.double({ noNaN: true, noDefaultInfinity: true });
  fc.assert(
    fc.property(double, double, (one, other) => {
      assert.equal(Math.sign(compareNumbers(one, other)), Math.sign(one < other ? -1 : one > other ? 1 : 0));
      assert.equal(isWhole(one), Number.isInteger(one));
    }),
    { numRuns: runs(500) },
  );
});

test('a number is whole by its digits', () => {
  for (const whole of ['0', '-0.0', '12.0', '1e3', '1.5e1', '1234567890123456789', '1e400'])
    assert.ok(isWhole(numberOf(whole)), whole);
  for (const part of ['0.1', '1e-3', '1.05e1', '1234567890123456789.5', '9007199254740993.1'])
    assert.ok(!isWhole(numberOf(part)), part);
});
