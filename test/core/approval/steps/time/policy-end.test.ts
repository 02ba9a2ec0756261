/** The end that the policy gives an approval: it closes the question or rejects it, and never approves. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Approval, approvalSchema } from '../../../../../src/core/approval/approval.ts';
import type { Input, Step } from '../../../../../src/core/approval/inputs.ts';
import type { Timing } from '../../../../../src/core/approval/parts/requirement.ts';
import type { Pause } from '../../../../../src/core/approval/pause/pause.ts';
import { step } from '../../../../../src/core/approval/steps/step.ts';
import { endToShow, policyEndOf } from '../../../../../src/core/approval/steps/time/expiry.ts';
import { nextWake } from '../../../../../src/core/approval/steps/time/timer.ts';
import { isInForce } from '../../../../../src/core/approval/steps/transitions.ts';
import { renderCard } from '../../../../../src/core/view/cards/approval-card.ts';
import { spanText } from '../../../../../src/core/view/line-text.ts';
import { refusalText } from '../../../../../src/core/view/refusals.ts';
import { announced, application, dana, pauseOf, sentAs } from '../../../../support/data/pauses.ts';
import { mara, requirementOf, signed, verbRule } from '../../../../support/data/requirements.ts';

const HOUR_MS = 3_600_000;
const END = 4 * HOUR_MS;
const rejects: Timing = { expire: { afterMs: END, end: 'reject' }, escalate: [] };
const leaves: Timing = { expire: { afterMs: END, end: 'leave' }, escalate: [] };
const one = requirementOf({ verbs: { approve: verbRule(), reject: verbRule(), take_over: verbRule() } });

function asked(timing: Timing, more: Partial<Pause> = {}, requirement = one): Input {
  return announced({ pause: pauseOf(more), requirement, timing });
}

/** @param events each with the moment at which it happens, ms; each state is stored and read in between */
function run(...events: readonly (readonly [Input, number])[]): Step & { state: Approval } {
  let last: Step = { state: null, effects: [] };
  for (const [input, now] of events) {
    const stored = last.state === null ? null : approvalSchema.parse(JSON.parse(JSON.stringify(last.state)));
    last = step(stored, input, now);
  }
  const { state, effects, ignored } = last;
  assert.ok(state !== null);
  return { state, effects, ...(ignored !== undefined && { ignored }) };
}

const ended: Input = { type: 'time_ended' };
const sending: Input = { type: 'sending', resendable: true };
const recorded = sentAs({ type: 'recorded', following: false });
const status = (state: Approval) =>
  renderCard(state, { backend: 'Runtype' }).status.map(spanText).join('').split(' · ')[0]?.trim();
const buttons = (state: Approval) => renderCard(state, { backend: 'Runtype' }).buttons.map(({ action }) => action);

