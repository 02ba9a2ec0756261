import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { type Approval, approvalSchema } from '../../../../src/core/approval/approval.ts';
import type { Input, Step } from '../../../../src/core/approval/inputs.ts';
import { step } from '../../../../src/core/approval/steps/step.ts';
import { claimMark } from '../../../../src/core/approval/steps/take-over.ts';
import { isLeftToPeople } from '../../../../src/core/approval/steps/transitions.ts';
import { anyInput } from '../../../support/data/any-input.ts';
import { after, announced, application, dana, pauseOf, pressed, sam, sentAs } from '../../../support/data/pauses.ts';
import { runs } from '../../../support/property.ts';

const ask = announced();
const sending: Input = { type: 'sending', resendable: true };
const recorded = sentAs({ type: 'recorded', following: false });
const lostAnswer = sentAs({ type: 'ambiguous', reason: 'no answer' });

function last(...inputs: readonly Input[]): Step {
  const [input, ...before] = [...inputs].reverse();
  assert.ok(input);
  return step(before.length === 0 ? null : after(...before.reverse()), input, 2_000);
}

describe('what the card does not show', () => {
  const read: Input = { type: 'read', actor: dana, fingerprint: 'd1' };
  const reveal = { type: 'revealed', actor: dana, fingerprint: 'd1', mask: 'm', path: 'p', right: 'allowed' } as const;

  test('is not approved unread, also by an answer, and refused for every earlier reason first', () => {
    assert.equal(last(ask, pressed({ unread: true })).ignored, 'not_read');
    assert.equal(last(ask, pressed({ action: 'take_over', unread: true })).ignored, 'not_read');
    assert.equal(last(ask, pressed({ unread: false })).ignored, undefined);
    assert.equal(last(ask, pressed({ unread: true, right: 'denied' })).ignored, 'not_allowed');
    assert.equal(last(ask, pressed({ unread: true, fingerprint: 'd0' })).ignored, 'changed');
    assert.equal(last(announced({ confirm: true }), pressed({ unread: true })).ignored, 'not_read');
  });

  test('is read and opened without any change of state', () => {
    const before = after(ask);
    for (const input of [read, reveal]) assert.deepEqual(step(before, input, 2_000), { state: before, effects: [] });
    for (const input of [read, reveal]) {
      assert.deepEqual(step(before, { ...input, fingerprint: 'd0' }, 2_000), {
        state: before,
        effects: [],
        ignored: 'changed',
      });
    }
    assert.equal(last(ask, { ...reveal, right: 'denied' }).ignored, 'not_allowed');
    assert.equal(last(ask, { ...reveal, right: 'unverified' }).ignored, 'unverified');
  });
});

describe('a press', () => {
  test('by a reviewer decides, sends, and redraws every copy', () => {
    const { state, effects } = last(ask, pressed());
    assert.equal(state?.phase, 'decided');
    assert.deepEqual(state?.decision, { action: 'approve', actor: dana, text: null, at: 2_000 });
    assert.deepEqual(effects, [
      { type: 'draw', slot: 'card@slack:C0ROOM' },
      { type: 'draw', slot: 'card@discord:4100' },
      { type: 'decide', groupId: 'approval:appr_1' },
    ]);
  });

  const refusals: [string, Input[], string][] = [
    ['by somebody else', [ask, pressed({ right: 'denied' })], 'not_allowed'],
    ['by somebody whose right can’t be verified', [ask, pressed({ right: 'unverified' })], 'unverified'],
    ['after another', [ask, pressed(), pressed({ actor: sam, action: 'reject' })], 'already_decided'],
    ['on a card that shows other arguments', [ask, pressed({ fingerprint: 'd0' })], 'changed'],
    ['on nothing we know', [pressed()], 'unknown'],
    [
      'on an action that the wire can’t carry',
      [announced({ pause: pauseOf({ actions: ['approve'] }) }), pressed({ action: 'reject' })],
      'not_possible',
    ],
  ];
  for (const [name, inputs, reason] of refusals) {
    test(`${name} changes nothing: ${reason}`, () => {
      const { state, ignored } = last(...inputs);
      assert.equal(ignored, reason);
      assert.deepEqual(state, inputs.length === 1 ? null : after(...inputs.slice(0, -1)));
    });
  }
});

