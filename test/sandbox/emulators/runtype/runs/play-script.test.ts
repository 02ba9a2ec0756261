import assert from 'node:assert/strict';
import test from 'node:test';
import type { Json } from '../../../../../src/sandbox/emulators/runtype/types.ts';
import { dispatch, only, post, readEvents, typesOf, withEmulator } from '../support.ts';

const unlessDelta = (type: string) => !type.endsWith('_delta');

test('an agent works, asks, and its stream ends without a closing event', () =>
  withEmulator({}, async (emulator) => {
    const events = await dispatch(emulator, 'refund-agent');
    const text = ['text_start', 'text_complete'];
    const tool = ['tool_start', 'tool_input_complete'];
    assert.deepEqual(typesOf(events).filter(unlessDelta), [
      'execution_start',
      'turn_start',
      ...text,
      ...tool,
      'tool_complete',
      ...text,
      ...tool,
      'approval_start',
    ]);
    assert.deepEqual(
      events.map((event) => event.seq),
      events.map((_, index) => index),
    );

    const [run] = emulator.runs();
    const approval = only(events, 'approval_start');
    assert.match(approval.executionId, /^exec_[0-9a-f]+$/);
    assert.match(String(approval['approvalId']), /^appr_[0-9a-f]+$/);
    assert.match(String(approval['toolCallId']), /^toolu_[0-9a-f]+$/);
    assert.equal(approval['timeout'], 300_000);
    assert.equal((approval['parameters'] as Json)['amount'], 42.5);
    assert.deepEqual(run?.pending, [
      { approvalId: approval['approvalId'], toolCallId: approval['toolCallId'], toolName: 'refund_order' },
    ]);
    const started = events.find((event) => event.type === 'tool_start' && event['toolName'] === 'refund_order');
    assert.equal(started?.['toolCallId'], approval['toolCallId']);
    assert.deepEqual(started?.['hiddenParameterNames'], ['tenantId']);
    const typed = events
      .flatMap((event) => (event.type === 'tool_input_delta' ? [String(event['delta'])] : []))
      .join('');
    assert.ok(!typed.includes('tenant'), 'the model never sees what the server adds');
  }));

test('approved: the same tool call completes and the run goes on to its end', () =>
  withEmulator({}, async (emulator) => {
    const approval = only(await dispatch(emulator, 'refund-agent'), 'approval_start');
    const { executionId, approvalId } = approval;
    const reply = await post(emulator, '/v1/dispatch/approve', { executionId, approvalId, decision: 'approved' });
    assert.equal(reply.headers.get('content-type'), 'text/event-stream; charset=utf-8');
    const events = readEvents(reply.text);
    assert.deepEqual(typesOf(events).filter(unlessDelta), [
      'execution_start',
      'approval_complete',
      'tool_complete',
      'turn_start',
      'text_start',
      'text_complete',
      'turn_complete',
      'execution_complete',
    ]);
    assert.equal(events[0]?.seq, 0);
    assert.equal(events[0]?.['resumed'], true);
    assert.ok(events.every((event) => event.executionId === executionId));
    assert.equal(only(events, 'approval_complete')['decision'], 'approved');
    assert.equal(only(events, 'tool_complete')['toolCallId'], approval['toolCallId']);
    assert.equal((only(events, 'tool_complete')['result'] as Json)['refundId'], 'RF-20417');
    assert.match(String(only(events, 'execution_complete')['finalOutput']), /^Refunded 42\.50 EUR/);
    assert.equal(emulator.runs()[0]?.state, 'complete');
  }));

test('denied: the tool is not run, the agent says why, and the run ends well', () =>
  withEmulator({}, async (emulator) => {
    const { executionId, approvalId } = only(await dispatch(emulator, 'two-pauses'), 'approval_start');
    const body = { executionId, approvalId, decision: 'denied', reason: 'Not on a Friday.' };
    const events = readEvents((await post(emulator, '/v1/dispatch/approve', body)).text);
    assert.equal(only(events, 'approval_complete')['decision'], 'denied');
    assert.ok(!typesOf(events).includes('tool_complete'));
    assert.ok(!typesOf(events).includes('approval_start'), 'the second pause never comes');
    const end = only(events, 'execution_complete');
    assert.equal(end['success'], true);
    assert.match(String(end['finalOutput']), /declined.*Not on a Friday\./);
  }));

