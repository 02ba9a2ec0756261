import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { answerText, formText } from '../../../src/core/form/as-text.ts';
import { checkForm } from '../../../src/core/form/check.ts';
import { type AnswerForm, type Filled, initialOf } from '../../../src/core/form/form.ts';
import { formFromSchema, jsonForm } from '../../../src/core/form/from-json-schema.ts';
import { problemWith, safeSchema } from '../../../src/core/form/json-schema.ts';
import { parseExact } from '../../../src/core/text/exact/parse.ts';

const contact = {
  type: 'object',
  properties: {
    name: { type: 'string', title: 'Full name', description: 'As on the invoice.', minLength: 2, maxLength: 40 },
    email: { type: 'string', format: 'email' },
    seats: { type: 'integer', minimum: 1, maximum: 20, default: 2 },
    tier: { type: 'string', enum: ['s', 'm'], enumNames: ['Small', 'Medium'], default: 'm' },
    days: {
      type: 'array',
      items: {
        oneOf: [
          { const: 'mon', title: 'Monday' },
          { const: 'tue', title: 'Tuesday' },
        ],
      },
      minItems: 1,
    },
    start: { type: 'string', format: 'date' },
    call_at: { type: 'string', format: 'date-time' },
    newsletter: { type: 'boolean', default: false },
  },
  required: ['name', 'email', 'days'],
};
const good: Filled = {
  f0: 'Mara Lindqvist',
  f1: ' mara@example.com ',
  f2: '12',
  f3: ['0'],
  f4: ['1', '0'],
  f5: '2026-09-02',
  f6: '2026-09-02 14:30+02:00',
  f7: ['yes'],
};

function errorsOf(form: AnswerForm, filled: Filled): Record<string, string> {
  const checked = checkForm(form, filled);
  return checked.ok ? {} : checked.errors;
}

describe('a form from a schema', () => {
  const form = formFromSchema(contact);

  test('has a field for each property, with its words, its limits and what it begins with', () => {
    assert.deepEqual(
      form.fields.map(({ kind, label, required }) => [kind, label, required]),
      [
        ['text', 'Full name', true],
        ['text', 'Email', true],
        ['number', 'Seats', false],
        ['choice', 'Tier', false],
        ['choice', 'Days', true],
        ['date', 'Start', false],
        ['moment', 'Call at', false],
        ['yes_no', 'Newsletter', false],
      ],
    );
    assert.deepEqual(initialOf(form), { f2: '2', f3: ['1'], f7: ['no'] });
  });

  test('shows the value beside a title that doesn’t say it', () => {
    const disguised = formFromSchema({
      type: 'object',
      properties: { what: { oneOf: [{ const: 'delete_all', title: 'Keep everything' }] } },
    });
    assert.match(formText(disguised), /1\. Keep everything \[delete_all\]/);
  });

  test('becomes the answer, typed as the schema has it', () => {
    const checked = checkForm(form, good);
    assert.ok(checked.ok);
    assert.deepEqual(JSON.parse(checked.text ?? ''), {
      name: 'Mara Lindqvist',
      email: 'mara@example.com',
      seats: 12,
      tier: 's',
      days: ['mon', 'tue'],
      start: '2026-09-02',
      call_at: '2026-09-02T12:30:00.000Z',
      newsletter: true,
    });
    assert.equal(answerText(form, checked.text ?? '')?.split('\n')[4], 'Days: Monday [mon], Tuesday [tue]');
  });

  const wrong: [string, Filled[string], RegExp][] = [
    ['f0', 'M', /Too short: 2 characters at least/],
    ['f0', 'M'.repeat(41), /Too long: 40 characters at most/],
    ['f0', '  ', /needed/],
    ['f1', 'mara', /an e-mail address/],
    ['f2', '2.5', /a whole number/],
    ['f2', '21', /Too large: 20 or less/],
    ['f2', '0', /Too small: 1 or more/],
    ['f2', 'many', /a whole number/],
    ['f2', '123456789012345678', /Too large: 20 or less/],
    ['f3', 'Huge', /“Huge” is none of the options/],
    ['f3', ['7'], /one of the options/],
    ['f3', ['0', '1'], /one of the options/],
    ['f4', [], /needed/],
    ['f5', '2026-02-30', /a date/],
    ['f6', 'tomorrow', /day and time/],
    ['f7', 'maybe', /yes or no/],
  ];
  for (const [key, given, words] of wrong) {
    test(`says what is wrong with ${key}: ${JSON.stringify(given).slice(0, 24)}`, () => {
      const errors = errorsOf(form, { ...good, [key]: given });
      assert.deepEqual(Object.keys(errors), [key]);
      assert.match(errors[key] ?? '', words);
    });
  }

  test('leaves out what may be left out', () => {
    const checked = checkForm(form, { f0: 'Mara', f1: 'm@example.com', f4: ['0'] });
    assert.deepEqual(checked.ok && JSON.parse(checked.text ?? ''), {
      name: 'Mara',
      email: 'm@example.com',
      days: ['mon'],
    });
  });

  test('keeps a property’s name a name, whatever it is called', () => {
    const form = formFromSchema(JSON.parse('{"type":"object","properties":{"__proto__":{"type":"string"}}}'));
    const checked = checkForm(form, { f0: 'x' });
    assert.equal(checked.ok && checked.text, '{"__proto__":"x"}');
  });
});

