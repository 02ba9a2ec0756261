import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { checkForm } from '../../../src/core/form/check.ts';
import { textForm } from '../../../src/core/form/form.ts';
import { isBlank } from '../../../src/core/text/blank.ts';
import { formFor } from '../../../src/core/view/forms/decision-form.ts';
import { after, announced, pauseOf } from '../../support/data/pauses.ts';
import { runs } from '../../support/property.ts';

/** By name, so that a failure says which. */
const invisible: Record<string, string> = {
  space: ' ',
  'tab and line breaks': '\t\r\n\v\f\u0085\u2028\u2029',
  'no-break spaces': '\u00a0\u202f\u2007',
  'other spaces': '\u1680\u2000\u2003\u200a\u205f\u3000',
  'zero-width space': '\u200b',
  'joiners and word joiner': '\u200c\u200d\u2060',
  'byte order mark': '\ufeff',
  'soft hyphen': '\u00ad',
  'marks of direction': '\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069',
  'Hangul fillers': '\u115f\u1160\u3164\uffa0',
  'braille blank': '\u2800',
  'Mongolian vowel separator': '\u180e',
  'invisible operators': '\u2061\u2062\u2063\u2064',
  'variation selectors': '\ufe0e\ufe0f\u{e0100}',
  tags: '\u{e0001}\u{e0041}',
  'Khmer inherent vowels': '\u17b4\u17b5',
  'marks without a letter': '\u0301\u0308\u20dd\u0336',
  'object placeholder': '\ufffc',
  'a null and a bell': '\u0000\u0007',
  'half a pair': '\ud83d',
  'musical null note head': '\u{1d159}',
};

for (const [name, text] of Object.entries(invisible)) {
  test(`${name} alone say nothing`, () => assert.equal(isBlank(text), true));
}

test('any mix of them says nothing, and one letter among them something', () => {
  const mix = fc.array(fc.constantFrom(...Object.values(invisible)), { maxLength: 12 }).map((all) => all.join(''));
  const seen = fc.constantFrom('a', '.', '0', '-', 'é', 'ß', 'क', 'ع', '가', '👍', '…', '⠁', '中');
  fc.assert(
    fc.property(mix, seen, mix, (before, letter, behind) => {
      assert.equal(isBlank(before + behind), true);
      assert.equal(isBlank(before + letter + behind), false);
      // No form takes it: neither where it is needed, nor as an answer that would say nothing.
      const needed = textForm({ label: 'Why?', hint: '', required: true });
      assert.equal(checkForm(needed, { text: before }).ok, false);
      assert.deepEqual(
        checkForm({ ...needed, fields: [{ ...needed.fields[0], required: false }] as never }, { text: before }),
        {
          ok: true,
          text: null,
        },
      );
      assert.deepEqual(checkForm(needed, { text: before + letter }), { ok: true, text: before + letter });
    }),
    { numRuns: runs(500) },
  );
});

test('a reason of invisible characters is none, beside quick reasons too, nor is an answer or what was done', () => {
  const approval = after(announced());
  const asked = after(announced({ pause: pauseOf({ kind: 'await' }) }));
  const buttonId = (action: 'reject' | 'take_over') => ({ approvalId: 'ap1', action, fingerprint: 'd1' });
  const settings = { quickReasons: [] as string[], reasonRequired: true, approveNote: false };
  const quick = { ...settings, quickReasons: ['Too expensive'] };
  const blank = '\u200b\u3164 \u2800';
  for (const form of [
    formFor(buttonId('reject'), approval, settings, null),
    formFor(buttonId('reject'), approval, quick, null),
    formFor({ ...buttonId('take_over'), done: true }, approval, settings, null),
    formFor(buttonId('take_over'), asked, settings, null),
  ]) {
    assert.equal(checkForm(form, { text: blank }).ok, false, form.title);
  }
  const chosen = checkForm(formFor(buttonId('reject'), approval, quick, null), { reason: ['0'], text: blank });
  assert.deepEqual(chosen, { ok: true, text: 'Too expensive' });
});
