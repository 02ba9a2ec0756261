/**
 * The one timer, and the law of all that time does: for any schedule of restarts, late looks and jumps of the clock each
 * step happens once, never early, and never as an approval.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { type Approval, approvalSchema } from '../../../../../src/core/approval/approval.ts';
import type { Input } from '../../../../../src/core/approval/inputs.ts';
import type { Timing } from '../../../../../src/core/approval/parts/requirement.ts';
import { step } from '../../../../../src/core/approval/steps/step.ts';
import { audibleAt } from '../../../../../src/core/approval/steps/time/quiet.ts';
import { nextWake, withTimer } from '../../../../../src/core/approval/steps/time/timer.ts';
import { announced, dana, pauseOf, sentAs, slackRoom } from '../../../../support/data/pauses.ts';
import { mara, requirementOf, signed, verbRule } from '../../../../support/data/requirements.ts';
import { runs } from '../../../../support/property.ts';

const MINUTE_MS = 60_000;
const verbs = { approve: verbRule(), reject: verbRule() };
const quiet = { from: 20 * 60, to: 7 * 60, zone: 'Europe/Berlin', exceptDangerous: true };
const start = Date.parse('2026-11-30T18:50Z');
const ticks: readonly Input[] = [
  { type: 'hold_ended' },
  { type: 'deadline_passed' },
  { type: 'time_ended' },
  { type: 'escalation_due', mention: [], rooms: [] },
  { type: 'reminder_due' },
];

describe('the timer', () => {
  test('is set once for all that may come, and again only for what comes earlier', () => {
    const timing: Timing = { expire: { afterMs: 9 * MINUTE_MS, end: 'leave' }, escalate: [] };
    const input = announced({ requirement: requirementOf(), timing, remindAfter: [5 * MINUTE_MS, 7 * MINUTE_MS] });
    const asked = step(null, input, 0);
    assert.deepEqual(
      asked.effects.filter(({ type }) => type === 'wake'),
      [{ type: 'wake', at: 5 * MINUTE_MS }],
    );
    const held: Input = { type: 'held', actor: dana, fingerprint: 'd1', until: 8 * MINUTE_MS, right: 'allowed' };
    assert.equal(
      step(asked.state, held, 10).effects.some(({ type }) => type === 'wake'),
      false,
    );
    const short = step(asked.state, { ...held, until: MINUTE_MS }, 10);
    assert.deepEqual(
      short.effects.filter(({ type }) => type === 'wake'),
      [{ type: 'wake', at: MINUTE_MS }],
    );
  });

  test('of what is ignored, or over, is left as it is', () => {
    const { state } = step(null, announced({ remindAfter: [MINUTE_MS] }), 0);
    assert.ok(state !== null);
    assert.deepEqual(withTimer(null, { state, effects: [], ignored: 'known' }, 0).effects, []);
    const over = step(state, { type: 'cancelled', reason: 'gone' }, 1).state;
    assert.equal(nextWake(over, 1), null);
  });
});

/** The moments of the wall clock at which somebody looks: late, early, twice, and after jumps back and forth. */
const looks = fc.array(fc.integer({ min: -90, max: 400 }), { minLength: 1, maxLength: 25 });
const timings = fc.record({
  expire: fc.option(
    fc.record({
      afterMs: fc.integer({ min: 1, max: 1200 }),
      end: fc.constantFrom('leave' as const, 'reject' as const),
    }),
  ),
  escalate: fc.array(
    fc.record({
      afterMs: fc.integer({ min: 1, max: 1200 }),
      places: fc.constantFrom([], [slackRoom], [{ platform: 'slack', room: 'C0OPS' }]),
      mention: fc.constantFrom(['oncall'], ['boss'], []),
    }),
    { maxLength: 3 },
  ),
});
const minutes = fc.uniqueArray(fc.integer({ min: 1, max: 1200 }), { maxLength: 4 });
const between = fc.constantFrom<readonly Input[]>(
  [],
  [{ type: 'recovered' }],
  [{ type: 'held', actor: dana, fingerprint: 'd1', until: start + 2 * 3_600_000, right: 'allowed' }],
  [announced({ pause: pauseOf({ parameters: {} }), fingerprint: 'd1', requirement: requirementOf() })],
);

