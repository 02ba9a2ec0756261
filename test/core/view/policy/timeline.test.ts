import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Approval } from '../../../../src/core/approval/approval.ts';
import type { Requirement, Timing } from '../../../../src/core/approval/parts/requirement.ts';
import type { Pause } from '../../../../src/core/approval/pause/pause.ts';
import { step } from '../../../../src/core/approval/steps/step.ts';
import type { Consequences } from '../../../../src/core/view/card.ts';
import { renderCard } from '../../../../src/core/view/cards/approval-card.ts';
import { spanText } from '../../../../src/core/view/line-text.ts';
import { timelineOf } from '../../../../src/core/view/policy/timeline.ts';
import { whoText } from '../../../../src/core/view/policy/who.ts';
import { announced, dana, pauseOf } from '../../../support/data/pauses.ts';
import { requirementOf } from '../../../support/data/requirements.ts';

const HOUR_MS = 3_600_000;
const asked = Date.parse('2026-11-30T05:00Z');
const ops = { platform: 'slack', room: 'C0OPS' };
const quiet = { from: 20 * 60, to: 7 * 60, zone: 'Europe/Berlin', exceptDangerous: true };
const night: Timing = {
  expire: { afterMs: 6 * HOUR_MS, end: 'reject' },
  escalate: [{ afterMs: 3.6 * HOUR_MS, places: [ops], mention: ['oncall'] }],
};

interface Given extends Partial<Requirement> {
  timing?: Timing;
  remind?: readonly number[];
  pause?: Partial<Pause>;
}

function open({ timing = night, remind = [1], pause = {}, ...more }: Given = {}): Approval {
  const remindAfter = remind.map((hours) => hours * HOUR_MS);
  const input = announced({
    pause: pauseOf(pause),
    requirement: requirementOf({ quiet, ...more }),
    timing,
    remindAfter,
  });
  const { state } = step(null, input, asked);
  assert.ok(state !== null);
  return state;
}

/** With the times of day in UTC. */
const textOf = (approval: Approval) =>
  timelineOf(approval)
    ?.map((span) =>
      typeof span === 'object' && 'at' in span ? new Date(span.at).toISOString().slice(11, 16) : spanText(span),
    )
    .join('') ?? null;

describe('the line of times', () => {
  test('says what comes when, in its order, and how it ends', () => {
    assert.equal(textOf(open()), 'Reminder at 06:00, then @oncall at 08:36; rejected at 11:00 if nobody decides.');
    const leave = { ...night, expire: { afterMs: 6 * HOUR_MS, end: 'leave' as const } };
    assert.match(textOf(open({ timing: leave })) ?? '', /; closed here at 11:00 if nobody decides\.$/);
    assert.equal(
      textOf(open({ timing: { ...night, escalate: [] }, remind: [] })),
      'Rejected at 11:00 if nobody decides.',
    );
    assert.equal(textOf(open({ timing: { expire: null, escalate: [] } })), 'Reminder at 06:00.');
    assert.equal(textOf(open({ timing: { expire: null, escalate: [] }, remind: [] })), null);
  });

  test('is of what is still to come', () => {
    const first = step(open(), { type: 'reminder_due' }, asked + HOUR_MS).state;
    assert.ok(first !== null);
    assert.equal(textOf(first), '@oncall at 08:36; rejected at 11:00 if nobody decides.');
    const due = { type: 'escalation_due', mention: [], rooms: [] } as const;
    const second = step(first, due, asked + 4 * HOUR_MS);
    assert.ok(second.state !== null);
    assert.equal(textOf(second.state), 'Rejected at 11:00 if nobody decides.');
    assert.ok(second.effects.some((effect) => effect.type === 'draw' && effect.slot === 'card@slack:C0ROOM'));
    assert.equal(textOf(step(second.state, { type: 'time_ended' }, asked + 6 * HOUR_MS).state ?? second.state), null);
  });

  test('leaves out what comes after the end, the backend’s too', () => {
    assert.equal(
      textOf(open({ remind: [1, 7, 8] })),
      'Reminder at 06:00, then @oncall at 08:36; rejected at 11:00 if nobody decides.',
    );
    const deadline = asked + 2 * HOUR_MS;
    assert.equal(textOf(open({ pause: { deadline } })), 'Reminder at 06:00.');
  });

  test('says the hours after a claim, where that holds an escalation back', () => {
    const until = asked + 4 * HOUR_MS;
    const held = { type: 'held', actor: dana, fingerprint: 'd1', until, right: 'allowed' } as const;
    const claimed = step(open({ remind: [] }), held, asked + HOUR_MS).state;
    assert.ok(claimed !== null);
    assert.equal(textOf(claimed), '@oncall at 09:00; rejected at 11:00 if nobody decides.');
  });

  test('counts rooms without people, and what is too much for one line', () => {
    const rooms = [ops, { platform: 'slack', room: 'C0MORE' }];
    const timing = { expire: null, escalate: [{ afterMs: HOUR_MS, places: rooms, mention: [] }] };
    assert.equal(textOf(open({ timing, remind: [] })), 'Posted in 2 more rooms at 06:00.');
    assert.equal(textOf(open({ timing, remind: [2, 3, 4, 5] }))?.slice(-20), ', then 2 more steps.');
  });

  test('says that a reminder is a direct message, and speaks of answers', () => {
    const pause = { kind: 'await', actions: ['take_over'] } as const;
    const text = textOf(open({ pause: { ...pause, actions: [...pause.actions] }, remindTo: 'direct' }));
    assert.match(text ?? '', /^Reminder by direct message at 06:00, .*; closed here at 11:00 if nobody answers\.$/);
  });

  test('is the last line of what follows, in place of the backend’s word on silence where the policy rejects', () => {
    const consequences: Consequences = { approve: ['it runs'], silence: ['it waits'] };
    const lines = (approval: Approval) =>
      renderCard(approval, { backend: 'Runtype', consequences }).consequences?.map((line) =>
        line.map(spanText).join(''),
      );
    const [first, second, third] = lines(open()) ?? [];
    assert.equal(first, 'If approved, it runs.');
    assert.match(second ?? '', /^Reminder at .*; rejected at .* if nobody decides\.$/);
    assert.equal(third, undefined);
    const leave = { ...night, expire: { afterMs: 6 * HOUR_MS, end: 'leave' as const } };
    assert.deepEqual(lines(open({ timing: leave }))?.slice(0, 2), [
      'If approved, it runs.',
      'If nobody decides, it waits.',
    ]);
    const status = renderCard(open(), { backend: 'Runtype' }).status.map(spanText).join('');
    assert.match(status, /Expires /);
  });
});

describe('people of the policy in a sentence', () => {
  const cases: [entries: string[], text: string][] = [
    [[], ''],
    [['oncall'], '@oncall'],
    [['oncall', 'mara'], '@oncall and @mara'],
    [['finance', 'legal', 'mara', 'jon', 'ana'], '@finance, @legal, @mara and 2 more'],
    [
      ['slack:group:S0456', 'discord:role:345', 'slack:U0123'],
      'a group in Slack, a role in Discord and a person in Slack',
    ],
    [['schedule:primary'], 'the person on duty (primary)'],
    [['everyone', 'here'], 'everyone and here'],
    [['<!channel>'], '@!channel'],
  ];
  for (const [entries, text] of cases) test(text === '' ? 'no one' : text, () => assert.equal(whoText(entries), text));
});
