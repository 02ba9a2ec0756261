import assert from 'node:assert/strict';
import test from 'node:test';
import type { Json, RuntypeEmulator } from '../../../../src/sandbox/emulators/runtype/types.ts';
import { dispatch, jsonOf, only, post, readEvents, typesOf, withEmulator } from './support.ts';

const APPROVE = '/v1/dispatch/approve';

function replay(emulator: RuntypeEmulator, executionId: string, query: string, agent = 'refund-agent') {
  const headers = { authorization: `Bearer ${emulator.apiKey}` };
  return fetch(`${emulator.url}/v1/agents/${agent}/executions/${executionId}/events?${query}`, { headers });
}

test('without streaming, a pause and an end are one JSON answer each', () =>
  withEmulator({}, async (emulator) => {
    const options = { streamResponse: false };
    const paused = jsonOf(await post(emulator, '/v1/dispatch', { agent: { id: 'refund-agent' }, options }));
    assert.deepEqual([paused['success'], paused['status']], [true, 'paused']);
    const { type, executionId, approvals } = paused['pausedReason'] as { [key: string]: unknown; approvals: Json[] };
    assert.deepEqual([type, executionId], ['approval', paused['executionId']]);
    assert.equal(approvals[0]?.['toolName'], 'refund_order');
    const decision = { executionId, approvalId: approvals[0]?.['approvalId'], decision: 'approved', ...options };
    const done = jsonOf(await post(emulator, APPROVE, decision));
    assert.deepEqual([done['success'], done['status']], [true, 'completed']);
    assert.match(String(done['result']), /^Refunded/);

    const waiting = jsonOf(await post(emulator, '/v1/dispatch', { flow: { id: 'parallel-awaits' }, options }));
    assert.equal((waiting['pausedReason'] as { awaits: Json[] }).awaits.length, 2);
    const failing = jsonOf(await post(emulator, '/v1/dispatch', { agent: { id: 'failing' }, options }));
    const [gate] = (failing['pausedReason'] as { approvals: Json[] }).approvals;
    const { approvalId } = gate ?? {};
    const answer = { executionId: failing['executionId'], approvalId, decision: 'approved', ...options };
    assert.equal(jsonOf(await post(emulator, APPROVE, answer))['success'], false);
  }));

test('a saved agent with a conversation keeps its events for a replay', () =>
  withEmulator({}, async (emulator) => {
    const body = { agent: { agentId: 'refund-agent' }, conversationId: 'conv_1' };
    const first = (await post(emulator, '/v1/dispatch', body)).text;
    const events = readEvents(first);
    const { executionId, approvalId } = only(events, 'approval_start');
    assert.ok(first.startsWith('id: 1\n'));
    assert.equal(await (await replay(emulator, executionId, 'conversationId=conv_1')).text(), first);

    const after = events.length - 1;
    const tail = await (await replay(emulator, executionId, `conversationId=conv_1&after=${after}`)).text();
    assert.deepEqual(typesOf(readEvents(tail)), ['approval_start']);
    const rest = (await post(emulator, APPROVE, { executionId, approvalId, decision: 'approved' })).text;
    assert.ok(rest.startsWith(`id: ${events.length + 1}\n`));
    const all = await (await replay(emulator, executionId, 'conversationId=conv_1&after=0')).text();
    assert.equal(all, first + rest);

    assert.equal((await replay(emulator, executionId, 'conversationId=conv_2')).status, 404);
    assert.equal((await replay(emulator, executionId, 'conversationId=conv_1&after=x')).status, 400);
    assert.equal((await replay(emulator, executionId, 'conversationId=conv_1', 'nobody')).status, 404);
    const plain = (await dispatch(emulator, 'refund-agent'))[0];
    assert.equal((await replay(emulator, String(plain?.executionId), '')).status, 404, 'no conversation, no log');
  }));

test('a replay of a run that still works goes on live', () =>
  withEmulator({ paceMs: 2 }, async (emulator) => {
    const body = { agent: { agentId: 'plain' }, conversationId: 'conv_1' };
    const whole = post(emulator, '/v1/dispatch', body);
    const { executionId } = await emulator.journal.until('the run', (entries) =>
      entries.find((entry) => entry.kind === 'run'),
    );
    const seen = await (await replay(emulator, executionId, 'conversationId=conv_1&after=3', 'plain')).text();
    assert.ok(seen.startsWith('id: 4\n'));
    assert.ok((await whole).text.endsWith(seen));
    assert.equal(readEvents(seen).at(-1)?.type, 'execution_complete');
  }));

