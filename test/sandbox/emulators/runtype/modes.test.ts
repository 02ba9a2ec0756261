import assert from 'node:assert/strict';
import test from 'node:test';
import type { Json, RuntypeStandIn } from '../../../../src/sandbox/emulators/runtype/types.ts';
import { dispatch, jsonOf, only, post, readEvents, typesOf, withStandIn } from './client.ts';

const APPROVE = '/v1/dispatch/approve';

function replay(standIn: RuntypeStandIn, executionId: string, query: string, agent = 'refund-agent') {
  const headers = { authorization: `Bearer ${standIn.apiKey}` };
  return fetch(`${standIn.url}/v1/agents/${agent}/executions/${executionId}/events?${query}`, { headers });
}

test('without streaming, a pause and an end are one JSON answer each', () =>
  withStandIn({}, async (standIn) => {
    const options = { streamResponse: false };
    const paused = jsonOf(await post(standIn, '/v1/dispatch', { agent: { id: 'refund-agent' }, options }));
    assert.deepEqual([paused['success'], paused['status']], [true, 'paused']);
    const { type, executionId, approvals } = paused['pausedReason'] as { [key: string]: unknown; approvals: Json[] };
    assert.deepEqual([type, executionId], ['approval', paused['executionId']]);
    assert.equal(approvals[0]?.['toolName'], 'refund_order');
    const decision = { executionId, approvalId: approvals[0]?.['approvalId'], decision: 'approved', ...options };
    const done = jsonOf(await post(standIn, APPROVE, decision));
    assert.deepEqual([done['success'], done['status']], [true, 'completed']);
    assert.match(String(done['result']), /^Refunded/);

    const waiting = jsonOf(await post(standIn, '/v1/dispatch', { flow: { id: 'parallel-awaits' }, options }));
    assert.equal((waiting['pausedReason'] as { awaits: Json[] }).awaits.length, 2);
    const failing = jsonOf(await post(standIn, '/v1/dispatch', { agent: { id: 'failing' }, options }));
    const [gate] = (failing['pausedReason'] as { approvals: Json[] }).approvals;
    const { approvalId } = gate ?? {};
    const answer = { executionId: failing['executionId'], approvalId, decision: 'approved', ...options };
    assert.equal(jsonOf(await post(standIn, APPROVE, answer))['success'], false);
  }));

test('a saved agent with a conversation keeps its events for a replay', () =>
  withStandIn({}, async (standIn) => {
    const body = { agent: { agentId: 'refund-agent' }, conversationId: 'conv_1' };
    const first = (await post(standIn, '/v1/dispatch', body)).text;
    const events = readEvents(first);
    const { executionId, approvalId } = only(events, 'approval_start');
    assert.ok(first.startsWith('id: 1\n'));
    assert.equal(await (await replay(standIn, executionId, 'conversationId=conv_1')).text(), first);

    const after = events.length - 1;
    const tail = await (await replay(standIn, executionId, `conversationId=conv_1&after=${after}`)).text();
    assert.deepEqual(typesOf(readEvents(tail)), ['approval_start']);
    const rest = (await post(standIn, APPROVE, { executionId, approvalId, decision: 'approved' })).text;
    assert.ok(rest.startsWith(`id: ${events.length + 1}\n`));
    const all = await (await replay(standIn, executionId, 'conversationId=conv_1&after=0')).text();
    assert.equal(all, first + rest);

    assert.equal((await replay(standIn, executionId, 'conversationId=conv_2')).status, 404);
    assert.equal((await replay(standIn, executionId, 'conversationId=conv_1&after=x')).status, 400);
    assert.equal((await replay(standIn, executionId, 'conversationId=conv_1', 'nobody')).status, 404);
    const plain = (await dispatch(standIn, 'refund-agent'))[0];
    assert.equal((await replay(standIn, String(plain?.executionId), '')).status, 404, 'no conversation, no log');
  }));

test('a replay of a run that still works goes on live', () =>
  withStandIn({ paceMs: 2 }, async (standIn) => {
    const body = { agent: { agentId: 'plain' }, conversationId: 'conv_1' };
    const whole = post(standIn, '/v1/dispatch', body);
    const { executionId } = await standIn.journal.until('the run', (entries) =>
      entries.find((entry) => entry.kind === 'run'),
    );
    const seen = await (await replay(standIn, executionId, 'conversationId=conv_1&after=3', 'plain')).text();
    assert.ok(seen.startsWith('id: 4\n'));
    assert.ok((await whole).text.endsWith(seen));
    assert.equal(readEvents(seen).at(-1)?.type, 'execution_complete');
  }));

