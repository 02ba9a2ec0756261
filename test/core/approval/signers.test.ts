import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { sentText, signersOf } from '../../../src/core/approval/signers.ts';
import { after, announced, application, pauseOf, pressed } from '../../support/data/pauses.ts';
import { jon, mara, requirementOf, signed, twoPeople } from '../../support/data/requirements.ts';

const requirement = requirementOf({ verbs: { approve: twoPeople, reject: twoPeople, answer: twoPeople } });
const ask = announced({ requirement });

describe('what is sent with a decision', () => {
  test('of one person is what they wrote', () => {
    assert.equal(sentText(after(announced(), pressed({ text: 'Fine' }))), 'Fine');
    assert.equal(sentText(after(announced(), pressed())), null);
    assert.equal(sentText(after(announced())), null);
  });

  test('of several names all of them, with what each of them wrote', () => {
    const text = 'Wrong customer';
    const both = after(ask, signed(mara, { action: 'reject', text }), signed(jon, { action: 'reject' }));
    assert.equal(sentText(both), 'Rejected by Mara Lind and Jon Aker.\nMara Lind: Wrong customer');
    assert.equal(sentText(after(ask, signed(mara), signed(jon))), 'Approved by Mara Lind and Jon Aker.');
  });

  test('is an answer in the words that all of them signed', () => {
    const question = announced({ requirement, pause: pauseOf({ kind: 'await', actions: ['take_over'] }) });
    const answer = { action: 'take_over', text: 'On Monday' } as const;
    assert.equal(sentText(after(question, signed(mara, answer), signed(jon, answer))), 'On Monday');
  });
});

test('the signers of an application’s decision are none of those who had signed before', () => {
  const claim = { type: 'claimed', action: 'approve', actor: application, text: null } as const;
  assert.deepEqual(signersOf(after(ask, signed(mara), claim)), [application]);
});
