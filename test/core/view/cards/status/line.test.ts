import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Approval } from '../../../../../src/core/approval/approval.ts';
import type { Input } from '../../../../../src/core/approval/inputs.ts';
import { step } from '../../../../../src/core/approval/steps/step.ts';
import type { Stop } from '../../../../../src/core/policy/operators/stop.ts';
import { renderCard } from '../../../../../src/core/view/cards/approval-card.ts';
import { statusOf } from '../../../../../src/core/view/cards/status/line.ts';
import { noticeText } from '../../../../../src/core/view/line-text.ts';
import { anyInput } from '../../../../support/data/any-input.ts';
import { after, announced, pauseOf, pressed, sam, slackRoom, started } from '../../../../support/data/pauses.ts';
import { mara, requirementOf, signed, twoPeople, verbRule } from '../../../../support/data/requirements.ts';
import { runs } from '../../../../support/property.ts';

const stop: Stop = { by: sam, at: 1_000, reason: null };
const textOf = (approval: Approval, given: Stop | null = null) =>
  noticeText(statusOf(approval, 'Runtype', { stop: given }).line);
const denied = requirementOf({ verbs: {}, denied: { code: 'no_rule', text: null } });

describe('an open request', () => {
  test('says how many people it takes, until the first has signed', () => {
    const asked = announced({ requirement: requirementOf() });
    assert.match(textOf(after(asked)), /^Needs a decision\. It takes 2 approvals\. No deadline\./);
    assert.match(textOf(after(asked, signed(mara))), /^1 of 2 approvals: Mara Lind; waits for legal\. No deadline\./);
    const question = announced({
      requirement: requirementOf({ verbs: { answer: twoPeople } }),
      pause: pauseOf({ kind: 'await', actions: ['take_over', 'reject'] }),
    });
    assert.match(textOf(after(question)), /^Needs an answer\. An answer takes 2 signatures\./);
    const one = announced({ requirement: requirementOf({ verbs: { approve: verbRule() } }) });
    assert.equal(textOf(after(one)), 'Needs a decision. No deadline.');
  });

  test('that no one may decide is a warning, and does not say what a press would do', () => {
    const approval = after(announced({ requirement: denied }), { type: 'unreachable', reason: 'no route' });
    assert.equal(statusOf(approval, 'Runtype').tone, 'warning');
    assert.equal(textOf(approval), 'No one may decide this. No deadline.');
    const consequences = { approve: ['it runs'], silence: ['it waits'] };
    const card = renderCard(approval, { backend: 'Runtype', consequences });
    assert.deepEqual(card.consequences?.map(noticeText), ['If nobody decides, it waits.']);
  });

  test('says first that none of those whom its rule names can decide it now', () => {
    const approval = after(announced({ requirement: requirementOf() }));
    const notes = ['No one is on duty by the schedule weekend.'];
    const deciders = { all: [], platform: 'slack', setting: 'countersign.yml', notes };
    const card = renderCard(approval, { backend: 'Runtype', deciders });
    assert.equal(card.tone, 'warning');
    assert.match(noticeText(card.status), /^No one can decide this now\. Needs a decision\. /);
    assert.match(card.deciders?.text ?? '', /Who may decide: no one\. No one is on duty/);
    const claimed: Input = { type: 'held', actor: sam, fingerprint: 'd1', until: 9_000, right: 'allowed' };
    const held = renderCard(after(announced({ requirement: requirementOf() }), claimed), {
      backend: 'Runtype',
      deciders,
    });
    assert.match(noticeText(held.status), /^Claimed by Sam Okafor/);
  });

  test('says whom it was escalated to, for those who see it first in another room', () => {
    const timing = {
      expire: null,
      escalate: [
        { afterMs: 3_600_000, places: [slackRoom], mention: [] },
        { afterMs: 7_200_000, places: [], mention: ['oncall'] },
      ],
    };
    const asked = after(announced({ requirement: requirementOf(), timing }));
    const due: Input = { type: 'escalation_due', mention: [], rooms: [] };
    const first = step(asked, due, 1_000 + 3_600_000).state;
    const second = step(first, due, 1_000 + 7_200_000).state;
    assert.ok(first !== null && second !== null);
    assert.match(textOf(first), / Escalated after 1 hour\./);
    assert.match(textOf(second), / Escalated to @oncall after 2 hours\./);
  });
});

describe('while everything is stopped', () => {
  test('nothing is said to be on its way', () => {
    const decided = textOf(after(announced(), pressed()), stop);
    assert.match(decided, /Dana Reyes pressed Approve\. It is sent once an operator types \/countersign start\.$/);
    assert.doesNotMatch(decided, /Sending/);
    const run = textOf(after(started()), stop);
    assert.match(run, /Not started\. It is started once an operator types \/countersign start\.$/);
    assert.doesNotMatch(run, /Starting/);
  });

  test('its notification has no hole where the time was', () => {
    assert.match(textOf(after(announced()), stop), /^Countersign is stopped\. Sam Okafor stopped it\. Presses/);
  });
});

test('law: no line has an empty part, or neighbours that are one', () => {
  const inputs = fc.array(anyInput(), { maxLength: 12 });
  fc.assert(
    fc.property(inputs, fc.boolean(), (given, isStopped) => {
      let state: Approval | null = null;
      for (const [index, input] of [announced(), ...given].entries()) state = step(state, input, 1_000 + index).state;
      if (state === null || state.pause.kind === 'note') return;
      const { line } = statusOf(state, 'Runtype', { stop: isStopped ? stop : null });
      for (const [index, span] of line.entries()) {
        assert.ok(span !== '', JSON.stringify(line));
        assert.ok(!(typeof span === 'string' && typeof line[index + 1] === 'string'), JSON.stringify(line));
      }
    }),
    { numRuns: runs(200) },
  );
});
