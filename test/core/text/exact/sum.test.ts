/** Sums of amounts are exact, digit by digit. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { sumOf } from '../../../../src/core/text/exact/decimal.ts';
import { runs } from '../../../support/property.ts';

test('amounts are added without rounding', () => {
  assert.equal(sumOf(['0.1', '0.2']), '0.3');
  assert.equal(sumOf(['42.5', '1197.90']), '1240.40');
  assert.equal(sumOf(['-1.5', '1']), '-0.5');
  assert.equal(sumOf(['9007199254740993', '1']), '9007199254740994');
  assert.equal(sumOf([]), '0');
});

test('law: it is the sum of the whole numbers of the smallest part', () => {
  const places = 6;
  const amount = fc.record({ units: fc.bigInt({ min: -(10n ** 24n), max: 10n ** 24n }), of: fc.nat(places) });
  const textOf = (units: bigint, of: number) => {
    const digits = (units < 0n ? -units : units).toString().padStart(of + 1, '0');
    const at = digits.length - of;
    return `${units < 0n ? '-' : ''}${digits.slice(0, at)}${of === 0 ? '' : `.${digits.slice(at)}`}`;
  };
  fc.assert(
    fc.property(fc.array(amount, { maxLength: 20 }), (all) => {
      const sum = sumOf(all.map(({ units, of }) => textOf(units, of)));
      const [whole = '', fraction = ''] = sum.split('.');
      const expected = all.reduce((total, { units, of }) => total + units * 10n ** BigInt(places - of), 0n);
      assert.equal(BigInt(`${whole}${fraction.padEnd(places, '0')}`), expected);
    }),
    { numRuns: runs(300) },
  );
});