describe('what no form can carry', () => {
  const nested = {
    type: 'object',
    properties: { address: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] } },
    required: ['address'],
  };

  test('is written as JSON, and held against the schema', () => {
    const form = formFromSchema(nested);
    assert.deepEqual([form.shape, form.fields.length], ['json', 1]);
    assert.match(errorsOf(form, { json: '{' })['json'] ?? '', /no JSON/);
    assert.match(errorsOf(form, { json: '{"address":{}}' })['json'] ?? '', /“address\.city” is missing, a text/);
    assert.match(errorsOf(form, { json: '[]' })['json'] ?? '', /The answer must be an object/);
    const checked = checkForm(form, { json: '{"address":{"city":"Kiel"}}' });
    assert.deepEqual(checked, { ok: true, text: '{"address":{"city":"Kiel"}}' });
  });

  const tooMuch: [string, unknown][] = [
    ['a reference', { type: 'object', properties: { a: { $ref: '#/$defs/a' } }, $defs: { a: { type: 'string' } } }],
    [
      'too many fields',
      {
        type: 'object',
        properties: Object.fromEntries(Array.from({ length: 26 }, (_, i) => [`p${i}`, { type: 'string' }])),
      },
    ],
    [
      'an endless list of options',
      { type: 'object', properties: { a: { enum: Array.from({ length: 251 }, (_, i) => `o${i}`) } } },
    ],
    [
      'a book of a schema',
      {
        type: 'object',
        properties: Object.fromEntries(
          Array.from({ length: 20 }, (_, i) => [
            `p${i}`,
            { enum: Array.from({ length: 200 }, (_, j) => `option ${j}`) },
          ]),
        ),
      },
    ],
    ['no schema at all', 'text'],
    ['nothing', undefined],
  ];
  for (const [name, schema] of tooMuch) {
    test(`is JSON for ${name}`, () => assert.equal(formFromSchema(schema).shape, 'json'));
  }

  test('no pattern from outside is ever run, and none hangs', () => {
    const evil = '^(a+)+$';
    const text = `${'a'.repeat(22)}!`;
    const flat = formFromSchema({ type: 'object', properties: { a: { type: 'string', pattern: evil } } });
    assert.deepEqual(checkForm(flat, { f0: text }), { ok: true, text: JSON.stringify({ a: text }) });
    assert.match(flat.fields[0]?.hint ?? '', /must match the pattern/i);
    const deep = {
      type: 'object',
      properties: {
        a: { type: 'object', properties: { b: { type: 'string', pattern: evil } }, patternProperties: { [evil]: {} } },
      },
    };
    assert.deepEqual(errorsOf(formFromSchema(deep), { json: JSON.stringify({ a: { b: text, [text]: 1 } }) }), {});
  });

  test('a few lines that ask for endless work are not begun', () => {
    const levels = Array.from({ length: 40 }, (_, level) => [
      `l${level}`,
      { anyOf: [{ $ref: `#/$defs/l${level + 1}` }, { $ref: `#/$defs/l${level + 1}` }] },
    ]);
    const bomb = { $ref: '#/$defs/l0', $defs: Object.fromEntries([...levels, ['l40', { type: 'string' }]]) };
    assert.equal(problemWith(1, safeSchema(bomb)), null);
    const deep = JSON.parse(`${'{"type":"array","items":'.repeat(5_000)}{}${'}'.repeat(5_000)}`);
    assert.equal(formFromSchema(deep).shape, 'json');
    assert.equal(problemWith([], safeSchema({ type: 'nonsense' })), null);
  });
});

