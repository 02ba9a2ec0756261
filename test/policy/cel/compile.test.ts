import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Facts, Verdict } from '../../../src/core/policy/rules/document.ts';
import { parseExact } from '../../../src/core/text/exact/parse.ts';
import { compileExpression } from '../../../src/policy/cel/compile.ts';

const NOW = Date.parse('2026-11-30T18:30:00Z');

function verdictOf(text: string, params: string, more: Partial<Facts> = {}): Verdict {
  const compiled = compileExpression(text);
  if (!('evaluate' in compiled)) assert.fail(`${text}: ${compiled.wrong}`);
  const facts = { params: parseExact(params) as Facts['params'], pause: {}, novel: {}, now: NOW, ...more };
  return compiled.evaluate(facts);
}

describe('conditions', () => {
  const fitting: [condition: string, params: string][] = [
    ['params.amount > 500 && params.currency == "EUR"', '{"amount":500.01,"currency":"EUR"}'],
    ['params.amount == 500', '{"amount":500.00}'],
    ['params.a + params.b == 0.3', '{"a":0.1,"b":0.2}'],
    ['params.price * params.count > 999.99', '{"price":333.333333333333333334,"count":3}'],
    ['params.id == 1234567890123456789', '{"id":1234567890123456789}'],
    ['params.id != 1234567890123456788', '{"id":1234567890123456789}'],
    ['params.amount > 500', '{"amount":500.00000000000000001}'],
    ['params.amount >= 1e3', '{"amount":1000}'],
    ['double(params.amount) > 500.5', '{"amount":"500.51"}'],
    ['int(params.amount) == 500', '{"amount":500.9}'],
    ['params.n % 2 == 1', '{"n":7}'],
    ['-params.n < 0', '{"n":7}'],
    ['has(params.to.iban) && params.to.iban.startsWith("DE")', '{"to":{"iban":"DE1"}}'],
    ['!has(params.to.iban)', '{"to":{}}'],
    ['!has(params.to.iban)', '{}'],
    ['params["e-mail"].endsWith("@example.com")', '{"e-mail":"a@example.com"}'],
    ['params.items.all(x, x.amount < 10)', '{"items":[{"amount":1},{"amount":2}]}'],
    ['params.items.exists(x, x.amount > 10)', '{"items":[{},{"amount":20}]}'],
    ['params.items.exists_one(x, x == 2)', '{"items":[1,2.0]}'],
    ['params.items.filter(x, x > 1).size() == 2', '{"items":[1,2,3]}'],
    ['params.items.map(x, x * 2) == [2, 4]', '{"items":[1,2]}'],
    ['params.items[1] == "b"', '{"items":["a","b"]}'],
    ['size(params.text) == 2', '{"text":"𝒳y"}'],
    ['"prod" in params.tags', '{"tags":["dev","prod"]}'],
    ['"key" in params.map', '{"map":{"key":1}}'],
    ['params.text.matches("^[a-z]+$")', '{"text":"abc"}'],
    ['params.text.lowerAscii().contains("drop table")', '{"text":"DROP TABLE x"}'],
    ['params.paid ? params.amount > 1 : false', '{"paid":true,"amount":2}'],
    ['params.none == null', '{"none":null}'],
    ['params.a == params.b', '{"a":{"x":[1,2.0]},"b":{"x":[1.0,2]}}'],
    ['now.getHours("Europe/Berlin") == 19 && now.getDayOfWeek() == 1', '{}'],
    ['timestamp(params.due) - now < duration("2h")', '{"due":"2026-11-30T19:00:00Z"}'],
    ['params.gone > 1 || true', '{}'],
    ['params.split.split(",").exists(x, x.trim() == "b")', '{"split":"a, b"}'],
  ];
  for (const [condition, params] of fitting) {
    test(condition, () => assert.deepEqual(verdictOf(condition, params), { type: 'fits' }));
  }

  const others: [condition: string, params: string, type: Verdict['type'], message?: RegExp][] = [
    ['params.amount > 500', '{"amount":500}', 'fits_not'],
    ['params.id == 9007199254740992', '{"id":9007199254740993}', 'fits_not'],
    ['params.gone > 1 && false', '{}', 'fits_not'],
    ['params.amount > 500', '{}', 'missing'],
    ['params.to.iban == "x"', '{"to":{}}', 'missing'],
    ['params.items[3] == 1', '{"items":[1]}', 'missing'],
    ['params.items.all(x, x.amount > 1)', '{"items":[{"amount":2},{}]}', 'missing'],
    ['requester == "mara"', '{}', 'missing'],
    ['novel.payee', '{}', 'missing'],
    ['params.amount > 500', '{"amount":"600"}', 'failed', /a text can’t be compared with a number/],
    ['params.amount > 500', '{"amount":null}', 'failed', /a null can’t be compared/],
    ['params.amount > 500', '{"amount":1e999}', 'failed', /more digits than can be compared/],
    ['double(params.amount) > 500', '{"amount":"many"}', 'failed', /the text is none/],
    ['params.to.iban == "x"', '{"to":"x"}', 'failed', /a text has no field "iban"/],
    ['params.flag', '{"flag":"yes"}', 'failed', /gives a text/],
    ['params.gone == 1 && params.a > 1', '{"a":"x"}', 'failed', /compared/],
    ['params.text.matches("a+")', `{"text":"${'a'.repeat(30_000)}"}`, 'failed', /at most 20000 characters/],
    ['params.a % 2 == 1', '{"a":1.5}', 'failed', /whole numbers/],
    ['timestamp(params.due) > now', '{"due":"tomorrow"}', 'failed', /timestamp needs/],
  ];
  for (const [condition, params, type, message = /^$/] of others) {
    test(`${condition} of ${params.slice(0, 40)} ${type}`, () => {
      const verdict = verdictOf(condition, params);
      assert.equal(verdict.type, type);
      assert.match(verdict.type === 'failed' ? verdict.message : '', message);
    });
  }

  test('fields that JavaScript adds to objects are missing', () => {
    for (const name of ['constructor', 'toString', '__proto__', 'hasOwnProperty']) {
      assert.deepEqual(verdictOf(`params["${name}"] == 1`, '{}'), { type: 'missing', field: name });
      assert.deepEqual(verdictOf(`"${name}" in params`, '{}'), { type: 'fits_not' });
    }
  });
});