test('a replay may ignore the cursor, as a faulty server would', () =>
  withEmulator({ ignoreCursor: true }, async (emulator) => {
    const body = { agent: { agentId: 'plain' }, conversationId: 'conv_1' };
    const whole = (await post(emulator, '/v1/dispatch', body)).text;
    const executionId = String(emulator.runs()[0]?.executionId);
    assert.equal(await (await replay(emulator, executionId, 'conversationId=conv_1&after=9', 'plain')).text(), whole);
  }));

test('an expiry is told in the event log only', () =>
  withEmulator({}, async (emulator) => {
    const body = { agent: { agentId: 'refund-agent' }, conversationId: 'conv_1' };
    const events = readEvents((await post(emulator, '/v1/dispatch', body)).text);
    const { executionId } = only(events, 'approval_start');
    emulator.expire(executionId);
    const log = await (await replay(emulator, executionId, `conversationId=conv_1&after=${events.length}`)).text();
    const told = only(readEvents(log), 'approval_complete');
    assert.deepEqual([told['decision'], told['resolvedBy']], ['timeout', 'system']);
  }));

test('switches of older and newer servers', async () => {
  await withEmulator({ bareData: true, resumedStart: false, newToolCallIdAfterApproval: true }, async (emulator) => {
    const { stream, executionId } = await emulator.runToPause('refund-agent');
    assert.ok(!stream.includes('event:'));
    const { approvalId, toolCallId } = only(readEvents(stream), 'approval_start');
    const rest = readEvents((await post(emulator, APPROVE, { executionId, approvalId, decision: 'approved' })).text);
    assert.equal(rest[0]?.type, 'approval_complete');
    assert.notEqual(only(rest, 'tool_complete')['toolCallId'], toolCallId);
    assert.equal(only(rest, 'tool_complete')['toolCallId'], only(rest, 'tool_start')['toolCallId']);
  });
  await withEmulator({ virtualIdAtPause: true }, async (emulator) => {
    const events = await dispatch(emulator, 'refund-agent');
    const { executionId, approvalId } = only(events, 'approval_start');
    assert.match(executionId, /^virtual_\d+_/);
    const old = { executionId: events[0]?.executionId, approvalId, decision: 'approved' };
    assert.equal((await post(emulator, APPROVE, old)).status, 404);
    assert.equal((await post(emulator, APPROVE, { ...old, executionId })).status, 200);
  });
});

test('a run keeps its vocabulary; a caller may ask for the newer one', () =>
  withEmulator({ vocabulary: 'legacy' }, async (emulator) => {
    const { executionId, approvalId } = only(await dispatch(emulator, 'refund-agent'), 'agent_approval_start');
    emulator.vocabulary = 'unified';
    const rest = await post(emulator, APPROVE, { executionId, approvalId, decision: 'approved' });
    assert.equal(readEvents(rest.text).at(-1)?.type, 'agent_complete');
    emulator.vocabulary = 'legacy';
    const asked = await post(emulator, '/v1/dispatch?events=unified', { agent: { id: 'plain' } });
    assert.equal(readEvents(asked.text)[0]?.type, 'execution_start');
  }));

test('runs do not disturb each other, and each change is told', () =>
  withEmulator({}, async (emulator) => {
    let changes = 0;
    const stop = emulator.onChange(() => {
      changes += 1;
    });
    const streams = await Promise.all(Array.from({ length: 8 }, () => dispatch(emulator, 'refund-agent')));
    stop();
    assert.equal(changes, emulator.journal.entries.length);
    const gates = streams.map((events) => only(events, 'approval_start'));
    assert.equal(new Set(gates.map((gate) => gate.executionId)).size, 8);
    const [one, other] = gates;
    const mixed = { executionId: one?.executionId, approvalId: other?.['approvalId'], decision: 'approved' };
    assert.equal((await post(emulator, APPROVE, mixed)).status, 404);
    const own = { ...mixed, approvalId: one?.['approvalId'] };
    assert.equal((await post(emulator, APPROVE, own)).status, 200);
    assert.equal(emulator.runs().filter((run) => run.state === 'paused').length, 7);
  }));

test('closing stops a run in the middle of its words', async () => {
  let hung: Promise<unknown> = Promise.resolve();
  await withEmulator({ paceMs: 60_000 }, async (emulator) => {
    hung = assert.rejects(dispatch(emulator, 'plain'));
    await emulator.journal.until('the call', (entries) => entries.find((entry) => entry.kind === 'call'));
  });
  await hung;
});
