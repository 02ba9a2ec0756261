import assert from 'node:assert/strict';
import type { RequestListener } from 'node:http';
import { describe, test } from 'node:test';
import { isOnlyNamed } from '../../../../../src/backends/runtype/gateway/answer/asynchronous.ts';
import { executionIn } from '../../../../../src/backends/runtype/wire/json-body.ts';
import { createFastClock } from '../../../../support/clock.ts';
import { API_KEY, frame, sendJson, sendStream, withGateway } from '../../support/backend.ts';
import { asked, post, start } from '../../support/caller.ts';

const saved = { agent: { agentId: 'agent_1' }, conversationId: 'conv_1', async: true };
const started = { executionId: 'exec_1', status: 'queued' };
const settings = { timeouts: { idleMs: 5_000 } };

/** A dispatch answered so, and the run's rows where they are asked for. */
function runtype(status: number, body: unknown, calls: string[] = []): RequestListener {
  return (request, response) => {
    calls.push(`${request.method} ${request.url} ${request.headers.authorization}`);
    if (request.method === 'POST') return sendJson(response, status, body);
    sendStream(response, `id: 1\n${frame(start)}id: 2\n${frame(asked)}`);
  };
}

describe('a run that is started without a stream', () => {
  for (const [name, status, body] of [
    ['202', 202, started],
    ['200', 200, { ...started, status: 'running', result: null }],
    ['201 that only names it', 201, { executionId: 'exec_1' }],
  ] as const) {
    test(`is followed where its agent and conversation are known (${name})`, async () => {
      const calls: string[] = [];
      await withGateway(runtype(status, body, calls), settings, async ({ gateway, intake, clock }) => {
        const answer = await post(gateway.url, { body: saved });
        assert.deepEqual([answer.status, JSON.parse(answer.text)], [status, JSON.parse(JSON.stringify(body))]);
        await intake.delivery('run_open');
        await clock.advance(1_000);
        const { pause, readAgain } = await intake.delivery('announced');
        assert.deepEqual([pause.key, pause.asker], ['approval:appr_1', 'Order desk']);
        assert.equal(readAgain, true);
        const replay = '/v1/agents/agent_1/executions/exec_1/events?conversationId=conv_1&after=0';
        assert.equal(calls[1], `GET ${replay} Bearer ${API_KEY}`);
      });
    });
  }

  test('by the route of its agent, too, and its caller has opened it', async () => {
    await withGateway(runtype(202, started), settings, async ({ gateway, intake, clock }) => {
      const headers = { prefer: 'respond-async' };
      await post(gateway.url, { path: '/v1/agents/agent_1/execute', headers, body: { conversationId: 'conv_1' } });
      await intake.delivery('run_open');
      await clock.advance(1_000);
      await intake.delivery('announced');
      intake.onDecision = ({ key }) => ({ type: 'recorded', approvalId: key });
      const body = { executionId: 'exec_1', approvalId: 'appr_1', decision: 'denied' };
      await post(gateway.url, { path: '/v1/dispatch/approve', body });
      assert.equal(intake.decisions.length, 1);
    });
  });

  test('is looked for again where Runtype does not know it yet', async () => {
    let looks = 0;
    const upstream: RequestListener = (request, response) => {
      if (request.method === 'POST') return sendJson(response, 202, started);
      looks += 1;
      if (looks < 3) return sendJson(response, 404, { error: 'Execution not found' });
      sendStream(response, `id: 1\n${frame(start)}id: 2\n${frame(asked)}`);
    };
    await withGateway(upstream, { ...settings, clock: createFastClock(1_000) }, async ({ gateway, intake }) => {
      await post(gateway.url, { body: saved });
      assert.equal((await intake.delivery('announced')).pause.key, 'approval:appr_1');
      assert.equal(looks, 3);
    });
  });

  test('is reported where it can’t be followed', async () => {
    const cases: [string, object, number, unknown, string | null, object][] = [
      ['no conversation', { agent: { agentId: 'agent_1' }, async: true }, 202, started, 'exec_1', {}],
      ['a flow', { flow: { id: 'flow_1' }, async: true }, 202, started, 'exec_1', {}],
      ['no id', { flow: { name: 'Refunds' } }, 202, { status: 'queued' }, null, {}],
      ['no body', { flow: { name: 'Refunds' } }, 202, 'accepted', null, {}],
      ['without a key of ours', saved, 202, started, 'exec_1', { apiKey: null }],
    ];
    for (const [name, sent, status, body, run, more] of cases) {
      await withGateway(runtype(status, body), { ...settings, ...more }, async ({ gateway, intake }) => {
        await post(gateway.url, { body: sent });
        const { reason, runId } = await intake.delivery('unfollowed');
        assert.deepEqual([reason, runId], ['asynchronous', run], name);
        assert.deepEqual(intake.deliveries.length, 1);
      });
    }
  });

  test('is nothing of these where the answer says more, or where no run was asked for', async () => {
    const cases: [string, number, unknown][] = [
      ['/v1/dispatch', 200, { success: true, executionId: 'exec_1', result: 'Done.' }],
      ['/v1/dispatch', 200, { executionId: 'exec_1', status: 'completed' }],
      ['/v1/dispatch', 422, started],
      ['/v1/agents/agent_1/versions', 202, { id: 'version_1', status: 'pending' }],
      ['/v1/records', 202, { id: 'rec_1' }],
    ];
    for (const [path, status, body] of cases) {
      await withGateway(runtype(status, body), settings, async ({ gateway, intake }) => {
        await post(gateway.url, { path, body: { agent: { agentId: 'agent_1' } } });
        const types = intake.deliveries.map(({ type }) => type);
        assert.ok(!types.includes('unfollowed') && !types.includes('run_open'), `${path}: ${types}`);
      });
    }
  });
});

test('an answer that only names a run', () => {
  for (const status of ['queued', 'running', 'in_progress', 'PENDING'])
    assert.ok(isOnlyNamed({ executionId: 'e', status }, 200));
  assert.ok(isOnlyNamed(undefined, 202));
  assert.ok(!isOnlyNamed(undefined, 200));
  assert.ok(!isOnlyNamed({ executionId: 'e', status: 'paused', pausedReason: { approvals: [] } }, 200));
  assert.equal(executionIn({ executionId: 7 }), null);
});