describe('an end that rejects', () => {
  test('sends one rejection, which says that no one decided, at its end and no earlier', () => {
    const open = run([asked(rejects), 0]);
    assert.equal(nextWake(open.state, 0), END);
    assert.deepEqual(
      open.effects.filter(({ type }) => type === 'wake'),
      [{ type: 'wake', at: END }],
    );
    assert.equal(step(open.state, ended, END - 1).ignored, 'known');
    const over = run([asked(rejects), 0], [ended, END]);
    const { phase, decision, signatures } = over.state;
    assert.equal(phase, 'decided');
    assert.deepEqual(decision, {
      action: 'reject',
      actor: { platform: 'policy', id: 'expiry', name: 'The policy' },
      text: 'Nobody decided within 4 hours.',
      at: END,
    });
    assert.deepEqual(signatures, []);
    assert.deepEqual(
      over.effects.filter(({ type }) => type === 'decide'),
      [{ type: 'decide', groupId: 'approval:appr_1' }],
    );
    assert.equal(step(over.state, ended, END + 1).ignored, 'known', 'once');
  });

  test('is shown as expired, and never as what a person decided', () => {
    const pending = run([asked(rejects), 0], [ended, END]).state;
    assert.equal(status(pending), 'Expired. Nobody decided within 4 hours. A rejection is sent. Sending to Runtype…');
    assert.deepEqual(buttons(pending), ['details']);
    const over = run([asked(rejects), 0], [ended, END], [sending, END], [recorded, END + 5]).state;
    assert.deepEqual([over.phase, over.outcome, isInForce(over)], ['settled', 'expired', true]);
    assert.equal(status(over), 'Expired. Nobody decided within 4 hours. Runtype got a rejection.');
    const card = renderCard(over, { backend: 'Runtype' });
    assert.deepEqual([card.tone, card.remark], ['neutral', null]);
    assert.doesNotMatch(JSON.stringify(card), /Rejected by|decided in|The policy/);
    assert.equal(refusalText('already_decided', pending), 'Too late: this request has expired.');
    assert.equal(refusalText('already_decided', over), 'Too late: this request has expired.');
  });

  test('voids signatures that are not complete', () => {
    const half = run([asked(rejects, {}, requirementOf()), 0], [signed(mara), 10]);
    assert.equal(half.state.signatures.length, 1);
    const over = run([asked(rejects, {}, requirementOf()), 0], [signed(mara), 10], [ended, END]).state;
    assert.deepEqual([over.decision?.action, over.signatures], ['reject', []]);
    assert.equal(over.decision?.text, 'Not enough people decided within 4 hours: only Mara Lind signed.');
  });

  test('ends a claim, however long its lease is', () => {
    const held: Input = { type: 'held', actor: dana, fingerprint: 'd1', until: 10 * END, right: 'allowed' };
    const over = run([asked(rejects), 0], [held, 10], [ended, END]).state;
    assert.deepEqual([over.phase, over.claim, over.decision?.action], ['decided', null, 'reject']);
  });

  test('takes no press after the end, before its timer ran', () => {
    const held: Input = { type: 'held', actor: dana, fingerprint: 'd1', until: 10 * END, right: 'allowed' };
    for (const input of [signed(mara), signed(mara, { action: 'reject', text: 'no' }), held]) {
      const late = run([asked(rejects), 0], [input, END]);
      assert.deepEqual([late.ignored, late.state.phase], ['too_late', 'open']);
    }
    assert.equal(run([asked(rejects), 0], [signed(mara), END - 1]).state.decision?.action, 'approve');
  });

  test('leaves a decision alone that is on its way, also one whose call fails for now', () => {
    const decided = [[asked(rejects), 0] as const, [signed(mara), END - 1] as const];
    assert.equal(run(...decided, [ended, END]).ignored, 'known');
    assert.equal(run(...decided, [sending, END - 1], [ended, END]).ignored, 'known');
    const unsent = sentAs({ type: 'unsent', reason: 'down' });
    const waiting = run(...decided, [sending, END - 1], [unsent, END], [ended, END + 1]);
    assert.deepEqual([waiting.ignored, waiting.state.decision?.action], ['known', 'approve']);
  });

  test('that came in time is recorded by an answer to a second call, and one that was not sent can be tried again', () => {
    const called = [[asked(rejects), 0] as const, [ended, END] as const, [sending, END] as const];
    const already = sentAs({ type: 'already', verdict: 'reject', reason: 'already denied' });
    const again = run(...called, [sentAs({ type: 'ambiguous', reason: 'reset' }), END], [sending, END], [already, END]);
    assert.deepEqual([again.state.outcome, isInForce(again.state)], ['expired', true]);
    const refused = run(...called, [sentAs({ type: 'refused', reason: 'bad key' }), END]).state;
    assert.equal(refused.outcome, 'failed');
    assert.equal(
      status(refused),
      'Expired. Nobody decided within 4 hours. Runtype did not accept the rejection. bad key.',
    );
    assert.deepEqual(buttons(refused), ['retry', 'details']);
    const retried = step(refused, { type: 'retried', actor: dana, right: 'allowed' }, END + 1).state;
    assert.equal(retried?.decision?.action, 'reject');
  });

  test('that its backend had ended by itself is not a decision of ours', () => {
    const called = [[asked(rejects), 0] as const, [ended, END] as const, [sending, END] as const];
    const timeout = sentAs({ type: 'already', verdict: 'timeout', reason: 'timed out' });
    const over = run(...called, [timeout, END]).state;
    assert.deepEqual([over.outcome, over.decision, isInForce(over)], ['expired', null, false]);
    const elsewhere = sentAs({ type: 'already', verdict: 'approve', reason: 'approved' });
    assert.equal(run(...called, [elsewhere, END]).state.outcome, 'decided_elsewhere');
  });

  test('closes only what its wire can’t reject, and nothing that can’t be decided here', () => {
    const answer = asked(rejects, { kind: 'await', actions: ['take_over'] });
    const over = run([answer, 0], [ended, END]).state;
    assert.deepEqual([over.outcome, over.decision], ['expired', null]);
    assert.equal(policyEndOf(run([asked(rejects, { actions: [] }), 0]).state), null);
  });
});

