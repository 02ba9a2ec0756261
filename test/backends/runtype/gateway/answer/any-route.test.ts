import assert from 'node:assert/strict';
import type { RequestListener } from 'node:http';
import { describe, test } from 'node:test';
import { never } from '../../support/answering.ts';
import { APP_KEY, decided, frame, readText, sendStream, withGateway } from '../../support/backend.ts';
import { asked, beginStream, complete, open, post, start } from '../../support/caller.ts';
import { eventsOf, held, open as openHeld } from '../../support/held.ts';

const waits = { type: 'await', executionId: 'exec_1', toolCallId: 't1', toolName: 'pick' };

describe('an event stream of Runtype', () => {
  test('is read on any route and of any method', async () => {
    const upstream: RequestListener = (_, response) =>
      sendStream(response, `: hello\n\n${frame({ type: 'ping' })}${frame(start)}${frame(asked)}`);
    for (const method of ['GET', 'PUT', 'POST', 'PATCH']) {
      for (const path of [
        '/v1/agents/a1/executions/exec_1/events?conversationId=c',
        '/v1/flows/f1/run',
        '/v1/anything',
      ]) {
        await withGateway(upstream, {}, async ({ gateway, intake }) => {
          const response = await openHeld(gateway.url, path, { key: APP_KEY, method });
          assert.equal(await response.end, 'ended');
          assert.equal((await intake.delivery('announced')).pause.key, 'approval:appr_1', `${method} ${path}`);
        });
      }
    }
  });

  test('is held after a POST, and its run is its caller’s', async () => {
    const upstream: RequestListener = (request, response) =>
      sendStream(response, request.url === '/v1/flows/f1/run' ? frame(start) + frame(asked) : frame(complete));
    await withGateway(upstream, { hold: { on: true } }, async ({ gateway, backend, intake, log }) => {
      const response = await openHeld(gateway.url, '/v1/flows/f1/run', { key: APP_KEY, body: { input: 1 } });
      const { pause } = await intake.delivery('announced');
      await held({ log });
      await (await backend.decide([decided(pause, 'approve')], never)).follow?.();
      assert.equal(await response.end, 'ended');
      assert.equal(eventsOf(response.text()).at(-1)?.type, 'execution_complete');
      intake.onDecision = ({ key }) => ({ type: 'recorded', approvalId: key });
      await post(gateway.url, {
        path: '/v1/flows/f1/answer',
        body: { executionId: 'exec_1', approvalId: 'appr_1', decision: 'denied' },
      });
      assert.equal(intake.decisions.length, 1, 'it opened the run');
    });
  });

  test('that another call shows again opens nothing, and its end says nothing of the run', async () => {
    const upstream: RequestListener = (request, response) => {
      if (request.method === 'POST') return sendStream(response, frame(complete));
      beginStream(response);
      const over = frame({
        type: 'approval_complete',
        executionId: 'exec_1',
        approvalId: 'appr_1',
        decision: 'denied',
      });
      response.write(frame(start) + frame(asked) + over, () => response.destroy());
    };
    await withGateway(upstream, { hold: { on: true } }, async ({ gateway, intake }) => {
      const response = await openHeld(gateway.url, '/v1/agents/a1/executions/exec_1/events', {
        key: APP_KEY,
        method: 'GET',
      });
      await response.end;
      await intake.delivery('announced');
      intake.onDecision = () => assert.fail('claimed by a caller that opened nothing');
      await post(gateway.url, {
        path: '/v1/dispatch/approve',
        body: { executionId: 'exec_1', approvalId: 'appr_1', decision: 'denied' },
      });
      await intake.delivery('run_ended');
      assert.deepEqual(
        intake.deliveries.filter((one) => one.type === 'run_ended').map(({ state }) => state),
        ['completed'],
      );
    });
  });

  test('that is read again announces no await that was answered in it', async () => {
    const answered = frame({ type: 'tool_complete', executionId: 'exec_1', toolCallId: 't1', success: true });
    const upstream: RequestListener = (_, response) =>
      sendStream(response, frame(start) + frame(waits) + answered + frame(complete));
    await withGateway(upstream, {}, async ({ gateway, intake }) => {
      const response = await openHeld(gateway.url, '/v1/agents/a1/executions/exec_1/events', {
        key: APP_KEY,
        method: 'GET',
      });
      await response.end;
      await intake.delivery('run_ended');
      const types = intake.deliveries.map(({ type }) => type);
      assert.ok(types.indexOf('resolved') > types.indexOf('announced'), types.join());
    });
  });
});

describe('any other event stream', () => {
  test('passes unread, and ends with its caller', async () => {
    let closed: Promise<unknown> = Promise.resolve();
    const upstream: RequestListener = (_, response) => {
      closed = new Promise((resolve) => response.on('close', resolve));
      beginStream(response);
      response.write('data: {"type":"token","text":"x"}\n\ndata: [DONE]\n\n');
    };
    await withGateway(upstream, { hold: { on: true } }, async ({ gateway, intake, log }) => {
      const { outgoing, answer } = open(gateway.url, { path: '/v1/models/chat' });
      const response = await answer;
      response.on('error', () => {});
      await new Promise((resolve) => response.once('data', resolve));
      outgoing.destroy();
      await closed;
      assert.deepEqual(intake.deliveries, []);
      assert.doesNotMatch(log.text(), /skipped|broke/);
    });
  });

  test('as well as that of a caller whose runs get no cards', async () => {
    await withGateway(
      (_, response) => sendStream(response, frame(start) + frame(asked)),
      {},
      async ({ gateway, intake }) => {
        const response = await open(gateway.url, { path: '/v1/flows/f1/run', key: 'somebody-else' }).answer;
        assert.equal(await readText(response), frame(start) + frame(asked));
        assert.deepEqual(intake.deliveries, []);
      },
    );
  });
});
