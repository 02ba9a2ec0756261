import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { actions } from '../../../src/core/approval/pause/pause.ts';
import { isYesNoTool, withVerbs, YES_NO_TOOLS } from '../../../src/core/policy/yes-no.ts';
import { pauseOf } from '../../support/data/pauses.ts';
import { runs } from '../../support/property.ts';

describe('by the default patterns', () => {
  const yesNo = [
    'confirm',
    'confirm_address',
    'confirmOrder',
    'Confirm-Delivery',
    'CONFIRM',
    'confirmation',
    'approve',
    'approve_refund',
    'approval',
    'approver_decision',
    'request_approval',
    'get_approval_from_manager',
    'humanApproval',
    'human-approvals',
    'review',
    'review_contract',
    'reviewPullRequest',
    'authorize',
    'authorise_payment',
    'authorization',
    'authority_check',
    'allow',
    'allow_deploy',
    'allowAccess',
    'ask_permission',
    'permission',
    'requestPermissions',
    'approve everything\nnow',
  ];
  for (const tool of yesNo) {
    test(`${JSON.stringify(tool)} wants a yes or no`, () => assert.equal(isYesNoTool(tool, YES_NO_TOOLS), true));
  }

  const output = [
    '',
    'pick_slot',
    'ask_user_question',
    'unconfirmed_orders',
    'get_confirmation',
    'user_confirm',
    're-confirm',
    'preview_page',
    'list_reviews',
    'unauthorized',
    'disallow',
    'approx',
    'appro',
    'permit',
    'author',
    'Confirm'.split('').reverse().join(''),
    ' confirm',
    // The first letter is Cyrillic: it only looks alike.
    '\u0441onfirm_order',
    'webmcp:confirm_order',
    '*',
    'choose_colour',
  ];
  for (const tool of output) {
    test(`${JSON.stringify(tool)} wants an output`, () => assert.equal(isYesNoTool(tool, YES_NO_TOOLS), false));
  }
});

test('the patterns of an operator replace the default ones, and case is ignored', () => {
  assert.equal(isYesNoTool('Pick_Slot', ['pick_*']), true);
  assert.equal(isYesNoTool('pick_slot', ['PICK_?LOT']), true);
  assert.equal(isYesNoTool('confirm_order', ['pick_*']), false);
  assert.equal(isYesNoTool('confirm_order', []), false);
});

const anyActions = fc.subarray([...actions]);

test('an await has an answer and a refusal always, an approval only where its output is a yes or no', () => {
  fc.assert(
    fc.property(anyActions, fc.boolean(), fc.string(), (given, isYesNo, tool) => {
      const pause = pauseOf({ kind: 'await', tool, actions: given });
      const { actions: verbs, ...rest } = withVerbs(pause, isYesNo);
      const wanted = isYesNo ? given : given.filter((action) => action !== 'approve');
      assert.deepEqual([...verbs].sort(), [...wanted].sort(), 'no verb that its backend did not give');
      assert.deepEqual(rest, (({ actions: _, ...others }) => others)(pause), 'and nothing else of it changes');
    }),
    { numRuns: runs(200) },
  );
});

test('the first verb of an await is its main button', () => {
  const pause = pauseOf({ kind: 'await', actions: ['approve', 'reject', 'take_over'] });
  assert.deepEqual(withVerbs(pause, false).actions, ['take_over', 'reject']);
  assert.deepEqual(withVerbs(pause, true).actions, ['approve', 'reject', 'take_over']);
});

test('a question with a prompt of its own, an approval and an item keep their actions', () => {
  const prompt = { title: 'Question', text: 'Which one?', form: null };
  for (const kept of [
    pauseOf({ kind: 'await', prompt, actions: ['approve', 'reject'] }),
    pauseOf({ kind: 'approval', actions: ['approve', 'reject', 'take_over'] }),
    pauseOf({ kind: 'item', actions: ['approve', 'reject'] }),
  ]) {
    assert.equal(withVerbs(kept, false), kept);
    assert.equal(withVerbs(kept, true), kept);
  }
});
