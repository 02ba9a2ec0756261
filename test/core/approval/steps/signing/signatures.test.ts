import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Approval, approvalSchema } from '../../../../../src/core/approval/approval.ts';
import type { Input, InputOf } from '../../../../../src/core/approval/inputs.ts';
import type { Actor } from '../../../../../src/core/approval/parts/decision.ts';
import type { EarlierSigner } from '../../../../../src/core/approval/parts/signature.ts';
import { step } from '../../../../../src/core/approval/steps/step.ts';
import { after, announced, application, pauseOf, sentAs } from '../../../../support/data/pauses.ts';
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
const changedRequest = announced({ requirement, fingerprint: 'd2', pause: pauseOf({ parameters: { amount: 99 } }) });
const question = announced({ requirement, pause: pauseOf({ kind: 'await', actions: ['take_over', 'reject'] }) });

const last = (...inputs: readonly Input[]) => {
  const input = inputs.at(-1);
  assert.ok(input);
  const before = inputs.slice(0, -1);
  return step(before.length === 0 ? null : after(...before), input, 2_000);
};
const signers = (state: Approval | null) => state?.signatures.map(({ actor }) => actor.name);
const earlier = (actor: Actor, more: Partial<EarlierSigner> = {}): EarlierSigner => ({
  account: `${actor.platform}:${actor.id}`,
  person: actor.person ?? '',
  groups: ['finance'],
  ...more,
});
const decides = (effects: readonly { type: string }[]) => effects.some(({ type }) => type === 'decide');