describe('the answer of the backend', () => {
  const rows: [string, Input[], string, string | null][] = [
    ['recorded', [recorded], 'approved', null],
    [
      'a conflict before any doubt is somebody else’s decision',
      [sentAs({ type: 'already', verdict: 'approve', reason: 'w' })],
      'decided_elsewhere',
      'w',
    ],
    [
      'a conflict with our verdict after a lost answer was ours',
      [lostAnswer, sending, sentAs({ type: 'already', verdict: 'approve', reason: 'w' })],
      'approved',
      null,
    ],
    [
      'a conflict with another verdict after a lost answer',
      [lostAnswer, sending, sentAs({ type: 'already', verdict: 'reject', reason: 'w' })],
      'decided_elsewhere',
      'w',
    ],
    ['gone before any doubt', [sentAs({ type: 'gone', reason: 'w' })], 'decided_elsewhere', 'w'],
    [
      'gone after a lost answer can’t be told',
      [lostAnswer, sending, sentAs({ type: 'gone', reason: 'w' })],
      'unconfirmed',
      'w',
    ],
    ['refused', [sentAs({ type: 'refused', reason: 'w' })], 'failed', 'w'],
    ['given up, surely not arrived', [sentAs({ type: 'unsent', reason: 'w' }, { last: true })], 'failed', 'w'],
    [
      'a lost answer of an unguarded backend',
      [sentAs({ type: 'ambiguous', reason: 'w' }, { resendable: false })],
      'unconfirmed',
      'w',
    ],
    [
      'given up in doubt',
      [lostAnswer, sending, sentAs({ type: 'unsent', reason: 'w' }, { last: true })],
      'unconfirmed',
      'w',
    ],
  ];
  for (const [name, inputs, outcome, detail] of rows) {
    test(name, () => {
      const state = after(ask, pressed(), sending, ...inputs);
      assert.equal(state.outcome, outcome);
      assert.deepEqual(state.detail, detail === null ? null : { code: 'text', text: detail });
      assert.equal(state.phase, 'settled');
    });
  }

  describe('that comes after the call was given up, from a process that was frozen', () => {
    const unconfirmed = [ask, pressed(), sending, sentAs({ type: 'ambiguous', reason: 'w' }, { resendable: false })];
    const retried: Input = { type: 'retried', actor: dana, right: 'allowed' };
    const of = ((key) => ({ action: key?.action ?? 'reject', at: key?.at ?? 0 }))(after(...unconfirmed).decision);
    const late = sentAs({ type: 'recorded', following: false }, { of });

    test('counts for the same decision, also while it is to be sent again', () => {
      for (const before of [unconfirmed, [...unconfirmed, retried], [...unconfirmed, retried, sending]]) {
        assert.equal(after(...before, late).outcome, 'approved');
      }
    });

    test('is nothing for another decision, nor where it does not say which, nor when it is settled otherwise', () => {
      const other = { ...of, at: of.at + 1 };
      assert.equal(
        last(...unconfirmed, sentAs({ type: 'recorded', following: false }, { of: other })).ignored,
        'too_late',
      );
      assert.equal(last(...unconfirmed, recorded).ignored, 'too_late');
      const elsewhere: Input = { type: 'resolved', verdict: 'reject', reason: null };
      assert.equal(last(...unconfirmed, elsewhere, late).ignored, 'too_late');
    });

    test('does not end the call of another decision that is under way', () => {
      const inFlight = [ask, pressed(), sending];
      const stale = { of: { ...of, action: 'reject' } } as const;
      assert.equal(last(...inFlight, sentAs({ type: 'refused', reason: 'w' }, stale)).ignored, 'too_late');
      assert.equal(after(...inFlight, sentAs({ type: 'refused', reason: 'w' }, { of })).outcome, 'failed');
    });

    test('says nothing new where it was lost, refused or not sent', () => {
      for (const type of ['ambiguous', 'refused', 'unsent', 'gone'] as const) {
        assert.equal(last(...unconfirmed, sentAs({ type, reason: 'w' }, { of })).ignored, 'too_late', type);
      }
    });
  });

  test('not arrived: it waits for the next try, and the card says why', () => {
    const state = after(ask, pressed(), sending, sentAs({ type: 'unsent', reason: 'connection refused' }));
    assert.deepEqual([state.phase, state.mayHaveArrived], ['decided', false]);
    assert.deepEqual(state.detail, { code: 'text', text: 'connection refused' });
  });

  test('lost, and then its run ends: the next call asks whether it arrived', () => {
    const ended: Input = { type: 'cancelled', reason: { code: 'run_ended' } };
    const inDoubt = [ask, pressed(), sending, lostAnswer] as const;
    assert.equal(last(...inDoubt, ended).ignored, 'too_late');
    const ours: Input = sentAs({ type: 'already', verdict: 'approve', reason: 'w' });
    assert.equal(after(...inDoubt, ended, sending, ours).outcome, 'approved');
    assert.equal(after(...inDoubt, ended, sending, sentAs({ type: 'gone', reason: 'w' })).outcome, 'unconfirmed');
    const notArrived = sentAs({ type: 'unsent', reason: 'w' });
    assert.equal(after(ask, pressed(), sending, notArrived, ended).outcome, 'cancelled');
  });

  test('never comes: a restart finds the call on its way and doubts it', () => {
    assert.equal(after(ask, pressed(), sending, sending).mayHaveArrived, true);
    const state = after(ask, pressed(), sending, { type: 'sending', resendable: false });
    assert.equal(state.outcome, 'unconfirmed');
  });

  test('an await that was taken over ends as answered, an approval as taken over', () => {
    const take = pressed({ action: 'take_over', text: '10:30' });
    const asked = announced({ pause: pauseOf({ kind: 'await' }) });
    assert.equal(after(asked, take, sending, recorded).outcome, 'answered');
    assert.equal(after(ask, take, sending, recorded).outcome, 'taken_over');
  });
});

