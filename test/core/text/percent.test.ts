import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { percent } from '../../../src/core/text/percent.ts';

describe('a share as a percentage', () => {
  for (const [share, text] of [
    [0, '0 %'],
    [1, '100 %'],
    [0.5, '50 %'],
    [0.624, '62 %'],
    [0.9951, '99.5 %'],
    [0.995, '99.5 %'],
    [0.9949, '99.5 %'],
    [0.9996, '99.96 %'],
    [0.99999, '99.999 %'],
    [0.001, '0.1 %'],
    [0.004, '0.4 %'],
    [0.00001, '0.001 %'],
    [1 - Number.EPSILON / 2, '99.99999999999999 %'],
    [Number.MIN_VALUE, 'more than 0 %'],
    [2, '2'],
    [-0.1, '-0.1'],
    [Number.NaN, 'NaN'],
  ] as const) {
    test(`${share} is ${text}`, () => assert.equal(percent(share), text));
  }

  test('is a certainty only where the share is one', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), (share) => {
        assert.equal(percent(share) === '100 %', share === 1);
        assert.equal(percent(share) === '0 %', share === 0);
        assert.ok(!/^(?:0|100)(?:\.0*)? %$/.test(percent(share)) || share === 0 || share === 1, percent(share));
      }),
    );
  });
});