describe('an end that leaves it', () => {
  test('closes it here and sends nothing', () => {
    const { state, effects } = run([asked(leaves), 0], [ended, END]);
    assert.deepEqual([state.phase, state.outcome, state.decision], ['settled', 'expired', null]);
    assert.equal(isInForce(state), false);
    assert.equal(
      effects.some(({ type }) => type === 'decide'),
      false,
    );
    assert.equal(status(state), 'Expired without a decision. Runtype was sent nothing, and may still wait.');
    assert.deepEqual(buttons(state), ['details']);
    assert.equal(step(state, signed(mara), END + 1).ignored, 'already_decided');
  });

  test('lets the others of its group be sent without it', () => {
    const { effects } = run([asked(leaves, { kind: 'await', groupId: 'g1' }), 0], [ended, END]);
    assert.deepEqual(
      effects.filter(({ type }) => type === 'decide'),
      [{ type: 'decide', groupId: 'g1' }],
    );
  });
});

describe('the backend’s own deadline', () => {
  test('counts where it is earlier: then the policy ends nothing', () => {
    const { state } = run([asked(rejects, { deadline: END - 1 }), 0]);
    assert.equal(policyEndOf(state), null);
    assert.equal(endToShow(state), END - 1);
    assert.equal(run([asked(rejects, { deadline: END - 1 }), 0], [ended, 2 * END]).ignored, 'known');
    assert.equal(run([asked(rejects, { deadline: END - 1 }), 0], [signed(mara), 2 * END]).state.phase, 'decided');
  });

  test('does not where it is later, or where a new announcement moves it there', () => {
    const { state } = run([asked(rejects, { deadline: END + 1 }), 0]);
    assert.deepEqual([policyEndOf(state)?.at, endToShow(state)], [END, END]);
    const moved = run(
      [asked(rejects, { deadline: 2 * HOUR_MS }), 0],
      [asked(rejects, { deadline: 9 * HOUR_MS, parameters: {} }), 1],
    );
    assert.equal(moved.ignored, 'known', 'the same fingerprint: nothing is taken from it');
    const changed = announced({
      pause: pauseOf({ deadline: 9 * HOUR_MS }),
      fingerprint: 'd2',
      requirement: one,
      timing: rejects,
    });
    const next = run([asked(rejects, { deadline: 2 * HOUR_MS }), 0], [changed, HOUR_MS]).state;
    assert.equal(policyEndOf(next)?.at, END, 'and it still counts from when it was asked');
  });

  test('of an asker ends it as its own does, also where both ends were slept through', () => {
    const mine = { kind: 'item' as const, backend: 'inbox', expiry: 'sent' as const };
    assert.equal(run([asked(rejects, { ...mine, deadline: HOUR_MS }), 0], [ended, HOUR_MS]).state.decision, null);
    const early = run([asked(rejects, { ...mine, deadline: 2 * END }), 0], [ended, END]).state;
    assert.equal(early.decision?.action, 'reject');
    const slept = run([asked(rejects, { ...mine, deadline: END + 5 }), 0], [ended, END + 5]).state;
    assert.deepEqual([slept.outcome, slept.decision], ['expired', null]);
  });
});

test('an application’s own call after the end is too late, and where the policy only leaves it, it counts', () => {
  const claimed: Input = { type: 'claimed', action: 'approve', actor: application, text: null };
  assert.equal(run([asked(rejects), 0], [claimed, END]).ignored, 'too_late');
  assert.equal(run([asked(leaves), 0], [claimed, END]).state.decision?.action, 'approve');
});

test('an application’s own call in time is not ended, and one that did not arrive ends at once', () => {
  const claimed: Input = { type: 'claimed', action: 'approve', actor: application, text: null };
  const lost = sentAs({ type: 'unsent', reason: 'not forwarded' });
  const { state } = run([asked(rejects), 0], [claimed, END - 1], [lost, END]);
  assert.equal(state.phase, 'open');
  assert.ok((nextWake(state, END) ?? 0) <= END);
  assert.equal(step(state, ended, END).state?.decision?.action, 'reject');
});

test('what is asked again has its whole time again, and no signature or escalation of before', () => {
  const again = announced({ pause: pauseOf({ groupId: 'g2' }), requirement: one, timing: rejects });
  const { state } = run([asked(leaves), 0], [ended, END], [again, 9 * HOUR_MS]);
  assert.deepEqual([state.phase, state.requirement?.expire], ['open', { at: 13 * HOUR_MS, end: 'reject' }]);
});
