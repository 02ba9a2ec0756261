import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Consequences } from '../../../../src/core/view/card.ts';
import { renderCard } from '../../../../src/core/view/cards/approval-card.ts';
import { spanText } from '../../../../src/core/view/line-text.ts';
import { after, announced, dana, pauseOf, pressed, sentAs } from '../../../support/data/pauses.ts';

const consequences: Consequences = {
  approve: [{ code: 'refund_order' }, ' runs'],
  reject: ['it does not'],
  take_over: ['you do it'],
  silence: ['it is not carried out'],
};
const textOf = (approval: ReturnType<typeof after>) =>
  renderCard(approval, { backend: 'Runtype', consequences })
    .consequences?.map((line) => line.map(spanText).join(''))
    .join('\n') ?? null;

test('an open card says what follows each decision, and what follows none', () => {
  assert.equal(
    textOf(after(announced())),
    'If approved, refund_order runs.\nIf rejected, it does not.\nIf taken over, you do it.\nIf nobody decides, it is not carried out.',
  );
});

test('with a deadline it says by when, and once that has passed it does not', () => {
  const open = after(announced({ pause: pauseOf({ deadline: 301_000 }) }));
  assert.match(textOf(open) ?? '', /If nobody decides by 1970-01-01T00:05:01.000Z it is not carried out\.$/);
  assert.doesNotMatch(textOf({ ...open, overdue: true }) ?? '', /nobody/);
});

test('the words are those of the buttons', () => {
  const pause = pauseOf({
    kind: 'await',
    actions: ['take_over', 'reject'],
    prompt: { title: 'Q', text: 'Q', form: null, buttons: { take_over: 'Answer', reject: 'Decline' } },
  });
  assert.match(textOf(after(announced({ pause }))) ?? '', /^If answered, .*\nIf declined, .*\nIf nobody answers, /);
});

test('a card that is claimed to do the work has the word of its button', () => {
  const held = { type: 'held', actor: dana, fingerprint: 'd1', until: 9e15, right: 'allowed' } as const;
  assert.match(textOf(after(announced(), held)) ?? '', /\nIf marked as done, you do it\.\n/);
});

test('a claimed card still says it, a decided or settled one does not, nor one without buttons', () => {
  assert.equal(textOf(after(announced(), pressed())), null);
  const sent = sentAs({ type: 'recorded', following: false });
  assert.equal(textOf(after(announced(), pressed(), { type: 'sending', resendable: true }, sent)), null);
  assert.equal(textOf(after(announced({ pause: pauseOf({ actions: [] }) }))), null);
});

test('a card that may have been decided says what to do before another try', () => {
  const lost = sentAs({ type: 'ambiguous', reason: 'no answer' }, { resendable: false });
  const approval = after(announced(), pressed(), { type: 'sending', resendable: false }, lost);
  const said = renderCard(approval, { backend: 'Runtype' }).status.map(spanText).join('');
  assert.match(said, / Check in Runtype before you try again\./);
});

test('who may decide is on a card that anyone of them can decide', () => {
  const deciders = { all: [{ ...dana, kind: 'user' as const }], platform: 'slack', setting: 'REVIEWERS' };
  const whoOf = (approval: ReturnType<typeof after>) => renderCard(approval, { backend: 'Runtype', deciders }).deciders;
  assert.equal(whoOf(after(announced()))?.text, 'Who may decide: Dana Reyes.');
  assert.equal(whoOf(after(announced(), pressed())), undefined);
});
