/** When people are reminded, and where. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Approval } from '../../../../../src/core/approval/approval.ts';
import type { Requirement } from '../../../../../src/core/approval/parts/requirement.ts';
import { step } from '../../../../../src/core/approval/steps/step.ts';
import { remindersAhead } from '../../../../../src/core/approval/steps/time/reminders.ts';
import { nextWake } from '../../../../../src/core/approval/steps/time/timer.ts';
import { announced } from '../../../../support/data/pauses.ts';
import { requirementOf, verbRule } from '../../../../support/data/requirements.ts';

const MINUTE_MS = 60_000;
const at = (text: string) => Date.parse(`${text}:00Z`);
/** 19:50 in Berlin, where it is quiet from 20:00 to 7:00. */
const asked = at('2026-11-30T18:50');
const morning = at('2026-12-01T06:00');
const quiet = { from: 20 * 60, to: 7 * 60, zone: 'Europe/Berlin', exceptDangerous: true };
const due = { type: 'reminder_due' } as const;

function open(minutes: readonly number[], more: Partial<Requirement> = {}, confirm = false): Approval {
  const remindAfter = minutes.map((one) => one * MINUTE_MS);
  const { state } = step(
    null,
    announced({ requirement: requirementOf({ quiet, ...more }), remindAfter, confirm }),
    asked,
  );
  assert.ok(state !== null);
  return state;
}

const reminders = ({ slots }: Approval) => Object.keys(slots).filter((slot) => slot.startsWith('reminder'));

describe('a reminder in quiet hours', () => {
  test('comes at their end, one for all that they held back', () => {
    const state = open([5, 10, 30, 60, 720]);
    assert.deepEqual(remindersAhead(state), [asked + 5 * MINUTE_MS, morning, asked + 720 * MINUTE_MS]);
    const first = step(state, due, asked + 5 * MINUTE_MS).state;
    assert.ok(first !== null);
    assert.equal(nextWake(first, asked + 5 * MINUTE_MS), morning);
    assert.equal(step(first, due, morning - 1).ignored, 'known');
    const second = step(first, due, morning).state;
    assert.ok(second !== null);
    assert.equal(reminders(second).length, 4, 'two notes in each of two rooms');
    assert.deepEqual(remindersAhead(second), [asked + 720 * MINUTE_MS]);
  });

  test('is not held back for what is dangerous, where the policy says so', () => {
    assert.equal(remindersAhead(open([10], {}, true))[0], asked + 10 * MINUTE_MS);
    const ruled = { verbs: { approve: verbRule({ confirm: true }) } };
    assert.equal(remindersAhead(open([10], ruled))[0], asked + 10 * MINUTE_MS);
    assert.equal(remindersAhead(open([10], { quiet: { ...quiet, exceptDangerous: false } }, true))[0], morning);
  });

  test('comes at once where it has become dangerous', () => {
    const state = open([10, 30]);
    const { effects } = step(state, { type: 'recovered', confirm: true }, asked + 40 * MINUTE_MS);
    assert.ok(effects.some((effect) => effect.type === 'wake' && effect.at === asked + 10 * MINUTE_MS));
  });
});

describe('a reminder to people themselves', () => {
  const direct = [
    { platform: 'slack', room: 'dm:U0MARA' },
    { platform: 'discord', room: 'dm:2345' },
  ];
  const state = open([1, 5], { remindTo: 'direct' });

  test('is the card itself in their direct messages, and from then on a note below it', () => {
    const first = step(state, { ...due, direct }, asked + MINUTE_MS).state;
    assert.ok(first !== null);
    assert.deepEqual(Object.keys(first.slots).slice(2), ['card@slack:dm:U0MARA', 'card@discord:dm:2345']);
    const second = step(first, { ...due, direct: direct.slice(0, 1) }, asked + 5 * MINUTE_MS).state;
    assert.ok(second !== null);
    assert.deepEqual(reminders(second), ['reminder.1@slack:dm:U0MARA']);
  });

  test('is in the threads where no one can be reached so', () => {
    const reminded = step(state, due, asked + MINUTE_MS).state;
    assert.ok(reminded !== null);
    assert.equal(reminders(reminded).length, 2);
  });
});
