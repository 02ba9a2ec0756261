import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { checkForm } from '../../../src/core/form/check.ts';
import { filledFor } from '../../../src/core/form/filled-for.ts';
import { type AnswerForm, type Filled, OWN_NAME, optionName, textForm } from '../../../src/core/form/form.ts';
import { formFromSchema, optionOf } from '../../../src/core/form/from-json-schema.ts';

const text: AnswerForm = { ...textForm({ label: 'Answer', hint: '', required: true }), shape: 'output' };
const other = { key: 'text', label: 'Something else', long: true, join: false };
const about = { key: 'choice', path: [], label: 'Which?', hint: '', required: true, min: null, max: null };
const choice: AnswerForm = {
  shape: 'output',
  fields: [
    {
      ...about,
      kind: 'choice',
      many: false,
      options: [optionOf('staging', undefined), optionOf('production', 'Production')],
      other,
      initial: [],
    },
  ],
};
const object = formFromSchema({
  type: 'object',
  properties: {
    name: { type: 'string' },
    seats: { type: 'integer' },
    tier: { type: 'string', enum: ['s', 'm'] },
    days: { type: 'array', items: { enum: ['mon', 'tue'] } },
    start: { type: 'string', format: 'date' },
    newsletter: { type: 'boolean' },
  },
  required: ['name'],
});

const cases: [string, AnswerForm, Filled][] = [
  ['words', text, { text: 'At noon, please' }],
  ['words that are sent as JSON', text, { text: '{"at":12}' }],
  ['an option', choice, { choice: [optionName(1)] }],
  ['words beside the options', choice, { choice: [OWN_NAME], text: 'neither' }],
  [
    'every kind of field',
    object,
    Object.fromEntries(
      object.fields.map((field) => {
        if (field.kind === 'yes_no') return [field.key, ['yes']];
        if (field.kind === 'choice') return [field.key, [optionName(1)]];
        if (field.kind === 'number') return [field.key, '3'];
        return [field.key, field.kind === 'date' ? '2026-12-01' : 'Bo Li'];
      }),
    ),
  ],
];

describe('the form opens with the answer of the first person, so that the second signs the same words', () => {
  for (const [name, form, filled] of cases) {
    test(name, () => {
      const first = checkForm(form, filled);
      assert.ok(first.ok && first.text !== null);
      const again = filledFor(form, first.text, first.sentAs);
      assert.ok(again !== null);
      assert.deepEqual(checkForm(form, again), first);
    });
  }
  test('an answer that the form can’t give is not filled in', () => {
    assert.equal(filledFor(object, 'not JSON'), null);
    assert.equal(filledFor(object, '{"name":"Bo","unknown":1}'), null);
    assert.equal(filledFor(text, '  '), null);
  });
});