describe('several signatures', () => {
  test('decide with the last one, and not before', () => {
    const first = last(ask, signed(mara));
    assert.deepEqual([first.state?.phase, first.state?.decision, decides(first.effects)], ['open', null, false]);
    assert.deepEqual(signers(first.state), ['Mara Lind']);
    assert.equal(first.effects.filter(({ type }) => type === 'draw').length, 2, 'every copy shows it');
    const second = last(ask, signed(mara), signed(jon));
    assert.deepEqual([second.state?.phase, decides(second.effects)], ['decided', true]);
    assert.deepEqual([second.state?.decision?.actor, signers(second.state)], [jon, ['Mara Lind', 'Jon Aker']]);
  });

  test('of one person are one, whichever account gives them', () => {
    const twice = last(ask, signed(mara), signed(maraAtDiscord));
    assert.deepEqual([twice.ignored, twice.state?.phase], ['signed', 'open']);
    const noted = last(ask, signed(mara), signed(maraAtDiscord, { text: 'I called the bank.' })).state;
    assert.deepEqual([noted?.phase, noted?.signatures.length], ['open', 1]);
    assert.equal(noted?.signatures[0]?.text, 'I called the bank.', 'the later words count');
  });

  test('of a deputy and of the person in whose place they sign are one', () => {
    const deputy = { ...lea, inPlaceOf: { person: mara.person ?? '', name: 'Mara Lind' } };
    for (const pair of [
      [deputy, mara],
      [mara, deputy],
    ] as const) {
      const [one, other] = pair;
      const { state } = last(ask, signed(one), signed(other));
      assert.deepEqual([state?.phase, state?.signatures.length], ['open', 1]);
    }
    const decided = last(ask, signed(deputy), signed(jon)).state;
    assert.deepEqual([decided?.phase, decided?.signatures[0]?.actor.inPlaceOf?.person], ['decided', mara.person]);
  });

  test('of a deputy follow the absent person to a new name', () => {
    const deputy = { ...lea, inPlaceOf: { person: 'slack:U0MARA', name: 'Mara Lind' } };
    const known = [earlier(deputy, { person: lea.person ?? '', inPlaceOf: mara.person ?? '' })];
    const { state } = last(ask, signed(deputy), signed(mara, { signing: { groups: ['finance'], earlier: known } }));
    assert.deepEqual([state?.phase, state?.signatures.length], ['open', 1]);
  });

  test('of two accounts that were linked since are one', () => {
    const both = requirementOf({ verbs: { approve: verbRule({ count: 3 }) } });
    const one = { ...mara, person: 'slack:U0MARA' };
    const other = { ...maraAtDiscord, person: 'discord:2345' };
    const before = [
      announced({ requirement: both }),
      signed(one, { signing: { groups: ['finance'], earlier: [] } }),
      signed(other, { signing: { groups: ['finance'], earlier: [] } }),
    ];
    assert.equal(after(...before).signatures.length, 2, 'two people, as far as anyone knew');
    const known = [earlier(one, { person: 'mara' }), earlier(other, { person: 'mara' })];
    const third = last(...before, signed(jon, { signing: { groups: ['legal'], earlier: known } }));
    assert.equal(third.state?.phase, 'open');
    assert.equal(third.state?.signatures.length, 2);
    assert.deepEqual(
      third.state?.voided.map(({ actor, why }) => [actor.platform, why]),
      [['slack', 'same_person']],
    );
  });

  test('may be three at once, and need not come in the order of the groups', () => {
    const state = last(ask, signed(lea), signed(mara)).state;
    assert.equal(state?.phase, 'decided', 'Lea stands for legal once Mara stands for finance');
    assert.equal(last(ask, signed(lea), signed(jon)).state?.phase, 'decided');
  });

  test('are refused to whom the rule does not name, whatever the right says', () => {
    const stranger = { ...jon, person: 'sam' };
    assert.equal(last(ask, signed(stranger, { signing: { groups: ['support'], earlier: [] } })).ignored, 'not_allowed');
    const { signing: _, ...without } = signed(jon) as InputOf<'pressed'>;
    assert.equal(last(ask, without).ignored, 'not_allowed', 'nobody said who this is');
    assert.equal(last(ask, signed(jon, { right: 'denied' })).ignored, 'not_allowed');
    assert.equal(last(ask, signed(jon, { right: 'unverified' })).ignored, 'unverified');
  });

  test('are not given by who asked', () => {
    const not = requirementOf({ verbs: { approve: { ...twoPeople, notRequester: true }, reject: verbRule() } });
    const asked = announced({ requirement: not });
    const own = { signing: { groups: ['finance'], isRequester: true, earlier: [] } };
    assert.equal(last(asked, signed(mara, own)).ignored, 'requester');
    assert.equal(last(asked, signed(mara, { ...own, right: 'denied' })).ignored, 'requester', 'the reason is said');
    assert.equal(last(asked, signed(mara, { ...own, action: 'reject' })).state?.phase, 'decided', 'of another verb');
  });

  test('end with one rejection, or with as many as the rule says', () => {
    assert.equal(last(ask, signed(mara), signed(jon, { action: 'reject' })).state?.phase, 'decided');
    const twoToReject = requirementOf({ verbs: { approve: twoPeople, reject: verbRule({ count: 2 }) } });
    const asked = announced({ requirement: twoToReject });
    const one = last(asked, signed(mara), signed(jon, { action: 'reject' })).state;
    assert.deepEqual([one?.phase, one?.signatures.length], ['open', 2]);
    const two = last(asked, signed(mara), signed(jon, { action: 'reject' }), signed(lea, { action: 'reject' })).state;
    assert.deepEqual([two?.decision?.action, signers(two)], ['reject', ['Jon Aker', 'Lea Roth']], 'those who rejected');
  });

  test('need the note that the rule requires', () => {
    const noted = requirementOf({ verbs: { approve: verbRule({ note: 'required' }) } });
    const asked = announced({ requirement: noted });
    assert.equal(last(asked, signed(mara)).ignored, 'note_missing');
    assert.equal(last(asked, signed(mara, { text: ' ' })).ignored, 'note_missing');
    assert.equal(last(asked, signed(mara, { text: 'Agreed by phone' })).state?.phase, 'decided');
  });

  test('survive their row, and rows without them load', () => {
    const state = after(ask, signed(mara));
    assert.deepEqual(approvalSchema.parse(JSON.parse(JSON.stringify(state))), state);
    const { signatures: _signatures, voided: _voided, requirement: _requirement, ...old } = state;
    const { signatures, voided } = approvalSchema.parse(JSON.parse(JSON.stringify(old)));
    assert.deepEqual([signatures, voided], [[], []]);
  });
});