test('a run may pause again on the continuation of its first pause', () =>
  withEmulator({}, async (emulator) => {
    const first = only(await dispatch(emulator, 'two-pauses'), 'approval_start');
    const { executionId } = first;
    const approve = async (approvalId: unknown) =>
      readEvents(
        (await post(emulator, '/v1/dispatch/approve', { executionId, approvalId, decision: 'approved' })).text,
      );
    const middle = await approve(first['approvalId']);
    assert.equal(middle.at(-1)?.type, 'approval_start');
    const second = only(middle, 'approval_start');
    assert.equal(second['toolName'], 'deploy_service');
    assert.notEqual(second['approvalId'], first['approvalId']);
    assert.equal((await approve(second['approvalId'])).at(-1)?.type, 'execution_complete');
  }));

test('the older vocabulary tells the same agent run in its own words', () =>
  withEmulator({ vocabulary: 'legacy' }, async (emulator) => {
    const events = await dispatch(emulator, 'refund-agent');
    const types = typesOf(events).filter(unlessDelta);
    assert.deepEqual(types.slice(0, 3), ['agent_start', 'agent_iteration_start', 'agent_turn_start']);
    assert.deepEqual(types.slice(-3), ['agent_tool_start', 'agent_tool_input_complete', 'agent_approval_start']);
    assert.ok(events.some((event) => event.type === 'agent_turn_delta' && event['contentType'] === 'text'));
    const { executionId, approvalId } = only(events, 'agent_approval_start');
    const reply = await post(emulator, '/v1/dispatch/approve', { executionId, approvalId, decision: 'approved' });
    const rest = readEvents(reply.text);
    assert.equal(rest[0]?.type, 'agent_approval_complete');
    assert.equal(only(rest, 'agent_complete')['success'], true);
    assert.ok(reply.text.endsWith('data: [DONE]\n\n'));
  }));

test('the older vocabulary tells a flow: its approvals are awaits with a reason', () =>
  withEmulator({ vocabulary: 'legacy' }, async (emulator) => {
    const events = await dispatch(emulator, 'approval-flow');
    assert.equal(events[0]?.type, 'flow_start');
    const approval = only(events, 'step_await');
    assert.equal(approval['awaitReason'], 'approval_required');
    assert.equal(approval['toolName'], 'publish_prices');
    const { executionId, approvalId } = approval;
    const reply = await post(emulator, '/v1/dispatch/approve', { executionId, approvalId, decision: 'approved' });
    assert.equal(readEvents(reply.text).at(-1)?.type, 'flow_complete');

    const waiting = only(await dispatch(emulator, 'slot-flow'), 'flow_await');
    assert.equal(waiting['toolName'], 'pick_slot');
    const failed = only(await dispatch(emulator, 'failing'), 'agent_approval_start');
    const answer = { executionId: failed.executionId, approvalId: failed['approvalId'], decision: 'approved' };
    const end = readEvents((await post(emulator, '/v1/dispatch/approve', answer)).text).at(-1);
    assert.equal(end?.type, 'agent_complete');
    assert.equal(end?.['success'], false);
  }));

test('plain ends at once, server-wait goes on by itself, failing ends in an error', () =>
  withEmulator({}, async (emulator) => {
    assert.equal((await dispatch(emulator, 'plain')).at(-1)?.type, 'execution_complete');
    const waited = await dispatch(emulator, 'server-wait');
    const pause = only(waited, 'await');
    assert.equal(pause['awaitReason'], 'durable_poll');
    assert.equal(pause['toolName'], undefined);
    assert.equal(waited.at(-1)?.type, 'execution_complete');

    const { executionId, approvalId } = only(await dispatch(emulator, 'failing'), 'approval_start');
    const reply = await post(emulator, '/v1/dispatch/approve', { executionId, approvalId, decision: 'approved' });
    const end = readEvents(reply.text);
    assert.equal(end.at(-1)?.type, 'execution_error');
    assert.match(String((only(end, 'execution_error')['error'] as Json)['message']), /550/);
    assert.equal(emulator.runs().at(-1)?.state, 'error');
  }));

test('the hostile approval hides its important part behind six kilobytes', () =>
  withEmulator({}, async (emulator) => {
    const { parameters } = only(await dispatch(emulator, 'hostile'), 'approval_start');
    const text = JSON.stringify(parameters);
    assert.ok(text.length > 6_000, `${text.length} characters`);
    assert.ok(text.endsWith('"dryRun":false,"scope":"ALL TENANTS"}'));
    for (const trap of [
      '@everyone',
      '<!channel>',
      '<@U123>',
      '```',
      '](https://',
      '\u202e',
      '\u200b',
      'clientSecret',
    ]) {
      assert.ok(text.includes(trap), trap);
    }
  }));
