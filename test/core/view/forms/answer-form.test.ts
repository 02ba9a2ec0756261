import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { checkForm } from '../../../../src/core/form/check.ts';
import {
  type Field,
  type Filled,
  initialOf,
  OWN_NAME,
  optionName,
  otherHint,
  ownOption,
} from '../../../../src/core/form/form.ts';
import { offeredIn } from '../../../../src/core/form/offered.ts';
import { outputValue, WRITTEN_HINT } from '../../../../src/core/form/output.ts';
import { parseExact } from '../../../../src/core/text/exact/parse.ts';
import { answerFormOf, answerShown } from '../../../../src/core/view/forms/answer-form.ts';
import { pauseOf } from '../../../support/data/pauses.ts';
import { runs } from '../../../support/property.ts';

const asking = (parameters: Record<string, unknown>) => pauseOf({ kind: 'await', tool: 'pick_slot', parameters });
const slots = asking({
  day: '2026-09-02',
  options: [
    { id: 'early', label: '08:30 to 10:00, Ines' },
    { id: 12, label: 'Noon' },
    { id: '[1]', label: 'A list?' },
    { id: true, label: 'Yes' },
  ],
});

function sent(filled: Filled, pause = slots): unknown {
  const form = answerFormOf(pause);
  const checked = checkForm(form, { ...initialOf(form), ...filled });
  if (!checked.ok) return checked.errors;
  assert.ok(checked.text !== null);
  return outputValue(checked.text, checked.sentAs);
}

describe('a form with options', () => {
  test('opens with the option for other words, so that neither input is empty by mistake', () => {
    const form = answerFormOf(slots);
    const [field] = form.fields;
    assert.ok(field?.kind === 'choice');
    assert.deepEqual(initialOf(form), { choice: [OWN_NAME] });
    assert.equal(ownOption(field)?.label, 'Something else: write it below');
    assert.equal(field.hint, 'From options; its value is sent, as it is in the list.');
    assert.equal(field.other?.hint, WRITTEN_HINT);
    // As long as Discord shows it.
    assert.equal(otherHint(field), `Needed if chosen above. ${WRITTEN_HINT}`);
    assert.ok(otherHint(field).length <= 100);
  });

  test('of several choices opens with none, so that no unwanted one is sent', () => {
    const form = answerFormOf(slots);
    const fields = form.fields.map((field) => ({ ...field, many: true }) as Field);
    assert.deepEqual(initialOf({ ...form, fields }), {});
  });

  test('sends the value that was chosen, of the type that it has', () => {
    assert.equal(sent({ choice: ['0'] }), 'early');
    assert.equal(sent({ choice: ['1'] }), 12);
    assert.equal(sent({ choice: ['2'] }), '[1]', 'a text that reads like JSON stays a text');
    assert.equal(sent({ choice: ['3'] }), true);
  });

  test('sends what was written as text, or a list or an object as JSON', () => {
    assert.equal(sent({ text: 'Thursday at 10:30' }), 'Thursday at 10:30');
    assert.equal(sent({ text: '42' }), '42');
    assert.equal(sent({ text: '"quoted"' }), '"quoted"');
    assert.deepEqual(sent({ text: '{"slot": "10:30"}' }), { slot: '10:30' });
    assert.deepEqual(sent({ text: '{"a": 1, "a": 2}' }), { choice: '“a” is given twice.' });
  });

  test('takes an option’s own words for that option', () => {
    assert.equal(sent({ text: 'Noon' }), 12);
    assert.equal(sent({ text: '12' }), 12);
    assert.equal(sent({ text: 'noon' }), 'noon', 'but nothing that only resembles them');
  });

  test('asks for one of the two, and not for both', () => {
    assert.deepEqual(sent({}), { choice: 'Choose one, or write your own words.' });
    assert.deepEqual(sent({ text: ' ' }), { choice: 'Choose one, or write your own words.' });
    assert.deepEqual(sent({ choice: ['0'], text: 'x' }), {
      choice: 'Choose one, or write your own words: not both.',
    });
    const errors = checkForm(answerFormOf(slots), { text: '' });
    assert.deepEqual(errors, { ok: false, errors: { text: 'Choose one, or write your own words.' } });
  });

  test('shows on cards what was chosen, with what was sent for it', () => {
    assert.equal(answerShown(slots, 'early'), '08:30 to 10:00, Ines [early]');
    assert.equal(answerShown(slots, 'Thursday'), 'Thursday');
    assert.equal(answerShown(pauseOf({ kind: 'item', parameters: slots.parameters }), 'early'), 'early');
  });
});

test('without a list there is one text, and it says how it is sent', () => {
  const form = answerFormOf(asking({ day: '2026-09-02' }));
  assert.equal(form.shape, 'output');
  assert.deepEqual(
    form.fields.map(({ key, hint, required }) => [key, hint, required]),
    [['text', WRITTEN_HINT, true]],
  );
  for (const text of ['yes', 'true', '42', '"quoted"', '{broken']) assert.equal(sent({ text }, asking({})), text);
  assert.deepEqual(sent({ text: '[1, 2]' }, asking({})), [1, 2]);
});

const anyValue = fc.oneof(
  fc.string(),
  fc.integer(),
  fc.boolean(),
  fc.constantFrom('true', '42', '[1]', '{"a":1}', '""', 'null', 'own', '0'),
);
const anyList = fc.array(fc.oneof(anyValue, fc.record({ id: anyValue, label: fc.string() })), {
  minLength: 1,
  maxLength: 300,
});

test('whatever is chosen or written, an offered value or the written text is sent', () => {
  fc.assert(
    fc.property(anyList, fc.nat(400), fc.string(), fc.boolean(), (options, at, words, chooses) => {
      const pause = asking({ options });
      const found = offeredIn(pause);
      fc.pre(found !== null);
      const form = answerFormOf(pause);
      const filled: Filled = chooses ? { choice: [optionName(at)] } : { choice: [OWN_NAME], text: words };
      const checked = checkForm(form, filled);
      if (!checked.ok) return;
      const value = JSON.stringify(outputValue(checked.text ?? '', checked.sentAs));
      const offered = found.options.map((one) => JSON.stringify(one.value));
      if (chooses) assert.equal(value, offered[at]);
      else assert.ok(offered.includes(value) || value === JSON.stringify(words) || isJsonOf(value, words));
    }),
    { numRuns: runs(300) },
  );
});

function isJsonOf(value: string, words: string): boolean {
  return /^\s*[[{]/.test(words) && JSON.stringify(parseExact(words)) === value;
}
