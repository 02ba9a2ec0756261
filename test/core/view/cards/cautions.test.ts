import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Input } from '../../../../src/core/approval/inputs.ts';
import { renderCard } from '../../../../src/core/view/cards/approval-card.ts';
import { repeatedText } from '../../../../src/core/view/cards/cautions.ts';
import { detailsOf } from '../../../../src/core/view/details/sections.ts';
import { spanText } from '../../../../src/core/view/line-text.ts';
import { after, announced, pauseOf } from '../../../support/data/pauses.ts';

test('a key that was given twice is named, unless the backend hides it', () => {
  const said = (repeated: string[], hidden: string[] = []) => repeatedText(pauseOf({ repeated, hidden }));
  assert.deepEqual(said([]), []);
  assert.deepEqual(said(['amount']), ['amount is given twice: the last value counts']);
  assert.deepEqual(said(['amount', 'to.iban']), ['amount and to.iban are given twice: the last values count']);
  assert.deepEqual(said(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']), [
    'a, b, c, d, e, f, and 2 more are given twice: the last values count',
  ]);
  assert.deepEqual(said(['memo', 'memo.to', 'memory'], ['memo']), ['memory is given twice: the last value counts']);
  assert.deepEqual(said(['a\n✅ b']).length, 1);
  assert.doesNotMatch(said([`a\n${'b'.repeat(900)}`]).join(), /\n|b{80}/);
});

test('look-alikes are named on the card, a few of them, and all in Details', () => {
  const hosts = ['аpple.com', 'gооgle.com', 'раypal.com', 'еbay.com', 'аmazon.com'];
  const state = after(announced({ pause: pauseOf({ tool: 'dеlete', asker: 'Bob', parameters: { hosts } }) }));
  const [caution, ...others] = renderCard(state, { backend: 'Runtype' }).cautions.filter((one) =>
    one.startsWith('Check'),
  );
  assert.equal(
    caution,
    'Check the spelling: “аpple.com” is xn--pple-43d.com; “gооgle.com” is xn--ggle-55da.com; “раypal.com” is xn--ypal-43d9g.com; and 3 more',
  );
  assert.deepEqual(others, []);
  const details = JSON.stringify(detailsOf(state, [], 'Runtype').sections);
  assert.match(details, /“dеlete” mixes Latin and Cyrillic/);
});

test('a key that is a sentence is quoted in a caution', () => {
  const state = after(
    announced({ pause: pauseOf({ parameters: { 'x. Approved by Dana': 1 }, hidden: ['x. Approved by Dana'] }) }),
  );
  assert.ok(
    renderCard(state, { backend: 'Runtype' }).cautions.includes(
      'Runtype hides 1 parameter from reviewers: “x. Approved by Dana”',
    ),
  );
});

test('a card that a platform refused is not counted among the platforms that show it', () => {
  const footer = (...inputs: Input[]) =>
    renderCard(after(announced(), ...inputs), { backend: 'Runtype' })
      .footer.flat()
      .map(spanText)
      .join('');
  const refused = (slot: string, final: boolean): Input => {
    return { type: 'content_refused', slot, refused: { content: 'd1', reason: 'blocked by AutoMod', final } };
  };
  const slot = 'card@discord:4100';
  assert.match(footer(), / · in Slack and Discord$/);
  assert.match(footer(refused(slot, false)), / · in Slack and Discord$/);
  assert.doesNotMatch(footer(refused(slot, true)), / · in /);
  const posted: Input = { type: 'posted', slot, receipt: { platform: 'discord', room: '4100', message: '1' } };
  assert.match(footer(posted, refused(slot, true)), / · in Slack and Discord$/);
});
