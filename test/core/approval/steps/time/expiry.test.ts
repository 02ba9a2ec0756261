/** The end that an asker gives its question, and the asker that leaves before it. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { type Approval, approvalSchema } from '../../../../../src/core/approval/approval.ts';
import type { Ignored, Input, Step } from '../../../../../src/core/approval/inputs.ts';
import type { Pause } from '../../../../../src/core/approval/pause/pause.ts';
import { step } from '../../../../../src/core/approval/steps/step.ts';
import { DELIVERY_MS } from '../../../../../src/core/approval/steps/time/expiry.ts';
import { nextWake } from '../../../../../src/core/approval/steps/time/timer.ts';
import { isInForce } from '../../../../../src/core/approval/steps/transitions.ts';
import { statusOf } from '../../../../../src/core/view/cards/status/line.ts';
import { spanText } from '../../../../../src/core/view/line-text.ts';
import { refusalText } from '../../../../../src/core/view/refusals.ts';
import { anyInput } from '../../../../support/data/any-input.ts';
import { announced, dana, pauseOf, pressed, sam, sentAs } from '../../../../support/data/pauses.ts';

const END = 600_000;
const LATE = END + DELIVERY_MS;

function asked(more: Partial<Pause> = {}): Input {
  return announced({
    pause: pauseOf({ kind: 'item', backend: 'inbox', deadline: END, expiry: 'fetched', ...more }),
    via: 'ingest',
  });
}

/** @param events each with the moment at which it happens, ms */
function run(...events: readonly (readonly [Input, number])[]): Step & { state: Approval } {
  let last: Step = { state: null, effects: [] };
  for (const [input, now] of events) last = step(last.state, input, now);
  const { state, effects, ignored } = last;
  assert.ok(state !== null);
  return { state, effects, ...(ignored !== undefined && { ignored }) };
}

const shown = (state: Approval) => statusOf(state, 'Countersign').line.map(spanText).join('').split(' · ')[0];
const withdrawn: Input = { type: 'withdrawn' };
const fetched: Input = { type: 'fetched' };
const timeEnded: Input = { type: 'time_ended' };
const sending: Input = { type: 'sending', resendable: true };
const held: Input = { type: 'held', actor: dana, fingerprint: 'd1', until: LATE, right: 'allowed', press: 'p1' };
const wakes = ({ effects }: Step) => effects.flatMap((effect) => (effect.type === 'wake' ? [effect.at] : []));
const decides = ({ effects }: Step) => effects.filter(({ type }) => type === 'decide').length;

