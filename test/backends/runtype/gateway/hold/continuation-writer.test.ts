/** Callers that asked for no stream: white space while people think, then the one body. */
import assert from 'node:assert/strict';
import type { RequestListener } from 'node:http';
import { describe, test } from 'node:test';
import { mountAt } from '../../../../support/http.ts';
import { never } from '../../support/answering.ts';
import { APP_KEY, decided, frame, readText, sendJson, sendStream, withGateway } from '../../support/backend.ts';
import { asked, beginStream } from '../../support/caller.ts';
import { eventsOf, type HoldWorld, held, open, type Response, withHold } from '../../support/held.ts';

const asJson = { with: { options: { streamResponse: false } } };

async function bodyOf(response: Response): Promise<Record<string, unknown>> {
  assert.equal(await response.end, 'ended');
  assert.equal(response.status, 200);
  assert.match(String(response.headers['content-type']), /^application\/json/);
  return JSON.parse(response.text()) as Record<string, unknown>;
}

async function heldRun(world: HoldWorld, name: string): Promise<Response> {
  const response = await world.dispatch(name, asJson);
  await held(world);
  return response;
}

for (const vocabulary of ['unified', 'legacy'] as const) {
  describe(`${vocabulary} vocabulary`, () => {
    const inThis = (use: (world: HoldWorld) => Promise<void>) => withHold({ emulator: { vocabulary } }, use);

    test('approved: the completed result, behind white space', () =>
      inThis(async (world) => {
        const response = await heldRun(world, 'refund-agent');
        assert.equal(response.text(), '');
        world.clock.advance(15_000);
        await response.until(/^ $/);
        world.clock.advance(15_000);
        await response.until(/^ {2}$/);
        const pause = await world.pause();
        await world.decide([pause], 'approve');
        const { result, ...rest } = await bodyOf(response);
        assert.deepEqual(rest, { success: true, status: 'completed', executionId: pause.runId });
        assert.match(String(result), /^Refunded 42\.50 EUR/);
      }));

    test('two pauses, the second one rejected', () =>
      inThis(async (world) => {
        const response = await heldRun(world, 'two-pauses');
        await world.decide([await world.pause()], 'approve');
        await world.decide([await world.pause(1)], 'reject', 'Not on a Friday.');
        assert.match(String((await bodyOf(response))['result']), /declined.*Not on a Friday/);
      }));

    test('outputs written by a person', () =>
      inThis(async (world) => {
        const response = await heldRun(world, 'parallel-awaits');
        await world.decide(world.intake.pauses, 'take_over', 'número 4 ✓');
        assert.match(String((await bodyOf(response))['result']), /goes to número 4 ✓;/);
      }));

    test('a failure', () =>
      inThis(async (world) => {
        const response = await heldRun(world, 'failing');
        await world.decide([await world.pause()], 'approve');
        const { success, status, error } = await bodyOf(response);
        assert.deepEqual([success, status], [false, 'failed']);
        assert.match(String(error), /550 no such mailbox/);
      }));

    test('stopped at the first pause, and at the second: the body of the open pause', async () => {
      await inThis(async (world) => {
        const response = await heldRun(world, 'two-pauses');
        await world.backend.stop();
        const pausedReason = (await bodyOf(response))['pausedReason'] as { approvals: { toolName: string }[] };
        assert.equal(pausedReason.approvals[0]?.toolName, 'run_migration');
      });
      await inThis(async (world) => {
        const response = await heldRun(world, 'two-pauses');
        await world.decide([await world.pause()], 'approve');
        const pause = await world.pause(1);
        mountAt(world.backend, '/v1/').release?.();
        const { success, status, executionId, pausedReason } = await bodyOf(response);
        assert.deepEqual([success, status, executionId], [true, 'paused', pause.runId]);
        const { type, approvals } = pausedReason as { type: string; approvals: Record<string, unknown>[] };
        assert.deepEqual(
          [type, approvals.length, approvals[0]?.['approvalId']],
          ['approval', 1, pause.wire['approvalId']],
        );
      });
    });
  });
}

