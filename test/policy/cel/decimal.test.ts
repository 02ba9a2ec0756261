import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  compare,
  decimalIn,
  decimalOf,
  decimalText,
  InexactError,
  negated,
  plus,
  remainder,
  times,
  truncated,
} from '../../../src/policy/cel/decimal.ts';

const numbers = fc
  .tuple(fc.boolean(), fc.bigInt({ min: 0n, max: 10n ** 20n }), fc.integer({ min: 0, max: 12 }))
  .map(([isNegative, digits, places]) => {
    const all = String(digits).padStart(places + 1, '0');
    const text = places === 0 ? all : `${all.slice(0, -places)}.${all.slice(-places)}`;
    return { text: `${isNegative ? '-' : ''}${text}`, digits: isNegative ? -digits : digits, places };
  });

describe('calculations are exact', () => {
  test('what doubles get wrong', () => {
    const sum = plus(decimalOf('0.1'), decimalOf('0.2'));
    assert.equal(compare(sum, decimalOf('0.3')), 0);
    assert.equal(compare(decimalOf('500.00000000000000001'), decimalOf('500')), 1);
    assert.equal(compare(decimalOf('9007199254740993'), decimalOf('9007199254740992')), 1);
    assert.equal(compare(decimalOf('1e3'), decimalOf('1000.0')), 0);
    assert.equal(compare(decimalOf('-0'), decimalOf('0.00')), 0);
    assert.equal(decimalText(times(decimalOf('1.1'), decimalOf('1.1'))), '1.21');
  });

  test('they agree with whole numbers of the same scale', () => {
    fc.assert(
      fc.property(numbers, numbers, (one, other) => {
        const scale = 10n ** 12n;
        const raised = (n: typeof one) => n.digits * 10n ** BigInt(12 - n.places);
        const [a, b] = [decimalOf(one.text), decimalOf(other.text)];
        assert.equal(compare(a, b), raised(one) < raised(other) ? -1 : raised(one) > raised(other) ? 1 : 0);
        assert.deepEqual(times(plus(a, b), decimalOf(String(scale))), decimalOf(String(raised(one) + raised(other))));
        assert.deepEqual(plus(a, negated(a)), decimalOf('0'));
        assert.deepEqual(decimalIn(decimalText(a)), a);
        assert.equal(decimalText(truncated(a)), String(one.digits / 10n ** BigInt(one.places)));
      }),
    );
  });
});

test('a rest has the sign of the first, and needs whole numbers', () => {
  const rest = (one: string, other: string) => {
    const found = remainder(decimalOf(one), decimalOf(other));
    return found === null ? null : decimalText(found);
  };
  assert.equal(rest('7', '3'), '1');
  assert.equal(rest('-7', '3'), '-1');
  assert.equal(rest('7', '0'), null);
  assert.equal(rest('7.5', '3'), null);
});

test('a number with very many digits, or a large exponent, is refused at once', () => {
  for (const text of ['1e1000000000', '1e-1000000000', '9'.repeat(1_000_000), `0.${'1'.repeat(200)}`]) {
    assert.throws(() => decimalOf(text), InexactError);
  }
  assert.deepEqual(decimalOf('0e999999999'), decimalOf('0'));
  assert.throws(() => {
    let value = decimalOf('99');
    for (let count = 0; count < 10; count += 1) value = times(value, value);
  }, InexactError);
});
