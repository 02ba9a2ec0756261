import assert from 'node:assert/strict';
import test from 'node:test';
import type { RuntypeStandIn } from '../../../../src/sandbox/emulators/runtype/types.ts';
import { dispatch, effects, jsonOf, only, post, readEvents, withStandIn } from './client.ts';

const APPROVE = '/v1/dispatch/approve';
const NO_PAUSE = { error: 'No paused execution found for this executionId' };

async function pausedRefund(standIn: RuntypeStandIn) {
  const { executionId, approvalId } = only(await dispatch(standIn, 'refund-agent'), 'approval_start');
  return { executionId, approvalId: String(approvalId) };
}

test('the first decision wins; every later one learns which', () =>
  withStandIn({}, async (standIn) => {
    const pause = await pausedRefund(standIn);
    assert.equal((await post(standIn, APPROVE, { ...pause, decision: 'denied' })).status, 200);
    for (const decision of ['denied', 'approved']) {
      const late = await post(standIn, APPROVE, { ...pause, decision });
      assert.equal(late.status, 409);
      const { error, message, code } = jsonOf(late);
      assert.equal(error, 'Approval already resolved');
      assert.match(String(message), /already denied/);
      assert.equal(code, 'APPROVAL_ALREADY_RESOLVED');
    }
    assert.equal(effects(standIn), 1);
  }));

test('of two decisions at once exactly one has an effect', () =>
  withStandIn({}, async (standIn) => {
    const pause = await pausedRefund(standIn);
    const replies = await Promise.all(
      ['approved', 'denied', 'approved'].map((decision) => post(standIn, APPROVE, { ...pause, decision })),
    );
    assert.deepEqual(replies.map((reply) => reply.status).toSorted(), [200, 409, 409]);
    assert.equal(effects(standIn), 1);
  }));

test('a decision made elsewhere stands', () =>
  withStandIn({}, async (standIn) => {
    const pause = await pausedRefund(standIn);
    standIn.decideElsewhere(pause.approvalId, 'approved');
    await standIn.journal.until('the end of the run', (entries) =>
      entries.find((entry) => entry.kind === 'run' && entry.state === 'complete'),
    );
    const late = await post(standIn, APPROVE, { ...pause, decision: 'denied' });
    assert.equal(late.status, 409);
    assert.match(String(jsonOf(late)['message']), /already approved/);
    assert.throws(() => standIn.decideElsewhere(pause.approvalId, 'denied'), /No approval/);
  }));

test('unknown and expired pauses are 404', () =>
  withStandIn({}, async (standIn) => {
    const pause = await pausedRefund(standIn);
    for (const wrong of [{ executionId: 'exec_none' }, { approvalId: 'appr_none' }]) {
      const reply = await post(standIn, APPROVE, { ...pause, ...wrong, decision: 'approved' });
      assert.equal(reply.status, 404);
      assert.deepEqual(jsonOf(reply), NO_PAUSE);
    }
    standIn.expire(pause.executionId);
    assert.deepEqual(jsonOf(await post(standIn, APPROVE, { ...pause, decision: 'approved' })), NO_PAUSE);
    assert.deepEqual(standIn.runs()[0]?.pending, []);
    assert.equal(standIn.runs()[0]?.state, 'expired');
    assert.throws(() => standIn.expire(pause.executionId), /not paused/);
    assert.equal(effects(standIn), 0);
  }));

test('an approval runs out by itself after its time-out', () =>
  withStandIn({}, async (standIn) => {
    const steps = [{ do: 'approval', toolName: 'ping_host', parameters: {}, timeoutMs: 5 } as const];
    standIn.scripts.set('short', { name: 'short', kind: 'agent', title: 'Short', steps });
    const { executionId, approvalId } = only(await dispatch(standIn, 'short'), 'approval_start');
    await standIn.journal.until('the expiry', (entries) =>
      entries.find((entry) => entry.kind === 'run' && entry.state === 'expired'),
    );
    const late = await post(standIn, APPROVE, { executionId, approvalId, decision: 'approved' });
    assert.equal(late.status, 404);
  }));

