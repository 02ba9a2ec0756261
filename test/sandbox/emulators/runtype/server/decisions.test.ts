import assert from 'node:assert/strict';
import test from 'node:test';
import type { RuntypeEmulator } from '../../../../../src/sandbox/emulators/runtype/types.ts';
import { dispatch, effects, jsonOf, only, post, readEvents, withEmulator } from '../support.ts';

const APPROVE = '/v1/dispatch/approve';
const NO_PAUSE = { error: 'No paused execution found for this executionId' };

async function pausedRefund(emulator: RuntypeEmulator) {
  const { executionId, approvalId } = only(await dispatch(emulator, 'refund-agent'), 'approval_start');
  return { executionId, approvalId: String(approvalId) };
}

test('the first decision wins; every later one learns which', () =>
  withEmulator({}, async (emulator) => {
    const pause = await pausedRefund(emulator);
    assert.equal((await post(emulator, APPROVE, { ...pause, decision: 'denied' })).status, 200);
    for (const decision of ['denied', 'approved']) {
      const late = await post(emulator, APPROVE, { ...pause, decision });
      assert.equal(late.status, 409);
      const { error, message, code } = jsonOf(late);
      assert.equal(error, 'Approval already resolved');
      assert.match(String(message), /already denied/);
      assert.equal(code, 'APPROVAL_ALREADY_RESOLVED');
    }
    assert.equal(effects(emulator), 1);
  }));

test('of two decisions at once exactly one has an effect', () =>
  withEmulator({}, async (emulator) => {
    const pause = await pausedRefund(emulator);
    const replies = await Promise.all(
      ['approved', 'denied', 'approved'].map((decision) => post(emulator, APPROVE, { ...pause, decision })),
    );
    assert.deepEqual(replies.map((reply) => reply.status).toSorted(), [200, 409, 409]);
    assert.equal(effects(emulator), 1);
  }));

test('a decision made elsewhere stands', () =>
  withEmulator({}, async (emulator) => {
    const pause = await pausedRefund(emulator);
    emulator.decideElsewhere(pause.approvalId, 'approved');
    await emulator.journal.until('the end of the run', (entries) =>
      entries.find((entry) => entry.kind === 'run' && entry.state === 'complete'),
    );
    const late = await post(emulator, APPROVE, { ...pause, decision: 'denied' });
    assert.equal(late.status, 409);
    assert.match(String(jsonOf(late)['message']), /already approved/);
    assert.throws(() => emulator.decideElsewhere(pause.approvalId, 'denied'), /No approval/);
  }));

test('unknown and expired pauses are 404', () =>
  withEmulator({}, async (emulator) => {
    const pause = await pausedRefund(emulator);
    for (const wrong of [{ executionId: 'exec_none' }, { approvalId: 'appr_none' }]) {
      const reply = await post(emulator, APPROVE, { ...pause, ...wrong, decision: 'approved' });
      assert.equal(reply.status, 404);
      assert.deepEqual(jsonOf(reply), NO_PAUSE);
    }
    emulator.expire(pause.executionId);
    assert.deepEqual(jsonOf(await post(emulator, APPROVE, { ...pause, decision: 'approved' })), NO_PAUSE);
    assert.deepEqual(emulator.runs()[0]?.pending, []);
    assert.equal(emulator.runs()[0]?.state, 'expired');
    assert.throws(() => emulator.expire(pause.executionId), /not paused/);
    assert.equal(effects(emulator), 0);
  }));

test('an approval runs out by itself after its time-out', () =>
  withEmulator({}, async (emulator) => {
    const steps = [{ do: 'approval', toolName: 'ping_host', parameters: {}, timeoutMs: 5 } as const];
    emulator.scripts.set('short', { name: 'short', kind: 'agent', title: 'Short', steps });
    const { executionId, approvalId } = only(await dispatch(emulator, 'short'), 'approval_start');
    await emulator.journal.until('the expiry', (entries) =>
      entries.find((entry) => entry.kind === 'run' && entry.state === 'expired'),
    );
    const late = await post(emulator, APPROVE, { executionId, approvalId, decision: 'approved' });
    assert.equal(late.status, 404);
  }));

