/** Further rooms and people, where no one decides. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Approval, approvalSchema } from '../../../../../src/core/approval/approval.ts';
import type { Input } from '../../../../../src/core/approval/inputs.ts';
import type { Timing } from '../../../../../src/core/approval/parts/requirement.ts';
import { step } from '../../../../../src/core/approval/steps/step.ts';
import { escalationsAhead, mentionedOn, stepsOf } from '../../../../../src/core/approval/steps/time/escalation.ts';
import { nextWake } from '../../../../../src/core/approval/steps/time/timer.ts';
import { renderEscalation } from '../../../../../src/core/view/cards/thread-notes.ts';
import { announced, dana, discordRoom, pauseOf, slackRoom } from '../../../../support/data/pauses.ts';
import { mara, requirementOf, signed, verbRule } from '../../../../support/data/requirements.ts';

const HOUR_MS = 3_600_000;
const ops = { platform: 'slack', room: 'C0OPS' };
const due: Input = { type: 'escalation_due', mention: [], rooms: [] };
const timing: Timing = {
  expire: null,
  escalate: [
    { afterMs: HOUR_MS, places: [ops], mention: ['oncall'] },
    { afterMs: 2 * HOUR_MS, places: [], mention: ['boss'] },
    { afterMs: 3 * HOUR_MS, places: [ops, slackRoom], mention: ['oncall', 'slack:group:S0456'] },
  ],
};
const asked = announced({ requirement: requirementOf({ mention: ['finance'] }), timing });

function run(...events: readonly (readonly [Input, number])[]): Approval {
  let state: Approval | null = null;
  for (const [input, now] of events) {
    state = step(state === null ? null : approvalSchema.parse(JSON.parse(JSON.stringify(state))), input, now).state;
  }
  assert.ok(state !== null);
  return state;
}

const cards = ({ slots }: Approval) =>
  Object.values(slots).flatMap(({ kind, place }) => (kind === 'card' ? [place.room] : []));
const noteText = (state: Approval, slot: string) => renderEscalation(state, 'Runtype', slot)?.summary;

describe('an escalation', () => {
  test('posts the card in further rooms, with a note in the threads that had it, once and not before its time', () => {
    const open = run([asked, 0]);
    assert.equal(nextWake(open, 0), HOUR_MS);
    assert.equal(step(open, due, HOUR_MS - 1).ignored, 'known');
    const { state, effects } = step(open, due, HOUR_MS);
    assert.ok(state !== null);
    assert.deepEqual(cards(state), [slackRoom.room, discordRoom.room, ops.room]);
    assert.deepEqual(effects.slice(0, 5), [
      { type: 'draw', slot: 'card@slack:C0ROOM' },
      { type: 'draw', slot: 'card@discord:4100' },
      { type: 'draw', slot: 'card@slack:C0OPS' },
      { type: 'draw', slot: 'escalation.1@slack:C0ROOM' },
      { type: 'draw', slot: 'escalation.1@discord:4100' },
    ]);
    assert.deepEqual(
      state.requirement?.escalated.map(({ mention }) => mention),
      [['oncall']],
    );
    assert.equal(step(state, due, HOUR_MS).ignored, 'known');
    assert.equal(nextWake(state, HOUR_MS), 2 * HOUR_MS);
    assert.equal(
      noteText(state, 'escalation.1@slack:C0ROOM'),
      'Escalated: Refund order A-1009 · amount 42.5: Nobody decided within 1 hour. It is also in another room now. @oncall may decide it, too.',
    );
  });

  test('mentions its people in its room, and in the threads where they have no other', () => {
    const first = run([asked, 0], [due, HOUR_MS]);
    assert.deepEqual(mentionedOn(first, 'card@slack:C0ROOM'), ['finance']);
    assert.deepEqual(mentionedOn(first, 'card@slack:C0OPS'), ['oncall']);
    assert.deepEqual(mentionedOn(first, 'escalation.1@slack:C0ROOM'), []);
    const second = run([asked, 0], [due, HOUR_MS], [due, 2 * HOUR_MS]);
    assert.deepEqual(mentionedOn(second, 'escalation.1@slack:C0ROOM'), []);
    assert.deepEqual(mentionedOn(second, 'escalation.2@slack:C0ROOM'), ['boss']);
    assert.deepEqual(mentionedOn(second, 'escalation.2@slack:C0OPS'), ['boss']);
    const third = run([asked, 0], [due, HOUR_MS], [due, 2 * HOUR_MS], [due, 3 * HOUR_MS]);
    assert.deepEqual(mentionedOn(third, 'escalation.3@slack:C0ROOM'), ['oncall', 'slack:group:S0456']);
    assert.deepEqual(mentionedOn(third, 'escalation.3@discord:4100'), []);
    assert.deepEqual(
      stepsOf(third, 'escalation.2@slack:C0ROOM').map(({ mention }) => mention),
      [['boss']],
    );
    assert.match(
      noteText(third, 'escalation.3@discord:4100') ?? '',
      /within 3 hours\..*@oncall and a group in Slack may/,
    );
  });

  test('comes as one where several were slept through, each in its room', () => {
    const late = run([asked, 0], [due, 30 * HOUR_MS]);
    assert.deepEqual(late.requirement?.escalations, []);
    assert.equal(late.requirement?.escalated.length, 3);
    assert.deepEqual(cards(late), [slackRoom.room, discordRoom.room, ops.room]);
    assert.deepEqual(
      Object.keys(late.slots).filter((slot) => slot.startsWith('escalation')),
      ['escalation.1@slack:C0ROOM', 'escalation.1@discord:4100'],
    );
  });

  test('comes although some have signed, and not after a decision', () => {
    const half = run([asked, 0], [signed(mara), 10], [due, HOUR_MS]);
    assert.deepEqual([half.signatures.length, half.requirement?.escalated.length], [1, 1]);
    const rules = requirementOf({ verbs: { approve: verbRule() } });
    const decided = run([announced({ requirement: rules, timing }), 0], [signed(mara), 10]);
    assert.equal(step(decided, due, HOUR_MS).ignored, 'known');
  });

  test('waits for the end of a claim, and no longer', () => {
    const until = HOUR_MS + 600_000;
    const held: Input = { type: 'held', actor: dana, fingerprint: 'd1', until, right: 'allowed' };
    const claimed = run([asked, 0], [held, HOUR_MS - 60_000]);
    assert.equal(escalationsAhead(claimed)[0]?.at, until);
    assert.equal(step(claimed, due, HOUR_MS).ignored, 'known');
    const back = step(claimed, { type: 'handed_back', actor: dana }, HOUR_MS + 1);
    assert.deepEqual(
      back.effects.filter(({ type }) => type === 'wake'),
      [{ type: 'wake', at: HOUR_MS }],
    );
    const ended = run([asked, 0], [held, HOUR_MS - 60_000], [{ type: 'hold_ended' }, until], [due, until]);
    assert.equal(ended.requirement?.escalated.length, 1);
  });

  test('waits for the end of quiet hours, also where a claim ends within them, unless it is dangerous', () => {
    const quiet = { from: 60, to: 5 * 60, zone: 'UTC', exceptDangerous: true };
    const night = announced({ requirement: requirementOf({ quiet }), timing });
    const open = run([night, 0]);
    assert.deepEqual(
      escalationsAhead(open).map(({ at }) => at / HOUR_MS),
      [5, 5, 5],
    );
    assert.equal(nextWake(open, 0), 5 * HOUR_MS);
    assert.equal(step(open, due, 5 * HOUR_MS - 1).ignored, 'known');
    assert.equal(run([night, 0], [due, 5 * HOUR_MS]).requirement?.escalated.length, 3);
    const held: Input = { type: 'held', actor: dana, fingerprint: 'd1', until: 2 * HOUR_MS, right: 'allowed' };
    assert.equal(escalationsAhead(run([night, 0], [held, 10]))[0]?.at, 5 * HOUR_MS);
    assert.equal(escalationsAhead({ ...open, confirm: true })[0]?.at, HOUR_MS);
  });

  test('that has happened does not happen again where the question changes', () => {
    const other = announced({
      pause: pauseOf({ parameters: { amount: 1 } }),
      fingerprint: 'd2',
      requirement: requirementOf(),
      timing,
    });
    const { requirement } = run([asked, 0], [due, HOUR_MS], [other, HOUR_MS + 5]);
    assert.deepEqual(
      requirement?.escalated.map(({ mention }) => mention),
      [['oncall']],
    );
    assert.deepEqual(
      requirement?.escalations.map(({ at }) => at),
      [2 * HOUR_MS, 3 * HOUR_MS],
    );
  });
});

test('rows of earlier versions, without these fields, are read', () => {
  const { requirement, ...row } = run([asked, 0]);
  const { escalated: _, remindTo: __, ...older } = requirement ?? requirementOf();
  const read = approvalSchema.parse({ ...row, requirement: older });
  assert.deepEqual([read.requirement?.escalated, read.requirement?.remindTo], [[], 'thread']);
  assert.equal(approvalSchema.parse(row).requirement, undefined);
});