test('the key is checked before the body, the body before the state', () =>
  withStandIn({}, async (standIn) => {
    const pause = await pausedRefund(standIn);
    const decision = { ...pause, decision: 'approved' };
    for (const key of [null, 'rt_test_wrong']) {
      const reply = await post(standIn, APPROVE, 'not JSON', key);
      assert.equal(reply.status, 401);
      assert.equal(typeof jsonOf(reply)['error'], 'string');
    }
    const wrong = ['not JSON', '', {}, { ...decision, decision: 'timeout' }, { ...decision, executionId: '' }];
    for (const body of wrong) {
      const reply = await post(standIn, APPROVE, body);
      assert.equal(reply.status, 400, JSON.stringify(body));
      assert.deepEqual(Object.keys(jsonOf(reply)), ['error', 'message']);
    }
    assert.match(String(jsonOf(await post(standIn, APPROVE, { ...decision, decision: 'yes' }))['message']), /decision/);
    assert.equal((await post(standIn, '/v1/dispatch', {})).status, 400);
    assert.equal((await post(standIn, '/v1/dispatch/resume', { executionId: 'x', toolOutputs: [] })).status, 400);
    assert.equal((await post(standIn, '/v1/nothing', {})).status, 404);
    assert.equal(effects(standIn), 0);
    assert.equal((await post(standIn, APPROVE, decision, standIn.applicationKey)).status, 200);
    const call = standIn.journal.entries.findLast((entry) => entry.kind === 'call');
    assert.deepEqual(
      { ...call, at: 0 },
      {
        kind: 'call',
        at: 0,
        method: 'POST',
        path: APPROVE,
        authorization: `Bearer ${standIn.applicationKey}`,
        body: decision,
        status: 200,
        effect: true,
      },
    );
  }));

test('each kind of pause has its own answer', () =>
  withStandIn({}, async (standIn) => {
    const pause = await pausedRefund(standIn);
    const slot = only(await dispatch(standIn, 'slot-flow'), 'await');
    const resumed = await post(standIn, '/v1/dispatch/resume', {
      executionId: pause.executionId,
      toolOutputs: { a: 1 },
    });
    assert.equal(resumed.status, 400);
    assert.match(String(jsonOf(resumed)['message']), /approve/);
    const approved = await post(standIn, APPROVE, { ...pause, executionId: slot.executionId, decision: 'approved' });
    assert.equal(approved.status, 400);
    assert.match(String(jsonOf(approved)['message']), /resume/);
    assert.deepEqual(
      standIn.runs().map((run) => run.state),
      ['paused', 'paused'],
    );
  }));

test('an agent is approved on its own route, and with continue', () =>
  withStandIn({}, async (standIn) => {
    const pause = await pausedRefund(standIn);
    for (const agent of ['nobody', 'plain']) {
      const reply = await post(standIn, `/v1/agents/${agent}/approve`, { ...pause, decision: 'approved' });
      assert.equal(reply.status, 404);
      assert.deepEqual(jsonOf(reply), { error: 'Agent not found' });
    }
    assert.equal(
      (await post(standIn, '/v1/agents/refund-agent/approve', { ...pause, decision: 'approved' })).status,
      200,
    );

    const { executionId, approvalId } = await pausedRefund(standIn);
    const continuation = { approvalId, decision: 'denied', reason: 'Wrong order.' };
    const reply = await post(standIn, '/v1/dispatch/continue', { executionId, continuation });
    assert.match(String(only(readEvents(reply.text), 'execution_complete')['finalOutput']), /Wrong order/);
    const slot = only(await dispatch(standIn, 'slot-flow'), 'await');
    const outputs = { executionId: slot.executionId, continuation: { toolOutputs: { pick_slot: '12:00' } } };
    assert.match((await post(standIn, '/v1/dispatch/continue', outputs)).text, /is booked: 12:00\./);
    assert.equal((await post(standIn, '/v1/dispatch/continue', { executionId, continuation: {} })).status, 400);
  }));

test('a dispatch names its agent or flow in any of the known ways', () =>
  withStandIn({}, async (standIn) => {
    const ways = [
      { agent: { agentId: 'plain' } },
      { agent: { id: 'plain' } },
      { agent: { name: 'Opening hours', model: 'example-model' } },
      { flow: { name: 'approval-flow' } },
    ];
    for (const body of ways)
      assert.equal((await post(standIn, '/v1/dispatch', body)).status, 200, JSON.stringify(body));
    const inline = readEvents((await post(standIn, '/v1/dispatch', { agent: { name: 'plain' } })).text)[0];
    assert.equal(inline?.['agentId'], 'virtual');
    const nobody = await post(standIn, '/v1/dispatch', { agent: { agentId: 'slot-flow' } });
    assert.deepEqual([nobody.status, jsonOf(nobody)], [404, { error: 'Agent not found' }]);
    const nothing = await post(standIn, '/v1/dispatch', { flow: { id: 'plain' } });
    assert.deepEqual([nothing.status, jsonOf(nothing)], [404, { error: 'Flow not found' }]);
    const flows = await fetch(`${standIn.url}/v1/flows`, { headers: { authorization: `Bearer ${standIn.apiKey}` } });
    assert.ok(((await flows.json()) as { id: string }[]).some((flow) => flow.id === 'slot-flow'));
  }));
