import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { jsonText, parametersLine, parametersText } from '../../../src/core/text/parameters.ts';
import { reveal } from '../../../src/core/text/visible/reveal.ts';
import { runs } from '../../support/property.ts';

test('what fits on a line stands on one', () => {
  const options = [
    { id: 'early', label: '08:30 to 10:00, Ines' },
    { id: 'noon', label: '12:00 to 13:30, Tomasz' },
  ];
  assert.equal(
    jsonText({ customer: 'Café Amsel', day: '2026-09-02', options, note: null }),
    [
      '{',
      '  "customer": "Café Amsel",',
      '  "day": "2026-09-02",',
      '  "options": [',
      '    { "id": "early", "label": "08:30 to 10:00, Ines" },',
      '    { "id": "noon", "label": "12:00 to 13:30, Tomasz" }',
      '  ],',
      '  "note": null',
      '}',
    ].join('\n'),
  );
  assert.equal(jsonText({ amount: 3, tags: ['a', 'b'] }), '{ "amount": 3, "tags": ["a", "b"] }');
  assert.equal(jsonText(undefined), '');
});

test('it is still the same JSON', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      assert.deepEqual(JSON.parse(jsonText(value)), JSON.parse(JSON.stringify(value)));
    }),
    { numRuns: runs(500) },
  );
});

test('a lone carriage return is not a line break: it is shown', () => {
  assert.equal(parametersText({ a: 'safe\rrm -rf' }), 'a: "safe\\rrm -rf"');
  assert.equal(reveal(parametersText({ a: 'one\r\ntwo\rthree' })), 'a:\n  │ one\n  │ two⟨U+000D⟩three');
});

test('a text that looks like two values, or like our marks, keeps its quotes', () => {
  assert.equal(parametersLine({ to: 'Bo · amount: 5', amount: 9 }), 'to: "Bo · amount: 5" · amount: 9');
  assert.equal(parametersText({ to: 'Bo ← changed' }), 'to: "Bo ← changed"');
});
