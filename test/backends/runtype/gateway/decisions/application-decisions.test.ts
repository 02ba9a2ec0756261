import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import { describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { REQUEST_MAX_BYTES } from '../../../../../src/backends/runtype/gateway/call.ts';
import {
  APP_KEY,
  type Bench,
  decided,
  frame,
  type Listening,
  readText,
  sendJson,
  sendStream,
  type withBackend,
  withGateway,
} from '../../support/backend.ts';
import { asked, complete, open, post, type Sent, start } from '../../support/caller.ts';

const awaiting = { type: 'await', executionId: 'exec_1', toolName: 'pick' };

describe('an application’s own decision', () => {
  const approve: Sent = {
    path: '/v1/dispatch/approve',
    body: { executionId: 'exec_1', approvalId: 'appr_1', decision: 'denied', reason: 'Changed my mind.' },
  };

  const pauses = [asked, ...['t1', 't2', 't3'].map((toolCallId) => ({ ...awaiting, toolCallId }))];

  function withDecisions<T>(
    upstream: RequestListener,
    use: (bench: Bench & { gateway: Listening; upstream: Listening }) => Promise<T>,
    more: Parameters<typeof withBackend>[1] = {},
  ): Promise<T> {
    const opening: RequestListener = (_, response) => sendStream(response, frame(start) + pauses.map(frame).join(''));
    const listener: RequestListener = (request, response) =>
      (request.url === '/v1/dispatch?opening' ? opening : upstream)(request, response);
    return withGateway(listener, more, async (bench) => {
      const { intake, gateway } = bench;
      intake.onDecision = ({ key }) => ({ type: 'recorded', approvalId: `id of ${key}` });
      // Only who opened the run may claim its pauses.
      await post(gateway.url, { path: '/v1/dispatch?opening' });
      await intake.delivery('run_paused');
      intake.journal.entries.splice(0);
      return use(bench);
    });
  }

  test('is recorded before it is forwarded, and settled by Runtype’s answer', async () => {
    const order: string[] = [];
    const upstream: RequestListener = (_, response) => {
      order.push('forwarded');
      sendStream(response, frame({ ...asked, approvalId: 'appr_2' }));
    };
    await withDecisions(upstream, async ({ gateway, intake, clock }) => {
      intake.onDecision = ({ key }) => {
        order.push('recorded');
        return { type: 'recorded', approvalId: `id of ${key}` };
      };
      await post(gateway.url, approve);
      await intake.delivery('run_paused');
      assert.deepEqual(order, ['recorded', 'forwarded']);
      const actor = { platform: 'application', id: clock.hash(APP_KEY).slice(0, 8), name: 'application' };
      const decision = {
        backend: 'runtype',
        key: 'approval:appr_1',
        action: 'reject',
        actor,
        text: 'Changed my mind.',
      };
      assert.deepEqual(intake.decisions, [decision]);
      const [, second, third] = intake.journal.entries;
      const result = { type: 'recorded', following: true };
      assert.deepEqual(second, { type: 'settled', approvalId: 'id of approval:appr_1', result });
      assert.ok(third?.type === 'delivery' && third.delivery.type === 'announced', 'before what came of it');
    });
  });

  test('on every route that takes one', async () => {
    const upstream: RequestListener = (_, response) => response.end();
    await withDecisions(upstream, async ({ gateway, intake }) => {
      const { body } = approve;
      await post(gateway.url, { path: '/v1/agents/a1/approve', body });
      await post(gateway.url, { path: '/v1/dispatch/continue', body: { executionId: 'exec_1', continuation: body } });
      const toolOutputs = {
        t1: { approved: true, note: 'ok' },
        t2: { approved: false, reason: 'no' },
        t3: { slot: 2 },
      };
      await post(gateway.url, { path: '/v1/dispatch/resume', body: { executionId: 'exec_1', toolOutputs } });
      const decisions = intake.decisions.map(({ key, action, text }) => [key, action, text]);
      assert.deepEqual(decisions, [
        ['approval:appr_1', 'reject', 'Changed my mind.'],
        ['approval:appr_1', 'reject', 'Changed my mind.'],
        ['await:exec_1:t1', 'approve', 'ok'],
        ['await:exec_1:t2', 'reject', 'no'],
        ['await:exec_1:t3', 'take_over', '{"slot":2}'],
      ]);
      assert.equal(intake.settled.length, 5);
      assert.deepEqual(intake.settled[0]?.result, { type: 'recorded', following: false });
    });
  });

  test('uses a new connection, so that a reset can’t be that of an old one', async () => {
    const ports: (number | undefined)[] = [];
    const upstream: RequestListener = (request, response) => {
      ports.push(request.socket.remotePort);
      sendJson(response, 404, { error: 'No paused execution' });
    };
    await withDecisions(upstream, async ({ gateway }) => {
      const other = { path: '/v1/records' };
      for (const sent of [other, other, approve, approve]) await post(gateway.url, sent);
    });
    const [first, second, ...decisions] = ports;
    assert.equal(first, second);
    assert.equal(new Set([first, ...decisions]).size, 3);
  });

  test('may name the tool, where the call has been seen', async () => {
    const await1 = { type: 'flow_await', executionId: 'exec_1', toolName: 'webmcp-free', toolId: 'runtime_x_1' };
    const upstream: RequestListener = (_, response) => sendStream(response, frame(await1));
    await withDecisions(upstream, async ({ gateway, intake }) => {
      await post(gateway.url);
      await intake.delivery('run_paused');
      const body = { executionId: 'exec_1', toolOutputs: { 'webmcp-free': 'yes' } };
      await post(gateway.url, { path: '/v1/dispatch/resume', body });
      const keys = intake.decisions.map(({ key }) => key);
      assert.deepEqual(keys, ['await:exec_1:tool:runtime_x_1']);
    });
  });

  test('that Runtype refuses teaches nothing about the run it named', async () => {
    const ours = { type: 'await', executionId: 'exec_1', toolName: 'confirm', toolCallId: 't2' };
    const upstream: RequestListener = (request, response) =>
      request.url === '/v1/dispatch'
        ? sendStream(response, frame(ours))
        : sendJson(response, 404, { error: 'No paused execution' });
    await withDecisions(upstream, async ({ gateway, intake }) => {
      const clientTools = [{ name: 'confirm' }];
      await post(gateway.url, { ...approve, body: { ...(approve.body as object), clientTools } });
      await post(gateway.url);
      assert.equal((await intake.delivery('announced')).pause.tool, 'confirm');
    });
  });

  test('waits until the pause that it answers is committed', async () => {
    const upstream: RequestListener = (request, response) =>
      request.url === '/v1/dispatch' ? sendStream(response, frame(asked)) : void response.end();
    await withDecisions(upstream, async ({ gateway, intake }) => {
      let release = () => {};
      intake.onDeliver = () =>
        new Promise((resolve) => {
          release = resolve;
        });
      // It answers what it has read, before the answer that asked has come to its end.
      const asking = await open(gateway.url).answer;
      await once(asking, 'data');
      const answered = post(gateway.url, approve);
      const early = await Promise.race([answered, new Promise((resolve) => setTimeout(resolve, 30, 'waiting'))]);
      assert.deepEqual([early, intake.decisions], ['waiting', []]);
      intake.onDeliver = () => {};
      release();
      assert.equal((await answered).status, 200);
      assert.deepEqual(
        intake.journal.entries.map(({ type }) => type),
        ['delivery', 'delivery', 'decision', 'settled'],
      );
    });
  });

  test('after a press it is refused, and never forwarded', async () => {
    let forwarded = 0;
    const upstream: RequestListener = (_, response) => {
      forwarded += 1;
      response.end();
    };
    await withDecisions(upstream, async ({ gateway, intake }) => {
      const lost = (action: 'approve' | 'reject' | 'take_over') => {
        const pause = { tool: 'refund', kind: 'approval', key: 'approval:appr_1' } as Parameters<typeof decided>[0];
        intake.onDecision = ({ key }) =>
          key === 'await:exec_1:t1'
            ? { type: 'recorded', approvalId: 'first' }
            : { type: 'lost', approval: decided(pause, action) };
      };
      const verbs = { approve: 'Approve', reject: 'Reject', take_over: 'take over' };
      for (const action of ['approve', 'reject', 'take_over'] as const) {
        lost(action);
        const { status, text } = await post(gateway.url, approve);
        const { error, code, message } = JSON.parse(text) as Record<string, string>;
        assert.deepEqual([status, error, code], [409, 'Approval already resolved', 'APPROVAL_ALREADY_RESOLVED']);
        assert.match(
          message ?? '',
          new RegExp(`^refund already has a decision: Dana Reyes in Slack .*${verbs[action]}`),
        );
      }
      const body = { executionId: 'exec_1', toolOutputs: { t1: 'a', t2: 'b' } };
      assert.equal((await post(gateway.url, { path: '/v1/dispatch/resume', body })).status, 409);
      assert.equal(forwarded, 0);
      assert.deepEqual(
        intake.settled.map(({ approvalId, result }) => [approvalId, result.type]),
        [['first', 'unsent']],
      );
    });
  });

  test('settles as what Runtype’s answer was', async () => {
    const answers: [string, RequestListener, string][] = [
      ['stream', (_, response) => sendStream(response, frame(complete)), 'recorded'],
      ['409', (_, response) => sendJson(response, 409, { message: 'already approved' }), 'already'],
      ['404', (_, response) => sendJson(response, 404, { error: 'No paused execution' }), 'gone'],
      ['403', (_, response) => sendJson(response, 403, { error: 'no' }), 'refused'],
      ['429', (_, response) => sendJson(response, 429, { error: 'slow' }), 'unsent'],
      ['500', (_, response) => sendJson(response, 500, { error: 'oh' }), 'ambiguous'],
      ['reset', (_, response) => response.socket?.resetAndDestroy(), 'ambiguous'],
      [
        'cut error',
        (_, response) => void response.writeHead(500, { 'content-length': '9' }).write('x', () => response.destroy()),
        'ambiguous',
      ],
    ];
    for (const [name, upstream, expected] of answers) {
      await withDecisions(upstream, async ({ gateway, intake }) => {
        await post(gateway.url, approve).catch(() => {});
        const find = () => intake.settled[0];
        assert.equal((await intake.journal.until(`${name} settled`, find)).result.type, expected, name);
      });
    }
    await withDecisions(
      () => {},
      async ({ gateway, intake, upstream }) => {
        upstream.server.close();
        upstream.server.closeAllConnections();
        assert.equal((await post(gateway.url, approve)).status, 502);
        assert.equal(intake.settled[0]?.result.type, 'unsent');
      },
    );
  });

  test('is seen to its end even when its application hangs up', async () => {
    let arrived = () => {};
    let finish = () => {};
    const here = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    const upstream: RequestListener = (_, response) => {
      finish = () => sendJson(response, 404, { error: 'No paused execution' });
      arrived();
    };
    await withDecisions(upstream, async ({ gateway, intake }) => {
      const { outgoing, answer } = open(gateway.url, approve);
      answer.catch(() => {});
      await here;
      outgoing.destroy();
      finish();
      const find = () => intake.settled[0];
      assert.equal((await intake.journal.until('its end', find)).result.type, 'gone');
    });
  });

  test('is not forwarded unread, or when it can’t be recorded', async () => {
    let forwarded = 0;
    const upstream: RequestListener = (_, response) => {
      forwarded += 1;
      response.end();
    };
    await withDecisions(upstream, async ({ gateway, intake }) => {
      const long = JSON.stringify({ ...(approve.body as object), reason: 'x'.repeat(REQUEST_MAX_BYTES) });
      assert.equal((await post(gateway.url, { ...approve, body: long })).status, 413);
      const json = Buffer.from(JSON.stringify(approve.body));
      const unread: [string, Buffer, number][] = [
        ['compress', json, 415],
        ['gzip, aes128gcm', json, 415],
        ['gzip', json, 400],
        ['gzip', gzipSync(Buffer.alloc(REQUEST_MAX_BYTES + 1)), 413],
        ['identity', json.subarray(1), 400],
      ];
      for (const [coding, body, status] of unread) {
        const headers = { 'content-encoding': coding };
        assert.equal((await post(gateway.url, { ...approve, body, headers })).status, status, coding);
      }
      const twice = `{"decision":"approved",${JSON.stringify(approve.body).slice(1, -1)},"decision":"denied"}`;
      const answered = await post(gateway.url, { ...approve, body: twice });
      assert.equal(answered.status, 400);
      assert.match(answered.text, /\\"decision\\" is given twice/);
      intake.onDecision = () => {
        throw new Error('disk full');
      };
      const { status, text } = await post(gateway.url, approve);
      assert.equal(status, 503);
      assert.match(text, /not forwarded/);
      assert.equal(forwarded, 0);
    });
  });

  test('without one in it, or of a caller without cards, passes unrecorded', async () => {
    const bodies: string[] = [];
    const upstream: RequestListener = async (request, response) => {
      bodies.push(await readText(request));
      sendJson(response, 400, { error: 'Invalid request' });
    };
    await withDecisions(upstream, async ({ gateway, intake }) => {
      const odd = ['', '[]', '{"approvalId":"appr_1","decision":"maybe"}', '{"approvalId":7,"decision":"denied"}'];
      for (const body of odd) assert.equal((await post(gateway.url, { ...approve, body })).status, 400);
      await post(gateway.url, { ...approve, key: 'somebody-else' });
      assert.deepEqual(bodies, [...odd, JSON.stringify(approve.body)]);
      assert.deepEqual(intake.journal.entries, []);
    });
  });
});
