/** What several requests come to together: exact, and only where all amounts share a name and a currency. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { totalOf } from '../../../../../src/core/view/content/facts/total.ts';
import { pauseOf } from '../../../../support/data/pauses.ts';

const refund = (amount: unknown, more: object = { currency: 'EUR' }) => pauseOf({ parameters: { amount, ...more } });

test('amounts in one currency have a total', () => {
  assert.equal(totalOf([refund(42.5), refund(1197.9)]), '1240.4 EUR');
  assert.equal(totalOf([refund(0.1), refund(0.2)]), '0.3 EUR');
});

test('others have none', () => {
  assert.equal(totalOf([refund(42.5), refund(1, { currency: 'USD' })]), null);
  assert.equal(totalOf([refund(42.5, {}), refund(1, {})]), null);
  assert.equal(totalOf([refund(42.5), pauseOf({ parameters: { orderId: 'A-1' } })]), null);
  assert.equal(totalOf([refund(42.5), refund(1, { currency: 'EUR', fee_amount: 3 })]), null);
  assert.equal(totalOf([]), null);
});