describe('Try again', () => {
  test('sends the same decision again, and only after a give-up', () => {
    const failed = [ask, pressed({ action: 'reject', text: 'no' }), sending, sentAs({ type: 'refused', reason: 'w' })];
    const { state, effects } = last(...failed, { type: 'retried', actor: sam, right: 'allowed' });
    assert.equal(state?.phase, 'decided');
    assert.deepEqual(state?.decision, after(...failed).decision);
    assert.ok(effects.some(({ type }) => type === 'decide'));
    assert.equal(last(ask, { type: 'retried', actor: sam, right: 'allowed' }).ignored, 'nothing_to_retry');
  });
});

describe('an announcement', () => {
  test('heard twice is one', () => assert.equal(last(ask, ask).ignored, 'known'));

  test('by ingest never overwrites what our own stream told', () => {
    const other = announced({ via: 'ingest', fingerprint: 'd2', pause: pauseOf({ parameters: { amount: 1 } }) });
    assert.equal(last(ask, other).ignored, 'not_ours_to_overwrite');
  });

  test('by our own stream does overwrite what ingest told', () => {
    const { state } = last(announced({ via: 'ingest' }), announced({ fingerprint: 'd2' }));
    assert.deepEqual([state?.fingerprint, state?.via], ['d2', 'stream']);
  });

  test('with other arguments voids a decision that was not sent', () => {
    const { state } = last(announced({ streamOpen: true }), pressed(), announced({ fingerprint: 'd2' }));
    assert.deepEqual([state?.phase, state?.decision], ['open', null]);
  });

  test('of what was found right before the call voids the decision, which was not sent; a later one does not', () => {
    const sending = [ask, pressed(), { type: 'sending', resendable: true }] as const;
    const other = { fingerprint: 'd2', pause: pauseOf({ description: 'Wire it to Mallory' }) };
    const found = last(...sending, announced({ ...other, beforeSending: true }));
    assert.deepEqual([found.state?.phase, found.state?.decision, found.state?.fingerprint], ['open', null, 'd2']);
    assert.deepEqual(found.state?.detail, { code: 'request_changed' });
    assert.equal(found.state?.previous?.description, pauseOf().description);
    assert.deepEqual(
      found.effects.map(({ type }) => type),
      ['draw', 'draw'],
    );
    assert.equal(last(...sending, announced(other)).ignored, 'too_late');
  });

  test('with a name that another one has keeps that for good, and is drawn once for it', () => {
    assert.deepEqual(after(announced({ sharedNames: ['asker'] })).sharedNames, ['asker']);
    const shared = { type: 'names_shared', names: ['asker'] } as const;
    const found = last(ask, shared);
    assert.deepEqual([found.state?.sharedNames, found.effects.length], [['asker'], 2]);
    assert.equal(last(ask, shared, shared).ignored, 'known');
    const over = [ask, { type: 'cancelled', reason: 'w' }] as const;
    assert.equal(last(...over, shared).ignored, 'too_late');
    const both = after(ask, shared, { type: 'names_shared', names: ['contact'] });
    assert.deepEqual(both.sharedNames, ['asker', 'contact']);
  });

  test('in a new group keeps the answer given meanwhile', () => {
    const regrouped = announced({ pause: pauseOf({ groupId: 'g2' }), streamOpen: true });
    const state = after(ask, pressed(), regrouped);
    assert.deepEqual([state.phase, state.pause.groupId, state.decision?.actor], ['decided', 'g2', dana]);
  });
});

