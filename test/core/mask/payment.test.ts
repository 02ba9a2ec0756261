import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { maskText } from '../../../src/core/mask/text.ts';
import { maskValue } from '../../../src/core/mask/value.ts';

describe('numbers of cards and accounts', () => {
  const hidden: [string, string][] = [
    ['card 4111 1111 1111 1111 ok', 'card •••••• 1111 ok'],
    ['cardNumber=4242424242424242', 'cardNumber=•••••• 4242'],
    ['Pay with Visa 4242-4242-4242-4242, please', 'Pay with Visa •••••• 4242, please'],
    ['4242424242424242 (Mastercard)', '•••••• 4242 (Mastercard)'],
    ['amex 378282246310005', 'amex •••••• 0005'],
    ['Amex: 3782 822463 10005', 'Amex: •••••• 0005'],
    ['Kreditkarte 4000 0000 0000 0002 12/27 737', 'Kreditkarte •••••• 0002 12/27 737'],
    ['IBAN DE89 3704 0044 0532 0130 00', 'IBAN •••••• 3000'],
    ['to GB82WEST12345698765432.', 'to •••••• 5432.'],
    ['to BE68 5390 0754 7034 THIS week', 'to •••••• 7034 THIS week'],
  ];
  for (const [text, masked] of hidden) test(`hidden: ${text}`, () => assert.equal(maskText(text).value, masked));

  const facts = [
    'order 4111111111111111',
    'order 4111 1111 1111 1111 ok',
    'card\n\norder 4111111111111111',
    `card ${'x'.repeat(60)} 4111111111111111`,
    'card 4111 1111 1111 1112',
    'card 4111111111111111.50',
    'card 1234 4000 0000 0000 0002',
    'card at 1788256800000',
    'channel 1234567890123456789',
    'DE89 3704 0044 0532 0130 01',
    'DE89 3704 0044 0532 0130',
    'discard 4111111111111111',
  ];
  for (const text of facts) test(`a fact: ${text.slice(0, 40)}`, () => assert.equal(maskText(text).value, text));

  test('by their key, as a text, as a number and within an object', () => {
    assert.deepEqual(
      maskValue({ pan: '4242424242424242', card: 4242424242424242, orderId: '4242424242424242' }).value,
      {
        pan: '•••••• 4242',
        card: '•••••• 4242',
        orderId: '4242424242424242',
      },
    );
    assert.deepEqual(maskValue({ card: { number: 4242424242424242, expires: '12/27' } }).value, {
      card: { number: '•••••• 4242', expires: '12/27' },
    });
    assert.deepEqual(maskValue({ card: JSON.rawJSON('4242424242424242'), other: 4242424242424242 }).value, {
      card: '•••••• 4242',
      other: 4242424242424242,
    });
  });
});
