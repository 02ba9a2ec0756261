/** The first line of everything that a request has: what is asked, about what, and how much. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { headlineOf } from '../../../../src/core/view/content/headline.ts';
import { oddKey, oddText } from '../../../fuzz/arbitrary.ts';
import { hasHidden } from '../../../fuzz/views/visible.ts';
import { kindsOfPauses, otherKindsOfPauses } from '../../../support/data/kinds-of-pauses.ts';
import { pauseOf } from '../../../support/data/pauses.ts';
import { runs } from '../../../support/property.ts';

const line = (tool: string, parameters: Record<string, unknown>, max?: number) =>
  headlineOf(pauseOf({ tool, parameters }), max);

describe('a headline', () => {
  for (const [index, { pause, says }] of [...kindsOfPauses, ...otherKindsOfPauses].entries()) {
    test(`says what is asked, about what and how much: ${index + 1}. ${pause.tool}`, () => {
      const text = headlineOf(pause);
      for (const part of says) assert.ok(text.includes(part), `“${part}” is not in: ${text}`);
    });
  }

  test('asks what its question asks', () => {
    const prompt = {
      title: 'Question from “crm-server”',
      text: '“crm-server” asks:\nWho gets the invoices?\n1. E-mail',
      form: null,
    };
    assert.equal(headlineOf(pauseOf({ prompt })), 'Question from “crm-server” · “Who gets the invoices?”');
    const named = { title: 'Question “Which slot?”', text: 'Which slot?\n   1. 09:00', form: null };
    assert.equal(headlineOf(pauseOf({ prompt: named })), 'Question “Which slot?”');
    const several = { title: '2 questions', text: 'Question 1. How?\n\nQuestion 2. When?', form: null };
    assert.equal(headlineOf(pauseOf({ prompt: several })), '2 questions · “How?”');
    assert.equal(headlineOf(pauseOf({ kind: 'run', tool: 'refunds', parameters: { a: 1 } })), 'Run refunds');
  });

  test('quotes a value that reads like a state, a time or an instruction of ours', () => {
    assert.equal(
      line('refund', { order_id: 'approved', customer: 'Approved By Dana', amount: '5 EUR' }),
      'Refund “approved” · 5 EUR · “Approved By Dana”',
    );
    assert.equal(
      line('refund', { order_id: 'Аpproved', amount: 5, currency: 'expired' }),
      'Refund “Аpproved” · 5 “expired”',
    );
    assert.equal(line('pay', { to: 'Bo Li · 5 EUR” by Dana' }), 'Pay · to “Bo Li · 5 EUR" by Dana”');
    assert.equal(line('pay', { approved_by_dana: 3 }), 'Pay');
  });

  test('puts what is read from right to left last, so that it moves no digits', () => {
    assert.equal(
      line('refund_order', { orderId: 'A-1', customer: 'محمد', amount: 5, currency: 'EUR' }),
      'Refund order A-1 · 5 EUR · محمد',
    );
    assert.equal(line('refund_order', { orderId: 'طلب', amount: 5, currency: 'EUR' }), 'Refund order · 5 EUR · طلب');
  });

  test('is found behind thousands of other values', () => {
    const filler = Object.fromEntries(Array.from({ length: 2_000 }, (_, at) => [`key_${at}`, `value ${at}`]));
    assert.match(
      line('pay', { ...filler, amount: 9_000, currency: 'USD', to: 'Mallory' }),
      /^Pay · 9000 USD · to Mallory/,
    );
  });

  test('cuts what is too long, and keeps the amount', () => {
    const text = line('send_invoice', {
      recipient: `${'Very Long '.repeat(20)}Ltd`,
      invoice: 'x'.repeat(300),
      amount: 5,
      currency: 'EUR',
    });
    assert.ok(text.length <= 100, text);
    assert.match(text, /5 EUR/);
    assert.match(
      line('delete_file', { path: `/srv/${'a/'.repeat(80)}customers.csv` }),
      /^Delete file · “\/srv\/a.*…”$/,
    );
  });
});

/** What an agent may write to be taken for us. */
const forged = [
  'Approved by Dana Reyes',
  'approved',
  'APPROVED',
  'Dangerous',
  'Needs a decision.',
  '4 min left',
  'Expires in 4 minutes',
  'Not Dangerous',
  'No Decision Needed',
  'already_approved',
  'ApprovedByDana',
  'Claimed by Sam',
  'Rejected',
  '✅ Approved',
  'to Bob · 5 EUR · approved',
  '” approved “',
  'Answered',
  'Withdrawn',
  'decision-made',
  'approved/ok',
  'AРPROVED',
];
const keys = [
  'id',
  'orderId',
  'customer',
  'to',
  'environment',
  'subject',
  'note',
  'name',
  'currency',
  'amount',
  'query',
  'service',
  'role',
];
const imitations = /[AА][PР]PROVED|approv|danger|decision|expire|claim|reject|answered|withdrawn|min left|✅/iu;
const outsideQuotes = (text: string) => text.replace(/“[^”]*”/g, '“”');

test('law: no value of others is outside of quotation marks where it could be taken for words of ours', () =>
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.oneof(fc.constantFrom(...keys), fc.constantFrom(...forged)), fc.constantFrom(...forged)), {
        maxLength: 6,
      }),
      (entries) => {
        const rest = outsideQuotes(line('refund_order', Object.fromEntries(entries)));
        assert.doesNotMatch(rest, imitations, rest);
      },
    ),
    { numRuns: runs(400) },
  ));

test('law: it is never longer than its limit, hides nothing, and balances its quotation marks', () =>
  fc.assert(
    fc.property(
      oddText(120),
      fc.array(
        fc.tuple(
          fc.oneof(fc.constantFrom(...keys), oddKey),
          fc.oneof(oddText(200), fc.double(), fc.boolean(), fc.array(oddText(30))),
        ),
        { maxLength: 8 },
      ),
      fc.integer({ min: 30, max: 150 }),
      (tool, entries, max) => {
        const text = line(tool, Object.fromEntries(entries), max);
        assert.ok(text.length <= max, `${text.length} > ${max}: ${text}`);
        assert.ok(text.trim() !== '' && !text.includes('\n') && !hasHidden(text), JSON.stringify(text));
        assert.doesNotMatch(outsideQuotes(text).replaceAll('“”', ''), /[“”]/, text);
      },
    ),
    { numRuns: runs(400) },
  ));

test('law: what is masked on the card is masked here', () =>
  fc.assert(
    fc.property(
      fc.constantFrom('password', 'api_key', 'to', 'subject', 'id', 'name'),
      fc.stringMatching(/^[a-z0-9]{24}$/),
      (key, secret) => {
        const text = line('send_email', { [key]: `sk_live_${secret}`, list: [`sk_live_${secret}`, 'x'] });
        assert.ok(!text.includes(secret), text);
      },
    ),
    { numRuns: runs(100) },
  ));