describe('a signature no longer counts', () => {
  const gone = (state: Approval | null) => state?.voided.map(({ actor, why }) => [actor.name, why]);

  test('once the request has changed, in any phase', () => {
    const open = after(ask, signed(mara), changedRequest);
    assert.deepEqual([open.signatures, gone(open)], [[], [['Mara Lind', 'changed']]]);
    const decided = after(ask, signed(mara), signed(jon), changedRequest);
    assert.deepEqual([decided.phase, gone(decided)?.length, decided.signatures], ['open', 2, []]);
    const before = { ...changedRequest, beforeSending: true } as Input;
    const sending = after(ask, signed(mara), signed(jon), { type: 'sending', resendable: true }, before);
    assert.deepEqual([sending.phase, gone(sending)?.length, sending.signatures], ['open', 2, []]);
    const ingested = after({ ...ask, via: 'ingest' } as Input, signed(mara), changedRequest);
    assert.deepEqual([ingested.signatures, gone(ingested)], [[], [['Mara Lind', 'changed']]]);
    assert.equal(
      last(ask, signed(mara), changedRequest, signed(jon)).ignored,
      'changed',
      'nor does a press on the old card',
    );
    const again = signed(jon, { fingerprint: 'd2' });
    assert.equal(last(ask, signed(mara), changedRequest, again).state?.phase, 'open');
  });

  test('that is bound to another fingerprint, as in a row of another version', () => {
    const open = after(ask, signed(mara));
    const other = { ...open, signatures: open.signatures.map((one) => ({ ...one, fingerprint: 'd0' })) };
    const { state } = step(other, signed(jon), 2_000);
    assert.deepEqual([state?.phase, signers(state), gone(state)], ['open', ['Jon Aker'], [['Mara Lind', 'changed']]]);
  });

  test('not for an announcement of the same', () => {
    assert.equal(after(ask, signed(mara), ask).signatures.length, 1);
    assert.equal(after(ask, signed(mara), { ...ask, confirm: true } as Input).signatures.length, 1);
  });

  test('until this person signs again, and what is decided says nothing of it', () => {
    const d2 = { fingerprint: 'd2' };
    const twoGone = after(ask, signed(mara), signed(jon), changedRequest);
    const again = step(twoGone, signed(mara, d2), 2_000).state;
    assert.deepEqual(gone(again), [['Jon Aker', 'changed']]);
    const decided = step(again, signed(jon, d2), 2_000).state;
    assert.deepEqual([decided?.phase, gone(decided)], ['decided', []]);
  });

  test('once its person may no longer decide', () => {
    const removed = [earlier(mara, { groups: null })];
    const press = signed(jon, { signing: { groups: ['legal'], earlier: removed } });
    const { state } = last(ask, signed(mara), press);
    assert.deepEqual([state?.phase, signers(state), gone(state)], ['open', ['Jon Aker'], [['Mara Lind', 'rights']]]);
    const loaded = last(ask, signed(mara), { type: 'policy_changed', earlier: removed }).state;
    assert.deepEqual([loaded?.signatures, gone(loaded)], [[], [['Mara Lind', 'rights']]]);
  });

  test('for a group that its person has left since', () => {
    const moved = [earlier(lea, { groups: ['finance'] })];
    const press = signed(mara, { signing: { groups: ['finance'], earlier: moved } });
    assert.equal(last(ask, signed(lea), press).state?.phase, 'open', 'nobody of legal is left');
  });

  test('for now, while it can’t be checked: the press is refused, and nothing is lost', () => {
    const unsure = [earlier(mara, { groups: null, unverified: true })];
    const press = signed(jon, { signing: { groups: ['legal'], earlier: unsure } });
    const refused = last(ask, signed(mara), press);
    assert.deepEqual([refused.ignored, signers(refused.state)], ['signers_unverified', ['Mara Lind']]);
    const sure = [earlier(mara, { groups: ['finance'], unverified: true })];
    const goesOn = signed(jon, { signing: { groups: ['legal'], earlier: sure } });
    assert.equal(last(ask, signed(mara), goesOn).state?.phase, 'decided', 'what could be checked is enough');
    const enough = last(ask, signed(mara), signed(lea, { signing: { groups: ['finance'], earlier: unsure } }));
    assert.equal(enough.ignored, undefined, 'it would not be complete anyway');
    assert.deepEqual(signers(enough.state), ['Mara Lind', 'Lea Roth']);
  });

  test('in a restored copy, where it may have been withdrawn since', () => {
    const restored: Input = { type: 'restored', resendable: true, listed: true, waits: false, reason: 'copy' };
    assert.deepEqual(gone(after(ask, signed(mara), restored)), [['Mara Lind', 'restored']]);
    assert.equal(last(ask, restored).ignored, 'known');
  });

  test('once the application has decided', () => {
    const claim: Input = { type: 'claimed', action: 'approve', actor: application, text: null };
    const state = after(ask, signed(mara), claim);
    assert.deepEqual([state.phase, state.signatures], ['sending', []]);
  });

  test('once it is withdrawn, by any account of its person, before the last', () => {
    const back = after(ask, signed(mara), { type: 'unsigned', actor: maraAtDiscord });
    assert.deepEqual([back.signatures, gone(back)], [[], [['mara', 'withdrawn']]]);
    assert.equal(last(ask, signed(mara), { type: 'unsigned', actor: jon }).ignored, 'not_signed');
    const others = after(ask, signed(mara), signed(lea, { signing: { groups: ['finance'], earlier: [] } }));
    assert.deepEqual(signers(step(others, { type: 'unsigned', actor: mara }, 2_000).state), ['Lea Roth']);
    assert.equal(last(ask, signed(mara), signed(jon), { type: 'unsigned', actor: mara }).ignored, 'already_decided');
    const linked = { ...maraAtDiscord, person: 'mara' };
    const before = signed({ ...mara, person: 'slack:U0MARA' }, { signing: { groups: ['finance'], earlier: [] } });
    const known = { earlier: [earlier(mara)] };
    const since = after(ask, before, { type: 'unsigned', actor: linked, signing: known });
    assert.deepEqual(since.signatures, []);
  });

  test('once its person presses another verb', () => {
    const two = requirementOf({ verbs: { approve: twoPeople, reject: verbRule({ count: 2 }) } });
    const state = after(announced({ requirement: two }), signed(mara), signed(mara, { action: 'reject' }));
    assert.deepEqual(
      state.signatures.map(({ action }) => action),
      ['reject'],
    );
  });
});