test('the key is checked before the body, the body before the state', () =>
  withEmulator({}, async (emulator) => {
    const pause = await pausedRefund(emulator);
    const decision = { ...pause, decision: 'approved' };
    for (const key of [null, 'rt_test_wrong']) {
      const reply = await post(emulator, APPROVE, 'not JSON', key);
      assert.equal(reply.status, 401);
      assert.equal(typeof jsonOf(reply)['error'], 'string');
    }
    const wrong = ['not JSON', '', {}, { ...decision, decision: 'timeout' }, { ...decision, executionId: '' }];
    for (const body of wrong) {
      const reply = await post(emulator, APPROVE, body);
      assert.equal(reply.status, 400, JSON.stringify(body));
      assert.deepEqual(Object.keys(jsonOf(reply)), ['error', 'message']);
    }
    assert.match(
      String(jsonOf(await post(emulator, APPROVE, { ...decision, decision: 'yes' }))['message']),
      /decision/,
    );
    assert.equal((await post(emulator, '/v1/dispatch', {})).status, 400);
    assert.equal((await post(emulator, '/v1/dispatch/resume', { executionId: 'x', toolOutputs: [] })).status, 400);
    assert.equal((await post(emulator, '/v1/nothing', {})).status, 404);
    assert.equal(effects(emulator), 0);
    assert.equal((await post(emulator, APPROVE, decision, emulator.applicationKey)).status, 200);
    const call = emulator.journal.entries.findLast((entry) => entry.kind === 'call');
    assert.deepEqual(
      { ...call, at: 0 },
      {
        kind: 'call',
        at: 0,
        method: 'POST',
        path: APPROVE,
        authorization: `Bearer ${emulator.applicationKey}`,
        body: decision,
        status: 200,
        effect: true,
      },
    );
  }));

test('each kind of pause has its own answer', () =>
  withEmulator({}, async (emulator) => {
    const pause = await pausedRefund(emulator);
    const slot = only(await dispatch(emulator, 'slot-flow'), 'await');
    const resumed = await post(emulator, '/v1/dispatch/resume', {
      executionId: pause.executionId,
      toolOutputs: { a: 1 },
    });
    assert.equal(resumed.status, 400);
    assert.match(String(jsonOf(resumed)['message']), /approve/);
    const approved = await post(emulator, APPROVE, { ...pause, executionId: slot.executionId, decision: 'approved' });
    assert.equal(approved.status, 400);
    assert.match(String(jsonOf(approved)['message']), /resume/);
    assert.deepEqual(
      emulator.runs().map((run) => run.state),
      ['paused', 'paused'],
    );
  }));

test('an agent is approved on its own route, and with continue', () =>
  withEmulator({}, async (emulator) => {
    const pause = await pausedRefund(emulator);
    for (const agent of ['nobody', 'plain']) {
      const reply = await post(emulator, `/v1/agents/${agent}/approve`, { ...pause, decision: 'approved' });
      assert.equal(reply.status, 404);
      assert.deepEqual(jsonOf(reply), { error: 'Agent not found' });
    }
    assert.equal(
      (await post(emulator, '/v1/agents/refund-agent/approve', { ...pause, decision: 'approved' })).status,
      200,
    );

    const { executionId, approvalId } = await pausedRefund(emulator);
    const continuation = { approvalId, decision: 'denied', reason: 'Wrong order.' };
    const reply = await post(emulator, '/v1/dispatch/continue', { executionId, continuation });
    assert.match(String(only(readEvents(reply.text), 'execution_complete')['finalOutput']), /Wrong order/);
    const slot = only(await dispatch(emulator, 'slot-flow'), 'await');
    const outputs = { executionId: slot.executionId, continuation: { toolOutputs: { pick_slot: '12:00' } } };
    assert.match((await post(emulator, '/v1/dispatch/continue', outputs)).text, /is booked: 12:00\./);
    assert.equal((await post(emulator, '/v1/dispatch/continue', { executionId, continuation: {} })).status, 400);
  }));

test('a dispatch names its agent or flow in any of the known ways', () =>
  withEmulator({}, async (emulator) => {
    const ways = [
      { agent: { agentId: 'plain' } },
      { agent: { id: 'plain' } },
      { agent: { name: 'Opening hours', model: 'example-model' } },
      { flow: { name: 'approval-flow' } },
    ];
    for (const body of ways)
      assert.equal((await post(emulator, '/v1/dispatch', body)).status, 200, JSON.stringify(body));
    const inline = readEvents((await post(emulator, '/v1/dispatch', { agent: { name: 'plain' } })).text)[0];
    assert.equal(inline?.['agentId'], 'virtual');
    const nobody = await post(emulator, '/v1/dispatch', { agent: { agentId: 'slot-flow' } });
    assert.deepEqual([nobody.status, jsonOf(nobody)], [404, { error: 'Agent not found' }]);
    const nothing = await post(emulator, '/v1/dispatch', { flow: { id: 'plain' } });
    assert.deepEqual([nothing.status, jsonOf(nothing)], [404, { error: 'Flow not found' }]);
    const flows = await fetch(`${emulator.url}/v1/flows`, { headers: { authorization: `Bearer ${emulator.apiKey}` } });
    assert.ok(((await flows.json()) as { id: string }[]).some((flow) => flow.id === 'slot-flow'));
  }));
