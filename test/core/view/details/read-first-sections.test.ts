import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Shown } from '../../../../src/core/approval/subject.ts';
import { unseenCaution, unseenText } from '../../../../src/core/view/cards/cautions.ts';
import { maskedValuesOf } from '../../../../src/core/view/content/masked-values.ts';
import { unseenOf } from '../../../../src/core/view/content/unseen.ts';
import { maskedSection, readFirstSection } from '../../../../src/core/view/details/read-first-sections.ts';
import { spanText } from '../../../../src/core/view/line-text.ts';
import { after, announced, pauseOf } from '../../../support/data/pauses.ts';

const cautionOf = (approval: Shown, readFirst = true) => unseenCaution(approval, unseenOf(approval), readFirst);
const shown = (more: Parameters<typeof pauseOf>[0]) => after(announced({ pause: pauseOf(more) }));
const masked = shown({ parameters: { password: 'x1'.repeat(100) } });

test('says in one short line what the card does not show, and where Approve leads', () => {
  assert.deepEqual(cautionOf(shown({})), []);
  assert.deepEqual(cautionOf(masked), ['Not shown: 1 long masked value. Approve opens Details first']);
  assert.deepEqual(cautionOf(masked, false), ['Not shown: 1 long masked value. Open Details before you decide']);
  const both = shown({ parameters: { password: 'x1'.repeat(100), note: 'word '.repeat(1_000) }, actions: ['reject'] });
  assert.match(
    cautionOf(both)[0] ?? '',
    /^Not shown: [\d,]+ characters and 1 long masked value. Open Details before you decide$/,
  );
  assert.equal(unseenText({ characters: 1, masks: [] }), '1 character');
});

test('Details begin with what was not on the card', () => {
  const text = (section = readFirstSection(masked, { reveal: true })[0]) =>
    section?.kind === 'lines' ? section.lines.map((line) => line.map(spanText).join('')) : [];
  assert.deepEqual(text(), [
    '1 long masked value was not on the card.',
    'Show opens a masked value, for you alone. It is recorded.',
    'The buttons to decide are at the end.',
  ]);
  assert.match(text(readFirstSection(masked, { reveal: false })[0]).join(), /REVEAL=off/);
  assert.deepEqual(readFirstSection(shown({}), { reveal: true }), []);
});

test('lists the masked values with their places and sizes, not with what they hide', () => {
  const [section] = maskedSection(maskedValuesOf(masked));
  assert.ok(section?.kind === 'masks');
  assert.deepEqual(section.masks, [{ index: 0, text: 'password: 200 characters' }]);
  assert.deepEqual(maskedSection([]), []);
});