describe('an open question', () => {
  test('ends at its end, by its timer, and no earlier', () => {
    const open = run([asked(), 0]);
    assert.deepEqual(wakes(open), [END]);
    assert.equal(nextWake(open.state, 0), END);
    assert.equal(step(open.state, timeEnded, END - 1).ignored, 'known');
    const over = run([asked(), 0], [timeEnded, END]);
    assert.deepEqual([over.state.outcome, over.state.settledAt], ['expired', END]);
    assert.equal(shown(over.state), 'Expired without a decision.');
    assert.equal(nextWake(over.state, END), null);
    assert.equal(over.effects.filter(({ type }) => type === 'draw').length, 2, 'each copy is drawn again');
  });

  test('takes no press, no claim and no other end from then on, also when its timer is late', () => {
    for (const input of [pressed(), pressed({ action: 'reject', text: 'no' }), held]) {
      const late = run([asked(), 0], [input, END]);
      assert.deepEqual([late.ignored, late.state.phase], ['too_late', 'open']);
      assert.equal(refusalText('too_late', late.state), 'Too late: this request has expired.');
    }
    assert.equal(run([asked(), 0], [pressed(), END - 1]).state.phase, 'decided');
    assert.equal(run([asked(), 0], [withdrawn, END]).state.outcome, 'expired');
  });

  test('is never overdue: its end is its own', () => {
    const { state } = run([asked(), 0], [{ type: 'deadline_passed' }, END]);
    assert.equal(state.overdue, undefined);
    assert.equal(run([asked(), 0], [{ type: 'unreachable', reason: 'down' }, END + 1]).state.overdue, undefined);
  });

  test('keeps its end to the moment, also one that passed while it came in', () => {
    assert.equal(run([asked({ deadline: 5 }), 1_000]).state.pause.deadline, 5);
  });

  test('is withdrawn, claimed or not, once', () => {
    for (const events of [[], [[held, 1]]] as const) {
      const { state } = run([asked(), 0], ...events, [withdrawn, 2]);
      assert.deepEqual([state.phase, state.outcome, state.claim, state.settledAt], ['settled', 'withdrawn', null, 2]);
      assert.equal(shown(state), 'Withdrawn: nobody waits for it any more.');
      const again = step(state, withdrawn, 3);
      assert.deepEqual([again.ignored, again.effects], ['already_decided', []]);
      const press = step(state, pressed(), 4);
      assert.equal(press.ignored, 'already_decided');
      assert.equal(
        refusalText('already_decided', state),
        'Too late: this was withdrawn. Nobody waits for it any more.',
      );
    }
  });

  test('without an end can be withdrawn, and is still sent at once', () => {
    const pause = pauseOf({ kind: 'item', deadline: null });
    assert.equal(run([announced({ pause }), 0], [withdrawn, 1]).state.outcome, 'withdrawn');
    assert.equal(decides(run([announced({ pause }), 0], [pressed(), 1])), 1);
  });
});

describe('a decision that its asker fetches', () => {
  test('counts once it is fetched, and is not called approved before', () => {
    const pressedOnly = run([asked(), 0], [pressed(), 1]);
    assert.deepEqual([pressedOnly.state.phase, decides(pressedOnly)], ['decided', 0]);
    assert.equal(
      shown(pressedOnly.state),
      'Dana Reyes pressed Approve. Waiting for its asker to receive the decision.',
    );
    const { state } = run([asked(), 0], [pressed(), 1], [fetched, 2]);
    assert.equal(state.outcome, 'approved');
    assert.equal(step(state, fetched, 3).ignored, 'known');
    assert.equal(step(state, timeEnded, LATE).ignored, 'known');
  });

  test('is not withdrawn any more, nor decided anew', () => {
    for (const input of [withdrawn, pressed({ actor: sam, action: 'reject' })]) {
      const { ignored, state } = run([asked(), 0], [pressed(), 1], [input, 2]);
      assert.deepEqual([ignored, state.phase, state.decision?.action], ['already_decided', 'decided', 'approve']);
    }
  });

  test('may be fetched for a while after the end, if it was made before', () => {
    const made = run([asked(), 0], [pressed(), END - 1]);
    assert.equal(nextWake(made.state, END), LATE);
    assert.equal(step(made.state, timeEnded, LATE - 1).ignored, 'known');
    assert.equal(step(made.state, fetched, LATE - 1).state?.outcome, 'approved');
    for (const input of [fetched, timeEnded, withdrawn]) {
      const { state } = run([asked(), 0], [pressed(), END - 1], [input, LATE]);
      assert.equal(state.outcome, 'expired', input.type);
      assert.equal(shown(state), 'Expired. Dana Reyes pressed Approve, but nobody received it in time.');
    }
  });

  test('waits over a restart and in a restored copy, without a job that sends it', () => {
    const recovered = run([asked(), 0], [pressed(), 1], [{ type: 'recovered' }, 2]);
    assert.deepEqual([decides(recovered), wakes(recovered)], [0, [LATE]]);
    const restored: Input = { type: 'restored', resendable: true, listed: false, waits: false, reason: 'a copy' };
    const copy = run([asked(), 0], [pressed(), 1], [restored, 2]);
    assert.deepEqual([copy.ignored, copy.state.phase], ['known', 'decided']);
  });

  test('of an answer in words is answered', () => {
    const open = asked({ kind: 'await', actions: ['take_over', 'reject'] });
    const answer = pressed({ action: 'take_over', text: 'staging' });
    assert.equal(run([open, 0], [answer, 1], [fetched, 2]).state.outcome, 'answered');
  });
});