describe('an answer that several sign', () => {
  const answer = (actor: Actor, text: string, more = {}) => signed(actor, { action: 'take_over', text, ...more });

  test('is a proposal until others have signed the same words', () => {
    const proposal = last(question, answer(mara, 'Ship on Monday')).state;
    assert.deepEqual([proposal?.phase, proposal?.signatures[0]?.text], ['open', 'Ship on Monday']);
    const other = last(question, answer(mara, 'Ship on Monday'), answer(jon, 'Ship on Tuesday')).state;
    assert.deepEqual([other?.phase, other?.signatures.length], ['open', 2]);
    const agreed = last(
      question,
      answer(mara, 'Ship on Monday'),
      answer(jon, 'Ship on Tuesday'),
      answer(mara, 'Ship on Tuesday'),
    ).state;
    assert.deepEqual([agreed?.decision?.text, signers(agreed)], ['Ship on Tuesday', ['Jon Aker', 'Mara Lind']]);
    const sentOtherwise = last(question, answer(mara, '5', { sentAs: 'text' }), answer(jon, '5', { sentAs: 'json' }));
    assert.equal(sentOtherwise.state?.phase, 'open', 'the same digits, sent as another value');
  });

  test('needs what an approval needs, where it says yes', () => {
    const verbs = { approve: twoPeople, reject: verbRule(), answer: verbRule() };
    const asked = announced({
      requirement: requirementOf({ verbs }),
      pause: pauseOf({ kind: 'await', actions: ['take_over', 'reject'] }),
    });
    assert.equal(last(asked, answer(mara, 'On Monday')).state?.phase, 'decided');
    assert.equal(last(asked, answer(mara, 'yes')).state?.phase, 'open');
    assert.equal(last(asked, answer(mara, 'yes'), answer(jon, 'yes')).state?.phase, 'decided');
  });
});

