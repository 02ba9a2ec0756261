import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Approval } from '../../../../../src/core/approval/approval.ts';
import type { Input } from '../../../../../src/core/approval/inputs.ts';
import { step } from '../../../../../src/core/approval/steps/step.ts';
import { renderCard } from '../../../../../src/core/view/cards/approval-card.ts';
import { signedAnswer, signedBeforeAnswer } from '../../../../../src/core/view/cards/signing/answers.ts';
import { missingText } from '../../../../../src/core/view/cards/signing/tally-text.ts';
import { noticeText } from '../../../../../src/core/view/line-text.ts';
import { after, announced, pauseOf, sentAs } from '../../../../support/data/pauses.ts';
import {
  jon,
  lea,
  mara,
  maraAtDiscord,
  requirementOf,
  signed,
  twoPeople,
  verbRule,
} from '../../../../support/data/requirements.ts';

const requirement = requirementOf();
const ask = announced({ requirement });
const question = announced({ requirement, pause: pauseOf({ kind: 'await', actions: ['take_over', 'reject'] }) });
const changedRequest = announced({ requirement, fingerprint: 'd2', pause: pauseOf({ parameters: { amount: 99 } }) });
const answer = (actor: typeof mara, text: string) => signed(actor, { action: 'take_over', text });

const cardOf = (state: Approval) => renderCard(state, { backend: 'Runtype' });
const statusOf = (...inputs: readonly Input[]) => noticeText(cardOf(after(...inputs)).status);
const remarkOf = (...inputs: readonly Input[]) => cardOf(after(...inputs)).remark;
const buttonsOf = (...inputs: readonly Input[]) => cardOf(after(...inputs)).buttons.map(({ label }) => label);

describe('an open card', () => {
  test('says who has signed, and for whom it waits', () => {
    assert.match(statusOf(ask), /^Needs a decision\./);
    assert.match(statusOf(ask, signed(mara)), /^1 of 2 approvals: Mara Lind; waits for legal\./);
    assert.match(statusOf(ask, signed(lea)), /^1 of 2 approvals: Lea Roth; waits for 1 of finance or legal\./);
    const any = announced({ requirement: requirementOf({ verbs: { approve: verbRule({ count: 3 }) } }) });
    assert.match(statusOf(any, signed(mara), signed(jon)), /^2 of 3 approvals: Mara Lind and Jon Aker\. /);
  });

  test('names each thing that is signed apart', () => {
    const verbs = { approve: twoPeople, reject: verbRule({ count: 2 }) };
    const asked = announced({ requirement: requirementOf({ verbs }) });
    assert.match(
      statusOf(asked, signed(mara), signed(jon, { action: 'reject' })),
      /^1 of 2 approvals: Mara Lind; waits for legal\. 1 of 2 rejections: Jon Aker\./,
    );
  });

  test('shows an answer that others are to sign, and each of several on its own line', () => {
    assert.match(statusOf(question, answer(mara, 'On Monday')), /^1 of 2 signatures for this answer: Mara Lind; waits/);
    assert.deepEqual(remarkOf(question, answer(mara, 'On Monday')), {
      label: 'Answer proposed by Mara Lind',
      text: 'On Monday',
    });
    assert.deepEqual(remarkOf(question, answer(mara, 'On Monday\nJon Aker: “No”'), answer(jon, 'On Tuesday')), {
      label: 'Proposed answers',
      text: 'Mara Lind: “On Monday Jon Aker: "No"”\nJon Aker: “On Tuesday”',
    });
  });

  test('shows the note of who has signed', () => {
    const noted = signed(mara, { text: 'I called the bank.' });
    assert.deepEqual(remarkOf(ask, noted), { label: 'Note by Mara Lind', text: 'I called the bank.' });
  });

  test('offers to withdraw, once somebody has signed', () => {
    assert.deepEqual(buttonsOf(ask), ['Approve', 'Reject', 'Take over', 'Details']);
    assert.equal(buttonsOf(ask, signed(mara)).at(-1), 'Withdraw my signature');
    const hold: Input = { type: 'held', actor: jon, fingerprint: 'd1', until: 90_000, right: 'allowed' };
    assert.equal(buttonsOf(ask, signed(mara), hold).at(-1), 'Withdraw my signature');
    assert.match(
      statusOf(ask, signed(mara), hold),
      /^Claimed by Jon Aker.* 1 of 2 approvals: Mara Lind; waits for legal/,
    );
    assert.ok(!buttonsOf(ask, signed(mara), signed(jon)).includes('Withdraw my signature'));
  });

  test('says which signatures no longer count, and why', () => {
    const two = requirementOf({ verbs: { approve: verbRule({ count: 3 }) } });
    const asked = announced({ requirement: two });
    const other = { ...changedRequest, requirement: two } as Input;
    assert.match(
      statusOf(asked, signed(mara), signed(jon), other),
      /^Needs a decision\. 2 signatures \(Mara Lind and Jon Aker\) no longer count: the request has changed since\./,
    );
    assert.match(
      statusOf(ask, signed(mara), changedRequest),
      /^Needs a decision\. The signature of Mara Lind no longer counts: the request has changed since\./,
    );
    const decided = statusOf(ask, signed(mara), signed(jon), changedRequest);
    assert.match(decided, /2 signatures \(Mara Lind and Jon Aker\) no longer count/);
    assert.doesNotMatch(decided, /that press no longer counts/);
    const removed = { account: 'slack:U0MARA', person: 'mara', groups: null };
    assert.match(
      statusOf(ask, signed(mara), { type: 'policy_changed', earlier: [removed] }),
      /The signature of Mara Lind no longer counts: they may no longer decide this\./,
    );
    assert.match(
      statusOf(ask, signed(mara), { type: 'unsigned', actor: mara }),
      /^Needs a decision\. Mara Lind withdrew a signature\./,
    );
  });

  test('where one person decides, says nothing of signatures', () => {
    const one = announced({ requirement: requirementOf({ verbs: { approve: verbRule() } }) });
    assert.match(statusOf(one, signed(mara), changedRequest), /that press no longer counts\./);
    assert.doesNotMatch(statusOf(one, signed(mara), changedRequest), /signature/);
  });
});

