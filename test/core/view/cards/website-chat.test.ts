/** What is asked for in the chat of a website's visitor: the cards speak of the chat, and say what the visitor may read. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { consequencesOf } from '../../../../src/backends/runtype/decide/consequences.ts';
import { VISITOR } from '../../../../src/core/approval/names.ts';
import { WEBSITE_LABEL } from '../../../../src/core/approval/pause/pause.ts';
import { renderCard } from '../../../../src/core/view/cards/approval-card.ts';
import { renderResult } from '../../../../src/core/view/cards/thread-notes.ts';
import { formFor } from '../../../../src/core/view/forms/decision-form.ts';
import { defaultForms } from '../../../../src/core/view/forms/form-rule.ts';
import { spanText } from '../../../../src/core/view/line-text.ts';
import { refusalText } from '../../../../src/core/view/refusals.ts';
import { after, announced, application, pauseOf, pressed, sentAs } from '../../../support/data/pauses.ts';

const base = { executionId: 'exec_1', toolName: 'refund_order', runName: null, clientTools: [], opener: null };
const wire = { kind: 'approval', ...base, approvalId: 'appr_1', toolCallId: null };
const pause = pauseOf({ asker: 'Shop guide', labels: [WEBSITE_LABEL], wire });
const ask = announced({ pause });
const sending = { type: 'sending', resendable: true } as const;
const recorded = sentAs({ type: 'recorded', following: true });
const ended = (state: 'completed' | 'failed' | 'lost') =>
  ({ type: 'continued', continuation: { state, text: 'Done' } }) as const;
const visitor = { ...application, name: VISITOR };
const approved = [ask, pressed(), sending, recorded] as const;

describe('in a website’s chat', () => {
  const cases = [
    ['completed', / Chat: answered, see thread\.$/, '“Shop guide” answered the visitor'],
    ['failed', / Chat: failed, see thread\.$/, '“Shop guide” failed'],
    ['lost', / Chat: lost track of it, see thread\.$/, 'Lost track of this chat'],
  ] as const;
  for (const [state, line, title] of cases) {
    test(`a card and its note say that the chat ${state}`, () => {
      const approval = after(...approved, ended(state));
      assert.match(renderCard(approval, { backend: 'Runtype' }).status.map(spanText).join(''), line);
      const note = renderResult(approval, 'Runtype');
      assert.equal(note?.title, title);
      assert.doesNotMatch(JSON.stringify(note), /\brun\b|Result/i);
    });
  }

  test('the visitor who decided is named within the sentence', () => {
    const claimed = { type: 'claimed', action: 'approve', actor: visitor, text: null } as const;
    const card = renderCard(after(ask, claimed, sentAs({ type: 'recorded', following: false })), {
      backend: 'Runtype',
    });
    assert.match(card.status.map(spanText).join(''), /^Approved by the website visitor\./);
  });

  test('a reason, a note and what was done instead may be read by the visitor', () => {
    const open = after(ask);
    const consequences = consequencesOf(open, false);
    assert.match((consequences.reject ?? []).map(spanText).join(''), /the visitor may read it/);
    assert.match((consequences.take_over ?? []).map(spanText).join(''), /the visitor may read it/);
    for (const action of ['approve', 'reject', 'take_over'] as const) {
      const form = formFor({ approvalId: 'ap1', action, fingerprint: 'd1' }, open, defaultForms, null);
      assert.match(JSON.stringify(form), / the visitor may read (?:it|your text)\./i);
    }
  });

  test('a run without a name is a chat, and a late press reads that the chat has ended', () => {
    const cancelled = { type: 'cancelled', reason: { code: 'run_ended' } } as const;
    const card = renderCard(after(announced({ pause: { ...pause, asker: null } })), { backend: 'Runtype' });
    assert.match((card.asker ?? []).map(spanText).join(''), /^A website chat on Runtype wants to run /);
    assert.equal(refusalText('already_decided', after(ask, cancelled)), 'Too late: the chat has ended.');
  });
});