describe('a number', () => {
  const bigger = '{"exclusiveMinimum":9007199254740992,"maximum":1234567890123456789}';
  const form = formFromSchema(
    parseExact(
      `{"type":"object","properties":{
        "id":{"type":"integer",${bigger.slice(1, -1)},"default":9007199254740993},
        "share":{"type":"number"},
        "rate":{"enum":[1.0,2.50,1e3],"default":2.5}
      }}`,
    ),
  );
  const answer = (filled: Filled) => {
    const checked = checkForm(form, filled);
    return checked.ok ? checked.text : checked.errors;
  };

  test('is sent in the digits that were written', () => {
    assert.equal(answer({ f0: '1234567890123456788' }), '{"id":1234567890123456788}');
    assert.equal(answer({ f0: '9007199254740993.0', f1: '120.00' }), '{"id":9007199254740993.0,"share":120.00}');
    for (const [written, sent] of [
      ['+007.50', '7.50'],
      ['-.5', '-0.5'],
      ['-00', '-0'],
      ['1e3', '1e3'],
      ['0.1000000000000000000001', '0.1000000000000000000001'],
    ] as const)
      assert.equal(answer({ f1: written }), `{"share":${sent}}`);
  });

  test('is compared with its bounds digit by digit', () => {
    assert.deepEqual(answer({ f0: '9007199254740992' }), { f0: 'Too small: more than 9007199254740992.' });
    assert.deepEqual(answer({ f0: '1234567890123456790' }), { f0: 'Too large: 1234567890123456789 or less.' });
    assert.deepEqual(answer({ f0: '9007199254740993.5' }), { f0: 'Write a whole number, like 12.' });
    assert.deepEqual(answer({ f1: '1e999' }), { f1: 'Write a number, like 12.5.' });
  });

  test('of a choice is shown and sent as its schema spells it', () => {
    assert.deepEqual(initialOf(form), { f0: '9007199254740993', f2: ['1'] });
    assert.match(formText(form), /1\. 1\.0\n.*2\. 2\.50\n.*3\. 1e3/);
    assert.equal(answer({ f2: ['1'] }), '{"rate":2.50}');
    assert.equal(answer({ f2: '1e3' }), '{"rate":1e3}');
    assert.equal(answerText(form, '{"rate":2.50,"id":9007199254740993}'), 'Id: 9007199254740993\nRate: 2.50');
  });

  test('of an answer as JSON keeps its digits, and is checked by its value', () => {
    const schema = parseExact(
      '{"type":"object","properties":{"n":{"type":"integer","minimum":1.0},"of":{"type":"array","items":{"enum":[1.50,2]}},"s":{"type":"string"}}}',
    );
    const json = (text: string) => {
      const checked = checkForm(jsonForm(schema), { json: text });
      return checked.ok ? checked.text : checked.errors['json'];
    };
    for (const text of ['{"n":1234567890123456789,"of":[1.5,2.0]}', '{"n":5.0,"more":[-0,1E400]}'])
      assert.equal(json(text), text);
    assert.match(json('{"n":0.50}') ?? '', /“n” must be a whole number/);
    assert.match(json('{"n":-5.0}') ?? '', /“n”/);
    assert.match(json('{"s":1234567890123456789}') ?? '', /“s” must be a text/);
    assert.match(json('{"of":[1.51]}') ?? '', /“of\.0” is none of/);
    assert.match(json('{"n":5,"n":6}') ?? '', /“n” is given twice/);
  });
});

test('a menu too long for a platform is answered in its own words, by value or label', () => {
  const values = Array.from({ length: 120 }, (_, index) => `o${index}`);
  const form = formFromSchema({
    type: 'object',
    properties: { a: { enum: values, enumNames: values.map((value) => `Option ${value}`) } },
  });
  for (const raw of ['o7', 'Option o7', 'option O7'])
    assert.deepEqual(checkForm(form, { f0: raw }), { ok: true, text: '{"a":"o7"}' });
  const numbers = formFromSchema({ type: 'object', properties: { a: { enum: [10, 2, 0] } } });
  assert.deepEqual(checkForm(numbers, { f0: '2' }), { ok: true, text: '{"a":2}' }, 'a value, not a place in the list');
  assert.deepEqual(checkForm(numbers, { f0: ['2'] }), { ok: true, text: '{"a":0}' }, 'a name from a menu');
});
