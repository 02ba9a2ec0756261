import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Pause } from '../../../../src/core/approval/pause/pause.ts';
import { type Precedent, precedentKey, precedentKeyOf } from '../../../../src/core/approval/precedent.ts';
import { MASK } from '../../../../src/core/mask/mask.ts';
import { noveltyFacts, REPEAT_MS } from '../../../../src/core/policy/rules/novelty-facts.ts';
import { parseExact } from '../../../../src/core/text/exact/parse.ts';
import { noveltyOf } from '../../../../src/core/view/precedents/novelty.ts';
import { dana, pauseOf } from '../../../support/data/pauses.ts';

type Parameters = Record<string, unknown>;
const NOW = 10_000_000;
const past = (parameters: Parameters, index: number, more: Partial<Pause> = {}): Precedent => ({
  id: `p${index}`,
  pause: pauseOf({ parameters, ...more }),
  decision: { actor: dana },
  settledAt: NOW - 120_000 * (index + 1),
});
/** @param before the latest first */
const news = (now: Parameters, before: readonly Parameters[], more: Partial<Pause> = {}) =>
  noveltyOf(
    pauseOf({ parameters: now, ...more }),
    before.map((one, index) => past(one, index, more)),
  );
const facts = (...given: Given) => noveltyFacts(news(...given), NOW);
type Given = [now: Parameters, before: readonly Parameters[], more?: Partial<Pause>];

describe('what is new', () => {
  test('is everything that a request has, where nothing was approved before', () => {
    const found = facts({ to: 'ana@example.com', amount: 5, url: 'https://pay.example.com/x' }, []);
    assert.deepEqual(found, { seen: 0, tool: true, payee: true, host: true, amount: true, repeat: false });
    assert.deepEqual(facts({ query: 'x' }, []), {
      seen: 0,
      tool: true,
      payee: false,
      host: false,
      amount: false,
      repeat: false,
    });
  });

  test('is a party that was never approved at this place', () => {
    const before = [{ to: 'ana@example.com', from: 'bo@example.com' }];
    assert.equal(facts({ to: 'ana@example.com', from: 'bo@example.com', note: 'x' }, before)['payee'], false);
    assert.deepEqual(news({ to: 'eve@example.com', from: 'bo@example.com' }, before).parties, [['to']]);
    assert.deepEqual(news({ to: 'bo@example.com', from: 'bo@example.com' }, before).parties, [['to']]);
  });

  test('is one of a list of parties, also of objects', () => {
    const one = (...emails: string[]) => ({ recipients: emails.map((email) => ({ email, copies: 1 })) });
    assert.equal(
      facts(one('a@example.com', 'b@example.com'), [one('b@example.com', 'a@example.com', 'c@example.com')])['payee'],
      false,
    );
    assert.equal(
      facts(one('a@example.com', 'eve@example.com'), [one('b@example.com', 'a@example.com')])['payee'],
      true,
    );
    assert.equal(
      facts({ to: ['a@example.com', 'eve@example.com'] }, [{ to: ['a@example.com', 'b@example.com'] }])['payee'],
      true,
    );
  });

  test('is a host in any text, whatever its case, and one that is only named', () => {
    const before = [{ body: 'See https://Docs.example.com/a and more', domain: 'shop.example.com' }];
    assert.deepEqual(news({ body: 'HTTPS://docs.EXAMPLE.com/b?c', domain: 'shop.example.com' }, before).hosts, []);
    assert.deepEqual(news({ body: 'x https://docs.example.com.evil.example/b' }, before).hosts, [
      'docs.example.com.evil.example',
    ]);
    assert.deepEqual(news({ domain: 'evil.example' }, before).hosts, ['evil.example']);
  });

  test('is an amount above each one before of the same name and currency', () => {
    const before = [
      { amount: 50, currency: 'EUR' },
      { amount: 80, currency: 'EUR' },
      { amount: 900, currency: 'JPY' },
    ];
    assert.equal(news({ amount: 80, currency: 'EUR' }, before).amount, null);
    assert.deepEqual(news({ amount: 80.01, currency: 'EUR' }, before).amount, { path: ['amount'], before: '80 EUR' });
    assert.deepEqual(news({ amount: 1, currency: 'KWD' }, before).amount, { path: ['amount'], before: null });
    assert.deepEqual(news({ total: 1, currency: 'EUR' }, before).amount, { path: ['total'], before: null });
  });

  test('is compared digit by digit, however long the number is', () => {
    const amount = (text: string) => parseExact(`{"amount":${text},"currency":"EUR"}`) as Parameters;
    assert.equal(news(amount('9007199254740993'), [amount('9007199254740993')]).amount, null);
    assert.notEqual(news(amount('9007199254740993'), [amount('9007199254740992')]).amount, null);
    assert.equal(news(amount('10.0'), [amount('10')]).amount, null);
    assert.notEqual(news({ amount: '10.5', currency: 'EUR' }, [{ amount: '9.5', currency: 'EUR' }]).amount, null);
  });

  test('counts an amount that can’t be compared as new for rules, unless the same text was approved', () => {
    const before = [{ amount: '1.200,00 €' }];
    assert.equal(facts({ amount: '1.200,00 €' }, before)['amount'], false);
    assert.equal(facts({ amount: '9.200,00 €' }, before)['amount'], true);
    assert.equal(news({ amount: '9.200,00 €' }, before).amount, null);
  });

  test('names the only value that differs from the last one approved, not from an earlier one', () => {
    const before = [
      { amount: 50, to: { name: 'Ana', iban: 'X' } },
      { amount: 1, to: { name: 'Bo', iban: 'Y' } },
    ];
    assert.deepEqual(news({ amount: 5000, to: { name: 'Ana', iban: 'X' } }, before).changed, {
      path: ['amount'],
      before: '50',
    });
    assert.deepEqual(news({ amount: 50, to: { name: 'Ana', iban: 'Z' } }, before).changed, {
      path: ['to', 'iban'],
      before: '"X"',
    });
    assert.deepEqual(news({ amount: 50, to: { name: 'Ana', iban: 'X' }, memo: 1 }, before).changed, {
      path: ['memo'],
      before: null,
    });
    assert.equal(news({ amount: 51, to: { name: 'Ana', iban: 'Z' } }, before).changed, null);
    assert.equal(news({ amount: 1, to: { name: 'Bo', iban: 'Y' } }, before).same, NOW - 240_000);
  });

  test('is a repetition only shortly after', () => {
    const one = news({ a: 1 }, [{ a: 1 }]);
    assert.deepEqual([noveltyFacts(one, NOW)['repeat'], noveltyFacts(one, NOW)['since']], [true, 120]);
    assert.equal(noveltyFacts(one, NOW + REPEAT_MS)['repeat'], false);
  });

  test('says nothing of what the operator has redacted: it may differ', () => {
    const found = news({ to: MASK, amount: 5 }, [{ to: MASK, amount: 5 }]);
    assert.deepEqual([found.same, found.changed, found.parties], [null, null, [['to']]]);
  });

  test('leaves out what the backend hides from people', () => {
    const found = news({ to: 'eve@example.com', url: 'https://evil.example' }, [{ to: 'ana@example.com' }], {
      hidden: ['to', 'url'],
    });
    assert.deepEqual([found.parties, found.hosts], [[], []]);
  });

  test('is bounded, also for a request of many parties', () => {
    const to = Array.from({ length: 5_000 }, (_, index) => `u${index}@example.com`);
    const found = news({ to, body: to.map((one) => `https://${one.slice(0, 4)}.example`).join(' ') }, [{ to: 'ana' }]);
    assert.ok(JSON.stringify(found).length < 2_000);
  });

  test('law: nothing is new about the same again, and its facts never name a value', () => {
    const value = fc.oneof(
      fc.string(),
      fc.integer(),
      fc.constantFrom('ana@example.com', 'https://a.example', '5 EUR', null, true),
    );
    const parameters = fc.dictionary(
      fc.constantFrom('amount', 'currency', 'to', 'url', 'note', '__proto__', 'items.0', 'host'),
      fc.oneof(value, fc.array(value, { maxLength: 4 }), fc.dictionary(fc.constantFrom('name', 'total'), value)),
    );
    fc.assert(
      fc.property(parameters, (given) => {
        const found = news(given, [given]);
        assert.deepEqual(
          [found.parties, found.hosts, found.amount, found.changed, found.incomparable],
          [[], [], null, null, false],
        );
        assert.notEqual(found.same, null);
        const { changed: _, ...others } = facts(given, [{ other: 1 }]);
        assert.ok(Object.values(others).every((fact) => typeof fact !== 'string'));
      }),
    );
  });
});