describe('a decision that is sent to its asker', () => {
  const open = asked({ expiry: 'sent' });
  const unsent = sentAs({ type: 'unsent', reason: 'no answer' });

  test('is tried until a while after the end, and then it has expired', () => {
    const sent = run([open, 0], [pressed(), 1]);
    assert.equal(decides(sent), 1);
    const waiting = run([open, 0], [pressed(), 1], [sending, 2], [unsent, 3]);
    assert.equal(nextWake(waiting.state, END), LATE);
    const over = run([open, 0], [pressed(), 1], [sending, 2], [unsent, 3], [timeEnded, LATE]);
    assert.equal(over.state.outcome, 'expired');
    assert.equal(shown(over.state), 'Expired. no answer. Dana Reyes pressed Approve, but nobody received it in time.');
    // Its job may be due before the timer.
    const job = run([open, 0], [pressed(), 1], [sending, 2], [unsent, 3], [sending, LATE]);
    assert.equal(job.state.outcome, 'expired');
    assert.equal(step(over.state, { type: 'retried', actor: dana, right: 'allowed' }, LATE).ignored, 'too_late');
  });

  test('on its way at that moment ends as its call does', () => {
    const calling = run([open, 0], [pressed(), 1], [sending, 2], [timeEnded, LATE]);
    assert.deepEqual([calling.ignored, calling.state.phase], ['too_late', 'sending']);
    assert.ok((nextWake(calling.state, LATE) ?? 0) > LATE, 'the timer looks again later');
    assert.equal(
      step(calling.state, sentAs({ type: 'recorded', following: false }), LATE + 1).state?.outcome,
      'approved',
    );
    assert.equal(step(calling.state, sending, LATE + 1).state?.outcome, 'unconfirmed', 'after a crash: not sent again');
  });

  test('that may have arrived is unconfirmed', () => {
    const lost = sentAs({ type: 'ambiguous', reason: 'reset' });
    const { state } = run([open, 0], [pressed(), 1], [sending, 2], [lost, 3], [timeEnded, LATE]);
    assert.equal(state.outcome, 'unconfirmed');
  });
});

/** The inputs that bring a question of an asker, and no others, may come from outside. */
const events = fc.array(fc.tuple(anyInput({ kind: 'item', expiry: 'fetched' }), fc.nat(50)), { maxLength: 12 });

test('no question is in force unless a press before its end made it, and its asker received it in time', () => {
  const foreign = new Set<Input['type']>(['announced', 'started', 'claimed', 'resolved', 'sending', 'sent', 'absent']);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 40 }), events, (end, steps) => {
      let state = run([asked({ deadline: end }), 0]).state;
      let now = 0;
      for (const [input, wait] of steps) {
        if (foreign.has(input.type)) continue;
        // Sometimes beyond the time in which it is delivered.
        now += wait < 45 ? wait : DELIVERY_MS;
        const before = state;
        const next: { state: Approval | null; ignored?: Ignored } = step(before, input, now);
        assert.ok(next.state !== null);
        state = next.state;
        if (isInForce(state) && !isInForce(before)) {
          assert.equal(input.type, 'fetched');
          assert.ok((state.decision?.at ?? end) < end && now < end + DELIVERY_MS);
        }
        if (before.phase === 'settled') assert.equal(state.outcome, before.outcome, 'what ended stays so');
        const stored: unknown = JSON.parse(JSON.stringify(state));
        assert.deepEqual(approvalSchema.parse(stored), stored);
      }
    }),
  );
});
