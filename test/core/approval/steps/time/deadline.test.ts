import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Approval, approvalSchema } from '../../../../../src/core/approval/approval.ts';
import type { Input } from '../../../../../src/core/approval/inputs.ts';
import { step } from '../../../../../src/core/approval/steps/step.ts';
import { nextWake } from '../../../../../src/core/approval/steps/time/timer.ts';
import { statusOf } from '../../../../../src/core/view/cards/status/line.ts';
import { spanText } from '../../../../../src/core/view/line-text.ts';
import { announced, pauseOf, pressed, sentAs } from '../../../../support/data/pauses.ts';

const MINUTE = 60_000;
const deadline = 10 * MINUTE;
const asked = announced({ pause: pauseOf({ deadline }) });

/** @param events each with the moment at which it happens, ms */
function run(...events: readonly (readonly [Input, number])[]) {
  let state: Approval | null = null;
  let last = null;
  for (const [input, now] of events) {
    last = step(state, input, now);
    state = last.state;
  }
  assert.ok(state !== null && last !== null);
  return { state, effects: last.effects, ignored: last.ignored };
}
const words = (state: Approval) => statusOf(state, 'Runtype').line.map(spanText).join('');
const passed: Input = { type: 'deadline_passed' };

test('a timer is set for the deadline, which closes nothing: the card says that it has passed', () => {
  const open = run([asked, 0]);
  assert.deepEqual(
    open.effects.filter(({ type }) => type === 'wake'),
    [{ type: 'wake', at: deadline }],
  );
  assert.equal(nextWake(open.state, 0), deadline);
  assert.equal(step(open.state, passed, deadline - 1).ignored, 'known');
  const late = run([asked, 0], [passed, deadline]);
  assert.equal(late.state.phase, 'open');
  assert.equal(late.effects.filter(({ type }) => type === 'draw').length, 2, 'each copy is drawn again');
  assert.match(
    words(late.state),
    /^Needs a decision\. Runtype’s deadline has passed: it may refuse the answer\. Deadline: .*\.$/,
  );
  assert.equal(nextWake(late.state, deadline), null, 'and nothing is left to wait for');
  assert.equal(step(late.state, passed, deadline + 1).ignored, 'known');
});

test('what was pressed and is not sent yet says so too', () => {
  const { state } = run([asked, 0], [pressed(), 1], [passed, deadline]);
  assert.match(words(state), /^Dana Reyes pressed Approve\. .*Runtype’s deadline has passed/);
});

test('a new deadline takes the words away, and has a timer of its own', () => {
  const again = announced({ pause: pauseOf({ deadline: 30 * MINUTE, askedAt: 11 * MINUTE }), fingerprint: 'd1' });
  const { state, effects } = run(
    [asked, 0],
    [passed, deadline],
    [{ ...again, streamOpen: true } as Input, 11 * MINUTE],
  );
  assert.equal(state.overdue, undefined);
  assert.equal(words(state), 'Needs a decision. Expires 1970-01-01T00:30:00.000Z.');
  assert.equal(effects.filter(({ type }) => type === 'draw').length, 2);
  assert.ok(effects.some((effect) => effect.type === 'wake' && effect.at === state.pause.deadline));
});

test('a deadline that passed during a call is known when it comes back undecided', () => {
  const sending: Input = { type: 'sending', resendable: true };
  const unsent = sentAs({ type: 'unsent', reason: 'connection refused' });
  const { state } = run([asked, 0], [pressed(), 1], [sending, 2], [unsent, deadline + 1]);
  assert.equal(state.overdue, true);
});

test('a row of an earlier version is watched from the next start on', () => {
  const { overdue: _, ...stored } = run([asked, 0]).state;
  const old = approvalSchema.parse(JSON.parse(JSON.stringify(stored)));
  const ahead = step(old, { type: 'recovered' }, MINUTE);
  assert.ok(ahead.effects.some((effect) => effect.type === 'wake' && effect.at === deadline));
  assert.equal(step(old, { type: 'recovered' }, deadline).state?.overdue, true);
});
