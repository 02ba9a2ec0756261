/** Laws of every condition: it never throws, it ends soon, and where CEL's own evaluation is exact it agrees with it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { evaluate } from '@marcbachmann/cel-js';
import fc from 'fast-check';
import type { Facts } from '../../../src/core/policy/rules/document.ts';
import { compileExpression } from '../../../src/policy/cel/compile.ts';

const factsWith = (params: Facts['params']): Facts => ({ params, pause: {}, novel: {}, now: 0 });

/** Conditions over a, b (numbers), s (a text) and l (a list of numbers). */
const { condition } = fc.letrec<{ condition: string; number: string }>((tie) => ({
  number: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom('params.a', 'params.b', '3', '-2', 'params.l[0]', 'params.gone'),
    fc.tuple(tie('number'), fc.constantFrom('+', '-', '*'), tie('number')).map(([a, op, b]) => `(${a} ${op} ${b})`),
    tie('condition').map((one) => `(${one} ? params.a : 7)`),
  ),
  condition: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom(
      'true',
      'has(params.a)',
      'has(params.gone)',
      'params.s.contains("x")',
      'params.s == "x"',
      'params.s > 1',
    ),
    fc
      .tuple(tie('number'), fc.constantFrom('<', '<=', '>', '>=', '==', '!='), tie('number'))
      .map(([a, op, b]) => `(${a} ${op} ${b})`),
    fc.tuple(tie('condition'), fc.constantFrom('&&', '||'), tie('condition')).map(([a, op, b]) => `(${a} ${op} ${b})`),
    tie('condition').map((one) => `!${one}`),
    tie('number').map((one) => `params.l.exists(x, x > ${one})`),
    tie('number').map((one) => `params.l.all(x, x != ${one})`),
    tie('number').map((one) => `${one} in params.l`),
  ),
}));
const small = fc.integer({ min: -50, max: 50 });

test('with small whole numbers it agrees with the library', () => {
  fc.assert(
    fc.property(condition, small, small, fc.array(small, { maxLength: 4 }), (text, a, b, l) => {
      const compiled = compileExpression(text);
      if (!('evaluate' in compiled)) return;
      const verdict = compiled.evaluate(factsWith({ a, b, l, s: 'axb' }));
      let expected: unknown = null;
      try {
        expected = evaluate(text, { params: { a: BigInt(a), b: BigInt(b), l: l.map(BigInt), s: 'axb' } });
      } catch {
        expected = null;
      }
      const own = verdict.type === 'fits' ? true : verdict.type === 'fits_not' ? false : null;
      assert.equal(own, expected, text);
    }),
    { numRuns: 300 },
  );
});

test('it never throws, whatever the text and the request are', () => {
  const texts = fc.oneof(
    condition,
    fc.string({ maxLength: 60 }),
    fc.constantFrom('params', 'params.a.b.c', 'params.a[params.b]'),
  );
  fc.assert(
    fc.property(
      texts,
      fc.dictionary(fc.constantFrom('a', 'b', 's', 'l', '__proto__'), fc.jsonValue()),
      (text, params) => {
        const compiled = compileExpression(text);
        if ('evaluate' in compiled)
          assert.ok(typeof compiled.evaluate(factsWith(params as Facts['params'])).type === 'string');
        else assert.ok(compiled.index >= 0 && compiled.wrong !== '' && compiled.remedy !== '');
      },
    ),
    { numRuns: 300 },
  );
});

test('the largest request ends soon, also where each item is compared with each other', () => {
  const params = { l: Array.from({ length: 5_000 }, (_, at) => at), s: 'a'.repeat(200_000), t: 'a'.repeat(19_000) };
  const heavy = [
    'params.l.all(x, !params.l.exists(y, y == x + 100000))',
    'params.l.all(x, !params.s.contains("b"))',
    'params.l.map(x, params.s + params.s).size() > 1',
    'params.l.all(x, !params.t.matches("(a|aa)+b"))',
    'params.l.all(x, params.l != params.l.map(y, y + 1))',
  ];
  for (const text of heavy) {
    const compiled = compileExpression(text);
    if (!('evaluate' in compiled)) assert.fail(compiled.wrong);
    const started = performance.now();
    const { type } = compiled.evaluate(factsWith(params));
    // About 50 ms on a quiet machine.
    assert.ok(performance.now() - started < 3_000, text);
    assert.equal(type, 'failed', text);
  }
});
