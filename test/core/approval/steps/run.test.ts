/** What happens to a run that somebody started from chat, and what its card says of it. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Approval, Continuation } from '../../../../src/core/approval/approval.ts';
import type { Input, Step } from '../../../../src/core/approval/inputs.ts';
import { progressOf } from '../../../../src/core/approval/steps/run.ts';
import { step } from '../../../../src/core/approval/steps/step.ts';
import { renderCard } from '../../../../src/core/view/cards/approval-card.ts';
import { renderResult } from '../../../../src/core/view/cards/thread-notes.ts';
import { spanText } from '../../../../src/core/view/line-text.ts';
import { after, announced, dana, pauseOf, pressed, sam, sentAs, started } from '../../../support/data/pauses.ts';

const sending: Input = { type: 'sending', resendable: false };
const recorded = sentAs({ type: 'recorded', following: true }, { resendable: false });
const running = [started(), sending, recorded];
const continued = (state: Continuation['state'], text: string | null = null, noted = false): Input => ({
  type: 'continued',
  continuation: { state, text },
  noted,
});

function last(...inputs: readonly Input[]): Step {
  const [input, ...before] = [...inputs].reverse();
  assert.ok(input);
  return step(before.length === 0 ? null : after(...before.reverse()), input, 2_000);
}

describe('a start', () => {
  test('is decided from the first moment, by whoever typed it, and asks to be sent', () => {
    const { state, effects } = last(started());
    assert.equal(state?.phase, 'decided');
    assert.deepEqual(state?.decision, { action: 'approve', actor: dana, text: 'Mara wants her money back', at: 2_000 });
    assert.deepEqual(effects, [
      { type: 'draw', slot: 'card@slack:C0ROOM' },
      { type: 'draw', slot: 'card@discord:4100' },
      { type: 'decide', groupId: 'run:slack:1' },
    ]);
  });

  test('by somebody who may not makes nothing', () => {
    assert.deepEqual(last(started({ right: 'denied' })), { state: null, effects: [], ignored: 'not_allowed' });
    assert.deepEqual(last(started({ right: 'unverified' })), { state: null, effects: [], ignored: 'unverified' });
  });

  test('heard twice is one', () => assert.equal(last(started(), started({ actor: sam })).ignored, 'known'));

  test('is over once its backend took it, and goes on being told', () => {
    const { state } = last(...running);
    assert.deepEqual([state?.phase, state?.outcome, state?.continuation?.state], ['settled', 'started', 'following']);
  });

  test('that may have arrived is never sent by itself again, and Try again sends it', () => {
    const lost = sentAs({ type: 'ambiguous', reason: 'no answer' }, { resendable: false });
    assert.equal(after(started(), sending, lost).outcome, 'unconfirmed');
    assert.equal(after(started(), sending, sending).outcome, 'unconfirmed', 'stopped in the middle');
    const { state, effects } = last(started(), sending, lost, { type: 'retried', actor: sam, right: 'allowed' });
    assert.equal(state?.phase, 'decided');
    assert.deepEqual(state?.decision?.actor, dana);
    assert.ok(effects.some(({ type }) => type === 'decide'));
    const denied = last(started(), sending, lost, { type: 'retried', actor: sam, right: 'denied' });
    assert.equal(denied.ignored, 'not_allowed');
  });

  test('that was refused has failed, whatever the refusal was called', () => {
    for (const type of ['refused', 'gone'] as const)
      assert.equal(after(started(), sending, sentAs({ type, reason: 'w' })).outcome, 'failed');
    const already = sentAs({ type: 'already', verdict: 'approve', reason: 'w' });
    assert.equal(after(started(), sending, already).outcome, 'failed');
  });

  test('takes nothing that is meant for an approval', () => {
    const stray: Input[] = [
      announced(),
      pressed(),
      { type: 'claimed', action: 'approve', actor: sam, text: null },
      { type: 'cancelled', reason: 'w' },
      { type: 'resolved', verdict: 'approve', reason: null },
      { type: 'absent', begunAt: 9_000, reason: 'w' },
    ];
    for (const input of stray) assert.equal(last(started(), input).ignored, 'not_possible', input.type);
  });
});

describe('a run that goes on', () => {
  test('gets its id from its backend', () => {
    assert.equal(after(...running, { type: 'renamed', runId: 'exec_7' }).pause.runId, 'exec_7');
  });

  test('is redrawn at each turn, and its end is told in the thread, once', () => {
    const paused = last(...running, continued('paused', 'Refund order'));
    assert.equal(paused.effects.length, 2, 'both cards');
    assert.equal(last(...running, continued('following')).ignored, 'known');
    const over = last(...running, continued('completed', 'Done'));
    assert.deepEqual(
      over.effects.map((effect) => effect.type === 'draw' && effect.slot.split('@')[0]),
      ['card', 'card', 'result', 'result'],
    );
    assert.equal(last(...running, continued('completed', 'Done'), continued('lost')).ignored, 'known');
  });

  test('that was lost and is heard of again says what it heard', () => {
    const found = after(...running, continued('lost'), continued('paused'), continued('completed', 'Done'));
    assert.equal(found.continuation?.text, 'Done');
  });

  test('whose loss is told already gets no second note', () => {
    const { effects } = last(...running, continued('lost', null, true));
    assert.equal(effects.length, 2, 'the cards, and no note');
  });
});

describe('a settled card says how the run went', () => {
  const followed = [pressed(), sending, sentAs({ type: 'recorded', following: true })];
  const rejected = [pressed({ action: 'reject', text: 'No' }), sending, sentAs({ type: 'recorded', following: true })];
  const statusOfCard = (...inputs: Input[]) =>
    renderCard(after(announced(), ...inputs), { backend: 'Runtype' })
      .status.map(spanText)
      .join('');

  test('redrawn once, when it ends', () => {
    assert.deepEqual(last(announced(), ...followed, continued('paused')).effects, []);
    const { effects } = last(announced(), ...followed, continued('failed', 'Broke'));
    assert.deepEqual(effects.map((effect) => effect.type === 'draw' && effect.slot.split('@')[0]).sort(), [
      'card',
      'card',
      'result',
      'result',
    ]);
  });

  test('in one line', () => {
    assert.doesNotMatch(statusOfCard(...followed), /Run:/);
    assert.match(
      statusOfCard(...followed, continued('completed', 'Done')),
      /^Approved by .*\d\S*\. Run: complete, see thread\.$/,
    );
    assert.match(statusOfCard(...followed, continued('failed', 'Broke')), / Run: failed, see thread\.$/);
    assert.match(statusOfCard(...followed, continued('lost')), / Run: lost track of it, see thread\.$/);
  });

  test('after a rejection the agent went on without it, and that is not green', () => {
    assert.match(statusOfCard(...rejected, continued('completed', 'Sorry')), / The agent went on without it\.$/);
    const note = renderResult(after(announced(), ...rejected, continued('completed', 'Sorry')), 'Runtype');
    assert.deepEqual([note?.tone, note?.title], ['neutral', 'The agent went on without it.']);
    const failed = renderResult(after(announced(), ...rejected, continued('failed', 'Broke')), 'Runtype');
    assert.equal(failed?.tone, 'bad');
  });
});

describe('how a run stands', () => {
  const asked = (...inputs: Input[]) => after(announced(), ...inputs);
  const says = (...approvals: Approval[]) => progressOf(approvals)?.continuation;
  const lostNote = { type: 'continued', continuation: { state: 'lost', text: null } } as const;
  const followed = [pressed(), sending, sentAs({ type: 'recorded', following: true })];

  test('is told by what it has asked', () => {
    assert.equal(progressOf([]), null);
    const other = after(announced({ pause: pauseOf({ key: 'approval:2', tool: 'send_invoice' }) }));
    assert.deepEqual(says(asked(), other), { state: 'paused', text: 'Refund order, Send invoice' });
    assert.deepEqual(says(asked(pressed())), { state: 'paused', text: null });
    assert.deepEqual(says(asked(pressed(), sending, sentAs({ type: 'refused', reason: 'w' }))), {
      state: 'paused',
      text: null,
    });
    assert.deepEqual(says(asked(...followed)), { state: 'following', text: null });
    assert.deepEqual(says(asked(...followed), other), { state: 'paused', text: 'Send invoice' });
  });

  test('is not known any more where the last question ended without us', () => {
    const expired = asked({ type: 'resolved', verdict: 'timeout', reason: null });
    assert.deepEqual(progressOf([expired]), { continuation: { state: 'lost', text: null }, noted: false });
    assert.deepEqual(progressOf([asked(...followed, lostNote)]), {
      continuation: { state: 'lost', text: null },
      noted: true,
    });
  });
});

describe('its card', () => {
  const status = (...inputs: Input[]) =>
    renderCard(after(...inputs), { backend: 'Runtype' })
      .status.map(spanText)
      .join('');
  const rows: [Input[], RegExp][] = [
    [[started()], /^Starting…$/],
    [[started(), sending], /^Starting…$/],
    [
      [started(), sending, sentAs({ type: 'unsent', reason: 'Runtype answered 429: Too many' })],
      /^Not started yet \(Runtype answered 429: Too many\)\. Retrying automatically\.$/,
    ],
    [running, /^Running\.$/],
    [[...running, continued('paused', 'Refund order')], /^Needs a decision: Refund order\.$/],
    [[...running, continued('paused')], /^Paused\.$/],
    [[...running, continued('completed', 'Done')], /^Finished\.$/],
    [[...running, continued('failed', 'boom')], /^Failed\. The run ended with an error\.$/],
    [
      [...running, continued('lost')],
      /^Lost track of this run\. The connection to Runtype broke\. Check its outcome in Runtype\.$/,
    ],
    [
      [started(), sending, sentAs({ type: 'refused', reason: 'Credit is used up' })],
      /^Could not be started\. Credit is/,
    ],
    [[started(), sending, sending], /^Unconfirmed\. .*Check in Runtype before you try again: it could run twice\.$/],
  ];
  for (const [inputs, expected] of rows) test(String(expected), () => assert.match(status(...inputs), expected));

  test('shows who asked for what, masked and visible, and no button but Try again', () => {
    const text = 'Use sk_live_4242424242424242 \u202eand <!channel>';
    const card = renderCard(after(started({ text }), sending, recorded), { backend: 'Runtype' });
    assert.equal(card.title, 'Run refunds');
    assert.equal(card.asker?.map(spanText).join(''), 'Dana Reyes started refunds');
    assert.equal(card.remark?.label, 'Request');
    assert.doesNotMatch(card.remark?.text ?? '', /sk_live_4242|\u202e/);
    const labels = ({ buttons }: typeof card) => buttons.map(({ label }) => label);
    assert.deepEqual(labels(card), ['Details']);
    const failed = renderCard(after(started(), sending, sentAs({ type: 'refused', reason: 'w' })), {
      backend: 'Runtype',
    });
    assert.deepEqual(labels(failed), ['Try again', 'Details']);
    const result = renderResult(after(...running, continued('completed', 'Done')), 'Runtype');
    assert.equal(result?.title, '“refunds” finished');
    assert.equal(result?.body?.text, 'Done');
  });
});
