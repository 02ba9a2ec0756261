/** Decisions, and where a workflow goes after them. */
import assert from 'node:assert/strict';
import test from 'node:test';
import type { DoubleAction, HookPulseStep } from '../../../../src/sandbox/emulators/hookpulse/types.ts';
import { act, callsOf, waitingSteps, withHookPulse } from './support.ts';

const twoApprovals: HookPulseStep[] = [
  { step_identifier: 'legal' },
  { step_identifier: 'notify', human_approval_required: false },
  { step_identifier: 'finance' },
];

test('approve goes on, reject stops, and only the wire’s two words and fields are known', () =>
  withHookPulse({}, async (hookpulse) => {
    const first = hookpulse.seed();
    const approved = await act(hookpulse, first.executionPlanUuid, 'approve');
    assert.equal(approved.status, 200);
    assert.deepEqual(approved.json, { success: true, message: 'Workflow approved and resumed' });
    const second = hookpulse.seed();
    const rejected = await act(hookpulse, second.executionPlanUuid, 'reject');
    assert.deepEqual(rejected.json, { success: true, message: 'Workflow rejected and skipped' });
    assert.deepEqual(
      hookpulse.plans().map((plan) => [plan.status, plan.decisions[0]?.action, plan.decisions[0]?.by]),
      [
        ['completed', 'approve', 'api'],
        ['stopped', 'reject', 'api'],
      ],
    );
    assert.deepEqual(
      callsOf(hookpulse).map((call) => call.effect),
      [true, true],
    );
  }));

test('what a second action is answered can be switched', () =>
  withHookPulse({}, async (hookpulse) => {
    const { executionPlanUuid } = hookpulse.seed();
    hookpulse.decideInDashboard(executionPlanUuid, 'reject');
    assert.throws(() => hookpulse.decideInDashboard(executionPlanUuid, 'reject'), /does not wait/);
    const statuses: Record<DoubleAction, number> = { soft: 200, not_found: 404, bad_request: 400, conflict: 409 };
    for (const [mode, status] of Object.entries(statuses)) {
      hookpulse.doubleAction = mode as DoubleAction;
      const reply = await act(hookpulse, executionPlanUuid, 'approve');
      assert.equal(reply.status, status, mode);
      assert.equal(reply.json.success, false);
      assert.equal(typeof reply.json.error, 'string');
    }
    assert.ok(callsOf(hookpulse).every((call) => !call.effect));
  }));

test('the same plan comes back with its second step, and the API cannot tell the two apart', () =>
  withHookPulse({}, async (hookpulse) => {
    const { executionPlanUuid } = hookpulse.seed({ steps: twoApprovals });
    assert.deepEqual(await waitingSteps(hookpulse), ['legal#0']);
    await act(hookpulse, executionPlanUuid, 'approve');
    assert.deepEqual(await waitingSteps(hookpulse), ['finance#2']);
    assert.equal((await act(hookpulse, executionPlanUuid, 'approve')).json.success, true);
    const [plan] = hookpulse.plans();
    assert.equal(plan?.status, 'completed');
    assert.deepEqual(
      plan?.decisions.map((decision) => decision.stepIdentifier),
      ['legal', 'finance'],
    );
  }));

test('between two steps a plan is active and not in the list, until its delay is over', () =>
  withHookPulse({ msPerDelaySecond: 'by_hand' }, async (hookpulse) => {
    const { executionPlanUuid } = hookpulse.seed({ steps: twoApprovals });
    assert.throws(() => hookpulse.advance(executionPlanUuid), /is not active/);
    await act(hookpulse, executionPlanUuid, 'approve');
    assert.equal(hookpulse.plans()[0]?.status, 'active');
    assert.deepEqual(await waitingSteps(hookpulse), []);
    assert.equal((await act(hookpulse, executionPlanUuid, 'approve')).json.success, false);
    assert.equal(hookpulse.advance(executionPlanUuid).stepIdentifier, 'finance');
    assert.deepEqual(await waitingSteps(hookpulse), ['finance#2']);
  }));

test('a delay takes its time where a second has a length', () =>
  withHookPulse({ msPerDelaySecond: 1 }, async (hookpulse) => {
    const steps = [{ step_identifier: 'a', delay_to_next_step: 20 }, { step_identifier: 'b' }];
    const { executionPlanUuid } = hookpulse.seed({ steps });
    await act(hookpulse, executionPlanUuid, 'approve');
    await hookpulse.journal.until('step b', (all) =>
      all.find((one) => one.kind === 'change' && one.stepIdentifier === 'b' && one.status === 'waiting_approval'),
    );
    assert.deepEqual(await waitingSteps(hookpulse), ['b#1']);
  }));

test('branches lead where they say: a rejection may loop back to an earlier step', () =>
  withHookPulse({}, async (hookpulse) => {
    const steps: HookPulseStep[] = [
      { step_identifier: 'draft', on_success_next_step_identifier: 'publish' },
      { step_identifier: 'never' },
      { step_identifier: 'publish', on_fail_next_step_identifier: 'draft' },
    ];
    const { executionPlanUuid } = hookpulse.seed({ steps });
    const path = [];
    for (const action of ['approve', 'reject', 'approve', 'approve']) {
      path.push(...(await waitingSteps(hookpulse)));
      await act(hookpulse, executionPlanUuid, action);
    }
    assert.deepEqual(path, ['draft#0', 'publish#2', 'draft#0', 'publish#2']);
    assert.equal(hookpulse.plans()[0]?.status, 'completed');
    const onward = hookpulse.seed({ steps: twoApprovals, onReject: 'next' });
    await act(hookpulse, onward.executionPlanUuid, 'reject');
    assert.deepEqual(await waitingSteps(hookpulse), ['finance#2']);
    assert.throws(() => hookpulse.seed({ steps: [{ step_identifier: 'a', on_fail_next_step_identifier: 'b' }] }));
  }));
