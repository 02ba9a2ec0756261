import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Approval } from '../../../../src/core/approval/approval.ts';
import { step } from '../../../../src/core/approval/steps/step.ts';
import { type UnfollowedReason, unfollowedReasons } from '../../../../src/core/approval/unfollowed.ts';
import { renderCard } from '../../../../src/core/view/cards/approval-card.ts';
import { pauseOf, slackRoom } from '../../../support/data/pauses.ts';

function noteOf(why: UnfollowedReason, tool = '', runId = 'note'): Approval {
  const pause = pauseOf({ kind: 'note', key: 'note', groupId: 'note', runId, tool, actions: [], parameters: {} });
  const input = { type: 'noted', id: 'n1', pause, why, fingerprint: 'n1', places: [slackRoom] } as const;
  const { state } = step(null, input, 1_000);
  assert.ok(state !== null);
  return state;
}

test('a note says what happened and what to do, and has no buttons', () => {
  for (const why of unfollowedReasons) {
    for (const tool of ['', 'Refund agent']) {
      const card = renderCard(noteOf(why, tool), { backend: 'Runtype' });
      assert.deepEqual(card.buttons, []);
      assert.equal(card.broadcast, 'always');
      assert.match(card.summary, /in Runtype/, why);
      assert.equal(card.title.includes('“Refund agent”'), tool !== '', card.title);
    }
  }
});

test('a note names its run where that is known, and masks what a name hides', () => {
  const card = renderCard(noteOf('lost', 'sk_live_4eC39HqLyjWDarjtT1zdp7dc', 'exec_7'), { backend: 'Runtype' });
  assert.ok(JSON.stringify(card.footer).includes('exec_7'));
  assert.ok(!JSON.stringify(card).includes('4eC39HqLyjWDarjtT1zdp7dc'));
  assert.ok(!JSON.stringify(renderCard(noteOf('lost'), { backend: 'Runtype' }).footer).includes('run'));
});
