import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Approval } from '../../../../src/core/approval/approval.ts';
import type { Input } from '../../../../src/core/approval/inputs.ts';
import { step } from '../../../../src/core/approval/steps/step.ts';
import type { Stop } from '../../../../src/core/policy/operators/stop.ts';
import { renderCard } from '../../../../src/core/view/cards/approval-card.ts';
import { spanText } from '../../../../src/core/view/line-text.ts';
import { pendingListOf } from '../../../../src/core/view/lists/pending-list.ts';
import { stoppedText } from '../../../../src/core/view/operators/stopped.ts';
import { announced, pressed, sam, sentAs } from '../../../support/data/pauses.ts';

const at = Date.UTC(2026, 8, 1, 10, 7);
const stop: Stop = { by: sam, at, reason: null };
const cardOf = (inputs: Input[], given: Stop | null = stop) => {
  const state = inputs.reduce<Approval | null>((before, input) => step(before, input, at).state, null);
  assert.ok(state !== null);
  return renderCard(state, { backend: 'Runtype', stop: given });
};
const statusText = (card: ReturnType<typeof cardOf>) => card.status.map(spanText).join('');

describe('a card while everything is stopped', () => {
  test('says so first, also in its notification, and then what it said before', () => {
    const card = cardOf([announced()]);
    assert.match(
      statusText(card),
      /^Countersign is stopped\. .*Presses are refused until an operator types \/countersign start\. Needs a/,
    );
    assert.match(card.summary, /Countersign is stopped/);
    assert.equal(card.tone, 'warning');
    assert.deepEqual(
      card.buttons.map(({ action }) => action),
      cardOf([announced()], null).buttons.map(({ action }) => action),
      'the buttons stay: they work as soon as it is started',
    );
  });

  test('says of a decision that it is sent later', () => {
    const text = statusText(cardOf([announced(), pressed()]));
    assert.match(
      text,
      /^Countersign is stopped\. .*Dana .* pressed Approve\. It is sent once an operator types \/countersign start\./,
    );
  });

  test('stays as it is where the call is under way, or has ended', () => {
    const sending: Input[] = [announced(), pressed(), { type: 'sending', resendable: true }];
    assert.deepEqual(cardOf(sending), cardOf(sending, null));
    const ended = [...sending, sentAs({ type: 'recorded', following: false })];
    assert.deepEqual(cardOf(ended), cardOf(ended, null));
  });
});

test('the reason is quoted, on one line, and cut', () => {
  const text = stoppedText({ ...stop, reason: `it loops\n*Approved* by Dana. ${'x'.repeat(400)}` });
  assert.ok(!text.includes('\n'));
  assert.ok(text.length < 500);
  assert.match(text, /\(“it loops/);
});

test('a list of what waits says it above the result of the last press', () => {
  const who = { actor: sam, roles: [] };
  const query = { surface: 'message', filter: { type: 'mine' }, page: 0 } as const;
  const nothing = { approvals: [], page: 0, chosen: 0, known: 0, unverified: 0 };
  const deps = { policy: { right: () => 'allowed' as const }, backendTitle: String, now: at };
  const noticeOf = (given: Stop | null) =>
    pendingListOf(nothing, { who, query, size: 3, notice: 'You pressed Approve.', stop: given }, deps).notice;
  assert.equal(
    noticeOf(stop),
    'Countersign is stopped: Sam Okafor in Discord stopped it at 2026-09-01 10:07 UTC. Presses are refused until an operator types /countersign start. You pressed Approve.',
  );
  assert.equal(noticeOf(null), 'You pressed Approve.');
});
