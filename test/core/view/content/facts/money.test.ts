/** Amounts, digit by digit, and with the currency that the request gives them. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { parseExact } from '../../../../../src/core/text/exact/parse.ts';
import { headlineOf } from '../../../../../src/core/view/content/headline.ts';
import { pauseOf } from '../../../../support/data/pauses.ts';
import { runs } from '../../../../support/property.ts';

const shown = (json: string) =>
  headlineOf(pauseOf({ tool: 'pay', parameters: parseExact(json) as Record<string, unknown> }));

describe('an amount', () => {
  const rows: [json: string, text: string][] = [
    ['{"amount":42.5,"currency":"EUR"}', 'Pay · 42.50 EUR'],
    ['{"amount":42,"currency":"EUR"}', 'Pay · 42 EUR'],
    ['{"amount":42.125,"currency":"EUR"}', 'Pay · 42.125 EUR'],
    ['{"amount":120.00,"currency":"USD"}', 'Pay · 120.00 USD'],
    ['{"amount":1e3,"currency":"USD"}', 'Pay · 1e3 USD'],
    ['{"amount":1234567890123456789,"currency":"USD"}', 'Pay · 1234567890123456789 USD'],
    ['{"amount":"1.250,00","currency":"eur"}', 'Pay · 1.250,00 EUR'],
    ['{"amount":4.5,"currency":"JPY"}', 'Pay · 4.5 JPY'],
    ['{"amount":4.5,"currency":"KWD"}', 'Pay · 4.5 KWD'],
    ['{"amount":-5,"currency":"EUR"}', 'Pay · -5 EUR'],
    ['{"amount":"$1,200.50"}', 'Pay · $1,200.50'],
    ['{"amount":"42 EUR"}', 'Pay · 42 EUR'],
    ['{"amount":42.5,"currency":"€"}', 'Pay · 42.5 €'],
    ['{"amount":500,"currency":"points"}', 'Pay · 500 points'],
    ['{"amount_usd":9.5}', 'Pay · 9.50 USD'],
    ['{"totalEur":9}', 'Pay · 9 EUR'],
    ['{"amount_usd":9,"currency":"EUR"}', 'Pay · amount usd 9 EUR'],
    ['{"amount":9}', 'Pay · amount 9'],
    // Only the field says that it counts cents.
    ['{"amount":4250,"currency":"EUR"}', 'Pay · 4250 EUR'],
    ['{"amount_cents":4250,"currency":"EUR"}', 'Pay · 42.50 EUR'],
    ['{"amountInCents":5,"currency":"USD"}', 'Pay · 0.05 USD'],
    ['{"amount_cents":4250}', 'Pay · 4250 cents'],
    ['{"amount_cents":42.5,"currency":"EUR"}', 'Pay · 42.5 cents (EUR)'],
    ['{"amount_cents":4250,"currency":"JPY"}', 'Pay · 4250 cents (JPY)'],
    ['{"amount_minor":4250,"currency":"GBP"}', 'Pay · 42.50 GBP'],
    ['{"amount_minor":4250,"currency":"JPY"}', 'Pay · 4250 minor units (JPY)'],
    ['{"budget_micros":5000000,"currency":"EUR"}', 'Pay · 5.00 EUR'],
    ['{"amount":4250,"currency":"EUR","exponent":2}', 'Pay · 4250 EUR (exponent 2)'],
    ['{"amount":4250,"unit":"cents","currency":"EUR"}', 'Pay · 4250 EUR (unit cents)'],
    ['{"amount_thousands":42,"currency":"EUR"}', 'Pay · amount thousands 42 EUR'],
    ['{"amount":{"currencyCode":"USD","units":"42","nanos":500000000}}', 'Pay · 42.50 USD'],
    ['{"amount":{"value":"99.90","currency_code":"GBP"}}', 'Pay · 99.90 GBP'],
    // Each amount has the currency that is nearest to it.
    ['{"fee":{"amount":1,"currency":"USD"},"payout":{"amount":90,"currency":"EUR"}}', 'Pay · 90 EUR'],
    ['{"amount":5,"from_currency":"USD","to_currency":"EUR"}', 'Pay · amount 5'],
    ['{"amount":"lots","currency":"EUR"}', 'Pay · amount lots'],
  ];
  for (const [json, text] of rows)
    test(`${json} is ${text}`, () => assert.equal(shown(json).slice(0, text.length), text));
});

test('law: the digits of an amount are those that were sent; only zeros of its currency are added', () =>
  fc.assert(
    fc.property(
      fc.stringMatching(/^-?(?:0|[1-9]\d{0,20})(?:\.\d{1,6})?$/),
      fc.constantFrom('EUR', 'USD', 'JPY', 'KWD', 'BTC', 'points'),
      (digits, currency) => {
        const text = shown(`{"amount":${digits},"currency":"${currency}"}`);
        assert.ok([`Pay · ${digits} ${currency}`, `Pay · ${digits}0 ${currency}`].includes(text), text);
        if (text.includes(`${digits}0 `)) assert.match(digits, /\.\d$/);
      },
    ),
    { numRuns: runs(300) },
  ));