describe('an application’s own decision', () => {
  const claim: Input = { type: 'claimed', action: 'approve', actor: application, text: null };

  test('closes the card while it passes through', () => {
    assert.equal(after(ask, claim).phase, 'sending');
    assert.equal(after(ask, claim, recorded).outcome, 'approved');
    assert.equal(last(ask, claim, pressed()).ignored, 'already_decided');
  });

  test('loses against a press that was first', () =>
    assert.equal(last(ask, pressed(), claim).ignored, 'already_decided'));

  test('that surely did not arrive opens the card again', () => {
    assert.equal(after(ask, claim, sentAs({ type: 'unsent', reason: 'w' })).phase, 'open');
    assert.equal(after(ask, claim, sentAs({ type: 'refused', reason: 'w' })).phase, 'open');
  });
});

test('what the backend resolved is shown as such', () => {
  const resolved = (verdict: 'approve' | 'reject' | 'timeout'): Input => ({ type: 'resolved', verdict, reason: null });
  assert.equal(after(ask, resolved('timeout')).outcome, 'expired');
  assert.equal(after(ask, resolved('approve')).outcome, 'decided_elsewhere');
  assert.equal(after(ask, pressed(), sending, resolved('approve')).outcome, 'approved');
  assert.equal(after(ask, pressed(), sending, recorded, resolved('reject')).outcome, 'approved');
  const unconfirmed = [ask, pressed(), sending, sentAs({ type: 'ambiguous', reason: 'w' }, { resendable: false })];
  assert.equal(after(...unconfirmed, resolved('approve')).outcome, 'approved');
  assert.equal(after(...unconfirmed, resolved('reject')).outcome, 'decided_elsewhere');
});

test('the end of its call closes what is undecided, and says nothing about a decision that is on its way', () => {
  const over: Input = { type: 'resolved', verdict: null, reason: 'over', completed: true };
  assert.equal(after(ask, over).outcome, 'decided_elsewhere');
  assert.equal(after(ask, pressed(), over).outcome, 'decided_elsewhere');
  assert.equal(after(ask, pressed(), sending, over).phase, 'sending');
  assert.equal(after(ask, pressed(), sending, over, recorded).outcome, 'approved');
  const doubtful = [
    ask,
    pressed(),
    sending,
    sentAs({ type: 'ambiguous', reason: 'w' }, { resendable: true, last: false }),
  ];
  assert.deepEqual([after(...doubtful).phase, after(...doubtful, over).phase], ['decided', 'decided']);
});

// ---- the laws, over any sequence of inputs ----

test('every state has an answer to every input, and the laws hold on the way', () => {
  fc.assert(
    fc.property(fc.array(anyInput(), { maxLength: 30 }), (inputs) => {
      let state: Approval | null = null;
      for (const [index, input] of inputs.entries()) {
        const before: Approval | null = state;
        const next = step(before, input, index);
        checkLaws(before, input, next, index);
        state = next.state;
      }
    }),
    { numRuns: runs(2_000) },
  );
});