describe('a precedent', () => {
  const key = (more: Partial<Pause> = {}, via: 'stream' | 'ingest' = 'stream') => precedentKey(pauseOf(more), via);

  test('is of the same backend, kind, tool and asker; an asker is its ID where it has one', () => {
    for (const other of [
      { backend: 'sonzai' },
      { kind: 'item' },
      { tool: 'x' },
      { asker: 'Other' },
      { askerId: 'a' },
    ] as Partial<Pause>[])
      assert.notEqual(key(), key(other), JSON.stringify(other));
    assert.equal(key({ askerId: 'a', asker: 'One' }), key({ askerId: 'a', asker: 'Renamed' }));
    assert.notEqual(key({ askerId: 'a', asker: 'One' }), key({ askerId: 'b', asker: 'One' }));
    assert.notEqual(key({ asker: 'a' }), key({ askerId: 'a', asker: null }));
    assert.equal(key({ parameters: {}, runId: 'other', key: 'k2' }), key());
  });

  test('was approved, and could be shown', () => {
    const settled = { outcome: 'approved', pause: pauseOf(), via: 'stream' } as const;
    assert.equal(precedentKeyOf(settled), key());
    for (const outcome of ['rejected', 'failed', 'expired', 'unconfirmed'] as const)
      assert.equal(precedentKeyOf({ ...settled, outcome }), null, outcome);
    const unshowable = { why: 'size', bytes: 9, hash: 'h' } as const;
    assert.equal(precedentKeyOf({ ...settled, pause: pauseOf({ unshowable }) }), null);
  });

  test('from signed ingest is none of what our own stream announces', () => assert.notEqual(key(), key({}, 'ingest')));

  test('is not made of questions in words, runs and notes', () => {
    assert.equal(key({ prompt: { title: 'x', text: 'x', form: null } }), null);
    assert.equal(key({ kind: 'run' }), null);
    assert.equal(key({ kind: 'note' }), null);
  });
});
