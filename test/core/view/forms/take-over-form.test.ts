import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { canBeKept, doneForm, takeOverForm } from '../../../../src/core/view/forms/take-over-form.ts';
import { limits } from '../../../../src/platforms/discord/api/size-limits.ts';
import { pauseOf } from '../../../support/data/pauses.ts';

describe('the form of a take-over', () => {
  test('says what becomes of it with a text and without one, and for how long', () => {
    const { form, note, submit } = takeOverForm(10 * 60_000);
    assert.match(note, /leave the text empty: nobody else can decide for 10 minutes, and the card gets Mark as done/);
    assert.match(note, /Say what you did: it is sent at once/);
    assert.deepEqual([form.fields[0]?.required, submit], [false, 'Take over']);
    assert.match(takeOverForm(null).note, /nobody else can decide, and the card/);
  });

  test('of what is done requires it, and says so at the field', () => {
    const [field] = doneForm.form.fields;
    assert.equal(field?.required, true);
    assert.match(field?.hint ?? '', /Required/);
  });

  test('has hints that Discord shows whole beside their field', () => {
    for (const { form } of [doneForm, takeOverForm(1_000)])
      for (const { hint, label } of form.fields)
        assert.ok(hint.length <= limits.labelDescription && label.length <= limits.label);
  });

  test('is of two acts only where there is work to do: an answer and an entry of an inbox decide at once', () => {
    assert.equal(canBeKept(pauseOf({ kind: 'approval' })), true);
    for (const kind of ['await', 'item'] as const) assert.equal(canBeKept(pauseOf({ kind })), false);
  });
});
