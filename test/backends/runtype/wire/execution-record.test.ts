import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  agentRunOf,
  callEndIn,
  endIn,
  runPath,
  toolCallPath,
} from '../../../../src/backends/runtype/wire/execution-record.ts';
import { runs } from '../../../support/property.ts';

const run = { agentId: 'agent_1', executionId: 'exec_1' };

describe('the record of a run', () => {
  const ends: [string, unknown, unknown][] = [
    ['completed, with its output', { status: 'completed', finalOutput: 'Sent.' }, { ok: true, text: 'Sent.' }],
    ['completed, with an object', { status: 'completed', output: { n: 1 } }, { ok: true, text: '{"n":1}' }],
    ['completed, without an output', { status: 'completed', executionId: 'exec_1' }, { ok: true, text: null }],
    ['its data', { data: { status: 'completed', id: 'exec_1' } }, { ok: true, text: null }],
    [
      'a row with an id of its own',
      { status: 'completed', id: 'row_9', executionId: 'exec_1' },
      { ok: true, text: null },
    ],
    ['failed', { status: 'failed', error: { code: 'X', message: 'No stock.' } }, { ok: false, text: 'No stock.' }],
    ['completed with an error', { status: 'completed', error: 'No stock.' }, { ok: false, text: 'No stock.' }],
    ['completed without success', { status: 'completed', success: false }, { ok: false, text: null }],
    ['running', { status: 'running', finalOutput: 'not yet' }, null],
    ['paused', { status: 'paused' }, null],
    ['an unknown word', { status: 'finalised' }, null],
    ['a word inside another', { status: 'not completed' }, null],
    ['no word', { finalOutput: 'Sent.' }, null],
    ['a number', { status: 200 }, null],
    ['another run', { status: 'completed', executionId: 'exec_2' }, null],
    ['another agent', { status: 'completed', agentId: 'agent_2' }, null],
    ['a list', [{ status: 'completed' }], null],
    ['nothing', undefined, null],
  ];
  for (const [name, json, end] of ends) test(name, () => assert.deepEqual(endIn(json, run), end));
});

describe('the record of a tool call', () => {
  const record = { toolCallId: 'toolu_1', status: 'completed', inputParameters: {}, toolDescription: 'Picks.' };
  const ends: [string, unknown, unknown][] = [
    ['completed', record, { ok: true }],
    ['completed, without an id', { status: 'completed' }, { ok: true }],
    ['completed with an error', { ...record, error: 'No stock.' }, { ok: false }],
    ['another call', { ...record, toolCallId: 'toolu_2' }, null],
    ['a call of another run', { ...record, executionId: 'exec_2' }, null],
    ['pending', { ...record, status: 'pending' }, null],
    ['failed: which word that is, is not documented', { ...record, status: 'failed' }, null],
  ];
  for (const [name, json, end] of ends) test(name, () => assert.deepEqual(callEndIn(json, run, 'toolu_1'), end));
});

test('of any JSON, only a status that says so ends a run or a call', () => {
  const field = fc.oneof(
    fc.constantFrom('completed', 'failed', 'running', 'exec_1', 'exec_2', 'toolu_1'),
    fc.jsonValue(),
  );
  const keys = ['status', 'executionId', 'id', 'toolCallId', 'error', 'success', 'finalOutput'];
  const records = fc.dictionary(fc.constantFrom(...keys), field);
  fc.assert(
    fc.property(
      fc.oneof(
        records,
        records.map((data) => ({ data })),
        fc.jsonValue(),
      ),
      (json) => {
        const text = JSON.stringify(json);
        if (endIn(json, run) !== null) assert.match(text, /"status":"\s*(?:completed|failed)/i);
        if (callEndIn(json, run, 'toolu_1') !== null) assert.match(text, /"status":"\s*completed/i);
      },
    ),
    { numRuns: runs(500) },
  );
});

test('ids are encoded, and only a run whose agent is known has a record', () => {
  assert.equal(
    toolCallPath({ agentId: 'a/b', executionId: 'e?' }, 'c#'),
    '/v1/agents/a%2Fb/executions/e%3F/tool-calls/c%23',
  );
  assert.equal(runPath(run), '/v1/agents/agent_1/executions/exec_1');
  assert.equal(agentRunOf('exec_1', { id: null }), null);
  assert.equal(agentRunOf(null, { id: 'agent_1' }), null);
  const replay = { agentId: 'agent_2', conversationId: 'c' };
  assert.equal(agentRunOf('exec_1', { id: 'agent_1', replay })?.agentId, 'agent_2');
});