test('a replay may ignore the cursor, as a faulty server would', () =>
  withStandIn({ ignoreCursor: true }, async (standIn) => {
    const body = { agent: { agentId: 'plain' }, conversationId: 'conv_1' };
    const whole = (await post(standIn, '/v1/dispatch', body)).text;
    const executionId = String(standIn.runs()[0]?.executionId);
    assert.equal(await (await replay(standIn, executionId, 'conversationId=conv_1&after=9', 'plain')).text(), whole);
  }));

test('an expiry is told in the event log only', () =>
  withStandIn({}, async (standIn) => {
    const body = { agent: { agentId: 'refund-agent' }, conversationId: 'conv_1' };
    const events = readEvents((await post(standIn, '/v1/dispatch', body)).text);
    const { executionId } = only(events, 'approval_start');
    standIn.expire(executionId);
    const log = await (await replay(standIn, executionId, `conversationId=conv_1&after=${events.length}`)).text();
    const told = only(readEvents(log), 'approval_complete');
    assert.deepEqual([told['decision'], told['resolvedBy']], ['timeout', 'system']);
  }));

test('switches of older and newer servers', async () => {
  await withStandIn({ bareData: true, resumedStart: false, newToolCallIdAfterApproval: true }, async (standIn) => {
    const { stream, executionId } = await standIn.runToPause('refund-agent');
    assert.ok(!stream.includes('event:'));
    const { approvalId, toolCallId } = only(readEvents(stream), 'approval_start');
    const rest = readEvents((await post(standIn, APPROVE, { executionId, approvalId, decision: 'approved' })).text);
    assert.equal(rest[0]?.type, 'approval_complete');
    assert.notEqual(only(rest, 'tool_complete')['toolCallId'], toolCallId);
    assert.equal(only(rest, 'tool_complete')['toolCallId'], only(rest, 'tool_start')['toolCallId']);
  });
  await withStandIn({ virtualIdAtPause: true }, async (standIn) => {
    const events = await dispatch(standIn, 'refund-agent');
    const { executionId, approvalId } = only(events, 'approval_start');
    assert.match(executionId, /^virtual_\d+_/);
    const old = { executionId: events[0]?.executionId, approvalId, decision: 'approved' };
    assert.equal((await post(standIn, APPROVE, old)).status, 404);
    assert.equal((await post(standIn, APPROVE, { ...old, executionId })).status, 200);
  });
});

test('a run keeps its vocabulary; a caller may ask for the newer one', () =>
  withStandIn({ vocabulary: 'legacy' }, async (standIn) => {
    const { executionId, approvalId } = only(await dispatch(standIn, 'refund-agent'), 'agent_approval_start');
    standIn.vocabulary = 'unified';
    const rest = await post(standIn, APPROVE, { executionId, approvalId, decision: 'approved' });
    assert.equal(readEvents(rest.text).at(-1)?.type, 'agent_complete');
    standIn.vocabulary = 'legacy';
    const asked = await post(standIn, '/v1/dispatch?events=unified', { agent: { id: 'plain' } });
    assert.equal(readEvents(asked.text)[0]?.type, 'execution_start');
  }));

test('runs do not disturb each other, and each change is told', () =>
  withStandIn({}, async (standIn) => {
    let changes = 0;
    const stop = standIn.onChange(() => {
      changes += 1;
    });
    const streams = await Promise.all(Array.from({ length: 8 }, () => dispatch(standIn, 'refund-agent')));
    stop();
    assert.equal(changes, standIn.journal.entries.length);
    const gates = streams.map((events) => only(events, 'approval_start'));
    assert.equal(new Set(gates.map((gate) => gate.executionId)).size, 8);
    const [one, other] = gates;
    const mixed = { executionId: one?.executionId, approvalId: other?.['approvalId'], decision: 'approved' };
    assert.equal((await post(standIn, APPROVE, mixed)).status, 404);
    const own = { ...mixed, approvalId: one?.['approvalId'] };
    assert.equal((await post(standIn, APPROVE, own)).status, 200);
    assert.equal(standIn.runs().filter((run) => run.state === 'paused').length, 7);
  }));

test('closing stops a run in the middle of its words', async () => {
  let hung: Promise<unknown> = Promise.resolve();
  await withStandIn({ paceMs: 60_000 }, async (standIn) => {
    hung = assert.rejects(dispatch(standIn, 'plain'));
    await standIn.journal.until('the call', (entries) => entries.find((entry) => entry.kind === 'call'));
  });
  await hung;
});