function undelivered({ outcome }: Approval): boolean {
  return outcome === 'failed' || outcome === 'unconfirmed';
}

function checkLaws(before: Approval | null, input: Input, { state, effects, ignored }: Step, now: number): void {
  if (ignored !== undefined) {
    assert.deepEqual(state, before, 'what is ignored changes nothing');
    assert.ok(!effects.some(({ type }) => type === 'decide'), 'what is ignored sends nothing');
  }
  if (state === null) return;
  approvalSchema.parse(state);
  const { deadline } = state.pause;
  if (state.overdue && state.phase !== 'settled') {
    assert.ok(deadline !== null && deadline <= now, 'it is overdue only after its deadline');
  }
  if (input.type === 'deadline_passed' && state.phase !== 'settled' && deadline !== null && deadline <= now) {
    assert.equal(state.overdue, true, 'after its deadline, its card says so');
  }
  assert.equal(state.phase === 'settled', state.outcome !== null, 'an outcome is there exactly when it is settled');
  if (state.phase === 'decided' || state.phase === 'sending')
    assert.ok(state.decision, 'what is decided has a decision');
  if (state.phase === 'open') assert.equal(state.decision, null);
  if (before?.decision && state.decision) {
    // An application's call that is in doubt leaves its buttons to people: the only other way to a new decision.
    const replaced = input.type === 'claimed' || (input.type === 'pressed' && isLeftToPeople(before));
    const { actor, ...decision } = state.decision;
    const { actor: whoBefore, ...decided } = before.decision;
    const unnamed = [decision, actor.platform, actor.id];
    if (!replaced) assert.deepEqual(unnamed, [decided, whoBefore.platform, whoBefore.id], 'a verdict never changes');
    if (input.type !== 'named' && !replaced) assert.deepEqual(actor, whoBefore, 'nor does the name of who gave it');
  }
  if (state.claim !== null) assert.equal(state.phase, 'open', 'only what is open can be held');
  const claim = before?.claim ?? null;
  if (claim !== null && now < claim.until && state.phase === 'open' && state.claim === null) {
    const mayEnd = ['handed_back', 'form_not_shown', 'announced'].includes(input.type);
    assert.ok(mayEnd, `${input.type} ends a claim before its time`);
    if (input.type === 'handed_back' && input.actor.id !== claim.actor.id) {
      assert.deepEqual([input.waited?.right, input.waited?.shown], ['allowed', claimMark(claim)]);
      assert.deepEqual(state.released, { by: input.actor, holder: claim.actor }, 'the holder can read who ended it');
    }
  }
  if (claim !== null && now < claim.until && state.decision && !before?.decision && input.type === 'pressed') {
    assert.equal(input.actor.id, claim.actor.id, 'nobody decides what somebody else has taken over');
  }
  if (!before?.decision && state.decision) {
    const allowed =
      ((input.type === 'pressed' || input.type === 'started') && input.right === 'allowed') || input.type === 'claimed';
    assert.ok(allowed, 'only an allowed press, an allowed command or an application’s call decides');
  }
  if (before?.pause.kind === 'run') {
    assert.notEqual(state.phase, 'open', 'a run asks nobody');
    assert.equal(state.pause.kind, 'run');
  }
  assert.equal(
    state.outcome === 'started',
    state.pause.kind === 'run' && state.outcome !== null && !undelivered(state),
  );
  const succeeded = ['approved', 'rejected', 'taken_over', 'answered', 'started'];
  if (state.outcome !== before?.outcome && state.outcome !== null && succeeded.includes(state.outcome)) {
    const said = input.type === 'sent' || input.type === 'resolved';
    assert.ok(said && before?.decision, 'success is shown only once the backend said so');
  }
  for (const effect of effects) {
    if (effect.type !== 'decide') continue;
    const groups = [before?.pause.groupId, state.pause.groupId].filter((group) => group !== state.pause.key);
    const isOthers = before !== null && groups.includes(effect.groupId);
    assert.ok(isOthers || state.phase === 'decided', 'a decide is for what is decided, or for a group left or joined');
  }
}
