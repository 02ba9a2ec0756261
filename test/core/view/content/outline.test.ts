import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { fitParameters, parametersBrief } from '../../../../src/core/view/content/outline.ts';
import { runs } from '../../../support/property.ts';

const room = { max: 2_400, maxLines: 40 };
const filler = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, at) => [`key_${at}`, `v${at}`]));

describe('parameters that fit', () => {
  test('are shown as they came', () => {
    assert.deepEqual(fitParameters({ note: 'a', amount: 5 }, room), { text: 'note:   a\namount: 5', hidden: 0 });
    assert.deepEqual(parametersBrief({ note: 'a', amount: 5 }, 100), { text: 'note: a · amount: 5', hidden: 0 });
  });
});

describe('parameters that do not fit', () => {
  test('show what names an amount, a recipient or a target first, and say how much is left out', () => {
    const { text, hidden } = fitParameters({ ...filler(45), amount: 9_000, to: 'Mallory' }, room);
    assert.match(text, /^amount: 9000\nto: Mallory\nkey_0: v0\n/);
    assert.match(text, /\n… \d+ more values, \d+ characters$/);
    assert.ok(hidden > 0);
  });

  test('find it in an object, too, by its path', () => {
    const { text } = fitParameters({ ...filler(45), payload: { meta: { dryRun: false, scope: 'ALL' } } }, room);
    assert.match(text, /^payload\.meta\.dryRun: false\npayload\.meta\.scope: ALL\n/);
  });

  test('mark what changed, before all others', () => {
    const { text } = fitParameters({ amount: 1, ...filler(45) }, room, () => new Set(['["key_30"]']));
    assert.match(text, /^key_30: v30 ← changed\namount: 1\n/);
  });

  test('show head and tail of a long list, and of a long value', () => {
    const records = Array.from({ length: 90 }, (_, at) => ({ id: at }));
    const { text, hidden } = fitParameters({ records, note: 'n'.repeat(5_000) }, { max: 900 });
    assert.match(text, /^note: n+ … n+ \(5,000 characters\)$/m);
    assert.match(text, /^records: 90 items: \{ "id": 0 \}, \{ "id": 1 \} … \{ "id": 89 \}$/m);
    assert.ok(hidden > 4_000);
  });

  test('keep the quotes of a name that could pass for another row', () => {
    const { text } = fitParameters({ ...filler(60), 'amount: 5\nto': 'x', 'a.b': 1 }, room);
    assert.match(text, /^"amount: 5\\nto": x$/m);
    assert.doesNotMatch(text, /^amount: 5$/m);
  });

  test('are paths on one line, where they are nested', () => {
    const nested = { contact: 'Bo', payload: { amount: 5, to: ['a', 'b'] } };
    assert.deepEqual(parametersBrief(nested, 100), {
      text: 'contact: Bo · payload.amount: 5 · payload.to: ["a", "b"]',
      hidden: 0,
    });
    assert.deepEqual(parametersBrief({}, 100), { text: '', hidden: 0 });
  });

  test('fit on one line', () => {
    const { text, hidden } = parametersBrief({ ...filler(45), amount: 9_000 }, 100);
    assert.match(text, /^amount: 9000 · key_0: v0 · .* … \d+ more values, \d+ characters$/);
    assert.ok(hidden > 0 && text.length <= 100);
  });
});

test('whatever the parameters are: it fits, and it says so if a value is not there', () => {
  const value = fc.dictionary(
    fc.string({ maxLength: 20 }),
    fc.oneof(fc.jsonValue(), fc.stringMatching(/^[a-z]{1,400}$/), fc.array(fc.integer(), { maxLength: 50 })),
    { maxKeys: 60 },
  );
  fc.assert(
    fc.property(value, fc.integer({ min: 200, max: 2_400 }), (parameters, max) => {
      const marked = { ...parameters, marked: 'QQMARKERQQ' };
      const { text, hidden } = fitParameters(marked, { max, maxLines: 20 });
      assert.ok(text.length <= max && text.split('\n').length <= 20, `${text.length} ${text.split('\n').length}`);
      if (!text.includes('QQMARKERQQ')) assert.ok(hidden > 0);
    }),
    { numRuns: runs(200) },
  );
});
