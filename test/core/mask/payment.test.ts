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
    ['credit card 4111111111111111', 'credit card •••••• 1111'],
    ['card on file: 4111111111111111', 'card on file: •••••• 1111'],
    ['card of Dana Reyes 4111-1111-1111-1111', 'card of Dana Reyes •••••• 1111'],
    ['card: 4111.1111.1111.1111.', 'card: •••••• 1111.'],
    ['pan 4111111111111111', 'pan •••••• 1111'],
    ['visa 4111111111111111', 'visa •••••• 1111'],
    ['4111 1111 1111 1111 is the card number', '•••••• 1111 is the card number'],
    ['pay de89370400440532013000 now', 'pay •••••• 3000 now'],
    ['pay de89 3704 0044 0532 0130 00 this week', 'pay •••••• 3000 this week'],
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
    'credit 6700000000000000 wei to Mallory',
    'debit 6700000000000000 wei',
    'order 4111111111111111 visa',
    'order 4111111111111111 paid by card',
    'to the card transfer 6700000000000000 wei',
    'visa application 5500005555555559',
    'application for a visa: case 5500005555555559',
    'discover what is behind 6011000000000004',
    '{"visa_application": "5500005555555559"',
    '{"card": "tok_1", "orderId": "4111111111111111"',
    'de89370400440532013001',
    'DE86DROPTABLECUSTOMERS',
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
    assert.deepEqual(maskValue({ card: '4111.1111.1111.1111', cardOnFile: '4111111111111111' }).value, {
      card: '•••••• 1111',
      cardOnFile: '•••••• 1111',
    });
    assert.deepEqual(maskValue({ cards: { dana: '4111111111111111' } }).value, { cards: { dana: '•••••• 1111' } });
    const facts = {
      creditAmount: 6700000000000000,
      visa_application: '5500005555555559',
      cardReference: '5500005555555559',
      discover: { rows: 6011000000000004 },
      card: { amount: 6700000000000000 },
      debit: 6700000000000000,
    };
    assert.deepEqual(maskValue(facts).value, facts);
    assert.deepEqual(maskValue({ card: { number: 4242424242424242, expires: '12/27' } }).value, {
      card: { number: '•••••• 4242', expires: '12/27' },
    });
    assert.deepEqual(maskValue({ card: JSON.rawJSON('4242424242424242'), other: 4242424242424242 }).value, {
      card: '•••••• 4242',
      other: 4242424242424242,
    });
  });
});