describe('the body as Runtype sent it', () => {
  const pausedReason = { executionId: 'e', approvals: [{ approvalId: 'a', toolName: 'mail' }] };
  const paused = ` {"success":true, "status":"paused","executionId":"e","pausedReason":${JSON.stringify(pausedReason)},"ü":1.0}\n`;

  function withBody<T>(
    body: string,
    use: (bench: Parameters<Parameters<typeof withGateway<T>>[2]>[0]) => Promise<T>,
    next: RequestListener = (_, response) => sendJson(response, 200, { success: true, result: 'As it came.', more: 1 }),
  ): Promise<T> {
    const upstream: RequestListener = (request, response) => {
      if (request.url !== '/v1/dispatch') return next(request, response);
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
      response.end(body);
    };
    return withGateway(upstream, { hold: { on: true }, gateway: { keys: 'any' } }, use);
  }

  test('without a pause for people, when it is not held, and when it ends unanswered', async () => {
    await withBody('{"success":true, "result":"at once"}', async ({ gateway }) => {
      const response = await open(gateway.url, '/v1/dispatch', { key: APP_KEY, body: {} });
      assert.equal(await response.end, 'ended');
      assert.equal(response.text(), '{"success":true, "result":"at once"}');
      assert.equal(response.headers['content-length'], '36');
    });
    await withBody(paused, async ({ gateway, backend, log }) => {
      const headers = { 'x-countersign-hold': 'off' };
      const off = await open(gateway.url, '/v1/dispatch', { key: APP_KEY, headers, body: {} });
      assert.equal(await off.end, 'ended');
      assert.equal(off.text(), paused);
      const response = await open(gateway.url, '/v1/dispatch', { key: APP_KEY, body: {} });
      await held({ log });
      mountAt(backend, '/v1/').release?.();
      assert.equal(await response.end, 'ended');
      assert.equal(response.text(), paused);
    });
  });

  test('of a continuation that came in one piece', () =>
    withBody(paused, async ({ gateway, backend, intake, log }) => {
      const response = await open(gateway.url, '/v1/dispatch', { key: APP_KEY, body: {} });
      await held({ log });
      const { pause } = await intake.delivery('announced');
      await (await backend.decide([decided(pause, 'approve')], never)).follow?.();
      const final = { success: true, result: 'As it came.', more: 1 };
      assert.deepEqual(await bodyOf(response), final);
    }));

  test('its continuation cut: no body at all, rather than a wrong one', () =>
    withBody(
      paused,
      async ({ gateway, backend, intake, log }) => {
        const response = await open(gateway.url, '/v1/dispatch', { key: APP_KEY, body: {} });
        await held({ log });
        const { pause } = await intake.delivery('announced');
        await (await backend.decide([decided(pause, 'approve')], never)).follow?.();
        assert.equal(await response.end, 'cut');
        assert.equal(response.text().trim(), '');
      },
      async (request, response) => {
        await readText(request);
        beginStream(response);
        response.write(frame({ type: 'text_start', executionId: 'e', id: 'x' }), () => response.destroy());
      },
    ));
});

test('a stream with a continuation in JSON receives it as events', () => {
  const upstream: RequestListener = async (request, response) => {
    await readText(request);
    if (request.url === '/v1/dispatch') return sendStream(response, frame({ ...asked, seq: 0 }));
    const executionId = 'exec_1';
    sendJson(response, 200, { success: true, status: 'completed', executionId, result: 'Refunded.' });
  };
  return withGateway(upstream, { hold: { on: true } }, async ({ gateway, backend, intake, log }) => {
    const response = await open(gateway.url, '/v1/dispatch', { key: APP_KEY, body: {} });
    await held({ log });
    const { pause } = await intake.delivery('announced');
    await (await backend.decide([decided(pause, 'approve')], never)).follow?.();
    assert.equal(await response.end, 'ended');
    const events = eventsOf(response.text());
    const last = events.at(-1);
    assert.deepEqual([last?.type, last?.seq, last?.['success']], ['execution_complete', events.length - 1, true]);
    assert.match(String(last?.['finalOutput']), /^Refunded/);
  });
});