describe('what is wrong with a condition is found when it is loaded', () => {
  const wrongs: [condition: string, index: number, wrong: RegExp, remedy: RegExp][] = [
    ['amount > 500', 0, /"amount" is not a variable/, /Write params.amount/],
    ['param.amount > 500', 0, /"param" is not a variable/, /Did you mean params\?/],
    ['pause.tol == "x"', 6, /pause has no field "tol"/, /Did you mean tool\?/],
    ['params.a > 1e300', 11, /too many digits/, /at most 100/],
    ['params.a = 1', 9, /"=" is not CEL/, /Write ==/],
    ['params.a > 1 and params.b > 2', 13, /"and" is not CEL/, /Write &&/],
    ['params.a === 1', 9, /"===" is not CEL/, /Write ==/],
    ['params.a >', 10, /not complete/, /both sides/],
    ['(params.a > 1', 13, /not complete/, /bracket/],
    ['params.a == "x', 12, /quote is not closed/, /Close it/],
    ['asker > 5', 0, /types do not fit: text > number/, /same kind/],
    ['"EUR"', 0, /gives a text/, /Compare/],
    ['params.a / 2 > 1', 0, /\/ is not available/, /Multiply/],
    ['params.text.matches(params.pattern)', 20, /pattern in quotes/, /matches\("/],
    ['params.text.matches("(?=a)")', 20, /pattern of matches is not valid/, /RE2/],
    ['params.text.matches("(a{1,99}){1,9}")', 20, /too large/, /RE2/],
    ['params.text.startWith("a")', 0, /startWith/, /startsWith/],
    ['len(params.text) > 1', 0, /not a function/, /Known are|Did you mean/],
    ['params.a.all(x, params.b.all(y, params.c.all(z, z == x)))', 32, /More than 2/, /Split/],
    ['duration("1 hour") < duration("1h")', 0, /not a duration/, /1h30m/],
    ['now.getHours("Mars/Olympus") == 1', 13, /"Mars\/Olympus" is not a time zone/, /Europe\/Berlin/],
    ['now.getHours(params.zone) == 1', 13, /must be a text in quotes/, /Europe\/Berlin/],
    [`params.a == ${'('.repeat(60)}1${')'.repeat(60)}`, 0, /too deep|can’t be read/, /Split|Check/],
    ['x'.repeat(1_001), 1_000, /more than 1000 characters/, /Split/],
  ];
  for (const [condition, index, wrong, remedy] of wrongs) {
    test(condition.slice(0, 60), () => {
      const found = compileExpression(condition);
      if ('evaluate' in found) assert.fail('it compiles');
      assert.match(found.wrong, wrong);
      assert.match(found.remedy, remedy);
      if (index > 0) assert.equal(found.index, index);
    });
  }
});