describe('a decided card', () => {
  const sending = [ask, signed(mara, { text: 'I called the bank.' }), signed(lea, { text: 'Fine' })];
  const done = [
    ...sending,
    { type: 'sending', resendable: true } as const,
    sentAs({ type: 'recorded', following: false }),
  ];

  test('names all who signed, and what each of them wrote', () => {
    assert.match(statusOf(...sending), /^Mara Lind and Lea Roth pressed Approve\. Sending to Runtype/);
    assert.match(statusOf(...done), /^Approved by Mara Lind and Lea Roth\./);
    assert.deepEqual(remarkOf(...done), {
      label: 'Notes',
      text: 'Mara Lind: “I called the bank.”\nLea Roth: “Fine”',
    });
    const { footer } = cardOf(after(...done));
    assert.match(footer.map(noticeText).join(' '), /decided in Slack and Discord after/);
  });

  test('shows the words that all of them signed', () => {
    const agreed = [question, answer(mara, 'On Monday'), answer(jon, 'On Monday')];
    assert.deepEqual(remarkOf(...agreed), { label: 'Answer', text: 'On Monday' });
  });

  test('that ended before there were enough says who had signed', () => {
    const over: Input = { type: 'resolved', verdict: 'timeout', reason: null };
    assert.match(statusOf(ask, signed(mara), over), /^Expired without a decision\. Signed before by Mara Lind\./);
  });
});

describe('a private answer', () => {
  test('says how far it is, and for whom it waits', () => {
    const state = after(ask, signed(mara));
    assert.equal(signedAnswer(state, mara), 'Signed: 1 of 2. It waits for legal.');
    assert.equal(signedAnswer(state, jon), null);
    const three = after(
      announced({ requirement: requirementOf({ verbs: { approve: verbRule({ count: 3 }) } }) }),
      signed(mara),
    );
    assert.equal(signedAnswer(three, mara), 'Signed: 1 of 3. It waits for 2 more.');
  });

  test('to a second signature says so, and by which account the first one was given', () => {
    const state = after(ask, signed(mara));
    assert.equal(signedBeforeAnswer(state, mara), 'You have signed this. It waits for legal.');
    assert.equal(
      signedBeforeAnswer(state, maraAtDiscord),
      'You have signed this as Mara Lind in Slack, and one person signs once. It waits for legal.',
    );
    assert.equal(step(state, signed(maraAtDiscord), 2_000).ignored, 'signed');
  });
});

test('whom it waits for reads as a phrase', () => {
  for (const [tally, text] of [
    [{ more: 1, seats: 0, waitsFor: [] }, ''],
    [{ more: 2, seats: 2, waitsFor: ['finance', 'legal'] }, 'finance and legal'],
    [{ more: 2, seats: 1, waitsFor: ['legal'] }, 'legal and 1 more'],
    [{ more: 1, seats: 1, waitsFor: ['slack:group:S0456'] }, 'a group in Slack'],
    [{ more: 1, seats: 1, waitsFor: ['discord:role:3456'] }, 'a role in Discord'],
    [{ more: 1, seats: 1, waitsFor: ['slack:U0456'] }, 'a person in Slack'],
    [{ more: 1, seats: 1, waitsFor: ['schedule:primary'] }, 'the person on duty (primary)'],
  ] as const) {
    assert.equal(missingText(tally), text);
  }
});