describe('beside signatures', () => {
  const hold: Input = { type: 'held', actor: jon, fingerprint: 'd1', until: 90_000, right: 'allowed' };

  test('a take-over takes one person, and a claim keeps the others out', () => {
    const claimed = after(ask, signed(mara), hold);
    assert.equal(claimed.signatures.length, 1, 'the claim takes none away');
    assert.equal(step(claimed, signed(lea), 2_000).ignored, 'held');
    const done = step(claimed, signed(jon, { action: 'take_over', text: 'Refunded by hand' }), 2_000).state;
    assert.deepEqual([done?.phase, signers(done)], ['decided', ['Jon Aker']]);
    const signing = step(claimed, signed(jon), 2_000).state;
    assert.equal(signing?.phase, 'decided', 'its holder is the second to approve');
  });

  test('the holder of a claim who signs gives it up', () => {
    const { state, effects } = last(ask, hold, signed(jon));
    assert.deepEqual([state?.claim, state?.phase, signers(state)], [null, 'open', ['Jon Aker']]);
    assert.ok(effects.every(({ type }) => type === 'draw'));
  });

  test('a decision that is sent again keeps its signers', () => {
    const failed = [ask, signed(mara), signed(jon), { type: 'sending', resendable: true } as const];
    const refused = [...failed, sentAs({ type: 'refused', reason: 'busy' })];
    const again = after(...refused, { type: 'retried', actor: lea, right: 'allowed' });
    assert.deepEqual([again.phase, signers(again)], ['decided', ['Mara Lind', 'Jon Aker']]);
    const lost = after(...failed, sentAs({ type: 'ambiguous', reason: 'reset' }, { resendable: false }), {
      ...ask,
      afterCall: true,
    } as Input);
    assert.deepEqual([lost.phase, signers(lost)], ['decided', ['Mara Lind', 'Jon Aker']]);
  });

  test('what an application left in doubt takes as many people as any', () => {
    const claim: Input = { type: 'claimed', action: 'approve', actor: application, text: null };
    const doubt = [ask, claim, sentAs({ type: 'ambiguous', reason: 'reset' })];
    const one = after(...doubt, signed(mara));
    assert.deepEqual([one.outcome, signers(one)], ['unconfirmed', ['Mara Lind']]);
    assert.equal(step(one, { type: 'unsigned', actor: mara }, 2_000).state?.signatures.length, 0);
    assert.equal(step(one, signed(jon), 2_000).state?.phase, 'decided');
  });

  test('a new policy draws the cards, and takes a requirement in place of one by which no one can decide', () => {
    const denied = requirementOf({ denied: { code: 'no_rule', text: null } });
    const { state, effects } = last(announced({ requirement: denied }), { type: 'policy_changed', requirement });
    assert.deepEqual([state?.requirement, effects.length], [requirement, 2]);
    const kept = last(ask, { type: 'policy_changed' });
    assert.deepEqual([kept.state?.requirement?.rule, kept.effects.length], ['refunds', 2]);
  });

  test('what is asked again after it was over takes what the policy says now', () => {
    const over: Input = { type: 'resolved', verdict: 'timeout', reason: null };
    const anew = { ...ask, pause: pauseOf({ groupId: 'g2' }), requirement: requirementOf({ rule: 'other' }) } as Input;
    const state = after(ask, signed(mara), over, anew);
    assert.deepEqual([state.phase, state.signatures, state.requirement?.rule], ['open', [], 'other']);
  });
});