function inMs({ expire, escalate }: { expire: Timing['expire']; escalate: Timing['escalate'] }): Timing {
  const ms = <T extends { afterMs: number }>(one: T): T => ({ ...one, afterMs: one.afterMs * MINUTE_MS });
  return { expire: expire === null ? null : ms(expire), escalate: escalate.map(ms) };
}

test('each step happens once, never early and never as an approval, however often and late somebody looks', () => {
  fc.assert(
    fc.property(timings, minutes, looks, between, fc.boolean(), (given, reminded, steps, more, calls) => {
      const timing = inMs(given);
      const remindAfter = reminded.sort((one, other) => one - other).map((one) => one * MINUTE_MS);
      const asked = announced({ requirement: requirementOf({ quiet, verbs }), timing, remindAfter });
      let state = step(null, asked, start).state;
      assert.ok(state !== null);
      let now = start;
      let latest = start;
      const rejections = new Set<number>();
      for (const minutesOn of steps) {
        now += minutesOn * MINUTE_MS;
        latest = Math.max(latest, now);
        for (const input of [...more, ...ticks, ...(calls ? [{ type: 'sending', resendable: true } as const] : [])]) {
          const before: Approval = approvalSchema.parse(JSON.parse(JSON.stringify(state)));
          const after = step(before, input, now);
          assert.ok(after.state !== null);
          check(before, after.state, now);
          if (after.state.decision !== null && before.decision === null) rejections.add(after.state.decision.at);
          state = after.state;
          const wake = nextWake(state, now);
          if (state.phase === 'open' && wake !== null && input === ticks.at(-1))
            assert.ok(wake > now, 'after a look nothing is due');
        }
        if (state.phase === 'sending')
          state = step(state, sentAs({ type: 'recorded', following: false }), now).state ?? state;
      }
      assert.ok(rejections.size <= 1);
      assert.notEqual(state.outcome, 'approved');
      assert.notEqual(state.decision?.action, 'approve');
      const { escalated = [], escalations = [] } = state.requirement ?? {};
      assert.equal(escalated.length + escalations.length, timing.escalate.length);
      const notes = Object.keys(state.slots).filter((slot) => slot.startsWith('reminder'));
      assert.ok(
        notes.length <= 2 * remindAfter.length * 2,
        'and no more notes than reminders in two rooms and one more',
      );
    }),
    { numRuns: runs(120) },
  );
});

/** What one input has done at this moment of the wall clock. */
function check(before: Approval, after: Approval, now: number): void {
  const done = after.requirement?.escalated.slice(before.requirement?.escalated.length ?? 0) ?? [];
  for (const { at } of done) assert.ok(audibleAt(before, at) <= now, 'an escalation is not early, nor in quiet hours');
  const gone = before.remindAt.filter((at) => !after.remindAt.includes(at));
  if (Object.keys(after.slots).some((slot) => slot.startsWith('reminder') && !(slot in before.slots)))
    for (const at of gone) assert.ok(audibleAt(before, at) <= now, 'a reminder is not early, nor in quiet hours');
  const isNew = before.phase === 'open' && after.phase !== 'open';
  if (isNew) assert.ok((before.requirement?.expire?.at ?? Number.POSITIVE_INFINITY) <= now, 'the end is not early');
  if (after.decision !== null)
    assert.deepEqual([after.decision.action, after.decision.actor.platform], ['reject', 'policy']);
  const isOver = (after.requirement?.expire?.at ?? Number.POSITIVE_INFINITY) <= now;
  const press = step(after, signed(mara), now);
  if (isOver) assert.notEqual(press.ignored, undefined, 'no press counts from the end on');
}
