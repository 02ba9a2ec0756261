/** Website chats on their way through the gateway, with a Runtype as the test plays it. */
import assert from 'node:assert/strict';
import type { RequestListener } from 'node:http';
import { describe, test } from 'node:test';
import type { RuntypeOptions } from '../../../../src/backends/runtype/index.ts';
import {
  type Bench,
  decided,
  frame,
  type Listening,
  readText,
  sendJson,
  sendStream,
  withBackend,
  withGateway,
} from '../support/backend.ts';
import { asked, beginStream, complete, start } from '../support/caller.ts';

const ORIGIN = 'https://shop.example';
const website = { tokens: ['ct_live_shop'], origins: [ORIGIN], visitorTools: [] };

type Shop = Bench & { upstream: Listening; gateway: Listening };

function inShop(runtype: RequestListener, run: (shop: Shop) => Promise<void>, more: Partial<RuntypeOptions> = {}) {
  return withGateway(runtype, { website, ...more }, run);
}

async function call({ gateway }: Shop, name: string, body: unknown, headers: Record<string, string> = {}) {
  const answer = await fetch(`${gateway.url}/v1/client/${name}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: ORIGIN, ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  const readableBy = answer.headers.get('access-control-allow-origin');
  return { status: answer.status, text: await answer.text(), readableBy };
}

const chat = (sessionId: string) => ({ sessionId, messages: [{ role: 'user', content: 'Hi' }] });
const approve = (sessionId: string) => {
  return { sessionId, executionId: 'exec_1', approvalId: 'appr_1', decision: 'approved' };
};
const resolved = { type: 'approval_complete', executionId: 'exec_1', approvalId: 'appr_1', decision: 'approved' };
const paused: RequestListener = (_, response) => sendStream(response, [start, asked].map(frame).join(''));

describe('a website chat at the gateway', () => {
  test('keeps every byte, in both directions', () => {
    let received = '';
    const body = '{"sessionId":"cs_1", "messages":[{"role":"user","content":1e2}]}';
    return inShop(
      async (request, response) => {
        received = await readText(request);
        paused(request, response);
      },
      async (shop) => {
        const { text } = await call(shop, 'chat', body);
        assert.equal(received, body);
        assert.equal(text, [start, asked].map(frame).join(''));
        assert.deepEqual(shop.intake.pauses[0]?.labels, ['website']);
        assert.ok(!JSON.stringify(shop.intake.deliveries).includes('cs_1'), 'the session is not stored');
      },
    );
  });

  for (const [vocabulary, event] of [
    ['unified', asked],
    ['agent', { ...asked, type: 'agent_approval_start' }],
    ['flow', { ...asked, type: 'step_await', awaitReason: 'approval_required' }],
  ] as const) {
    test(`gets a card for an approval of the ${vocabulary} vocabulary, and of an answer in one piece`, () =>
      inShop(
        (request, response) => {
          if (request.url?.endsWith('chat')) sendStream(response, [start, event].map(frame).join(''));
          else sendJson(response, 200, { executionId: 'exec_2', events: [{ ...event, executionId: 'exec_2' }] });
        },
        async (shop) => {
          await call(shop, 'chat', chat('cs_1'));
          await call(shop, 'resume', { sessionId: 'cs_1', executionId: 'exec_2', toolOutputs: {} });
          assert.deepEqual(
            shop.intake.pauses.map(({ kind, runId }) => [kind, runId]),
            [
              ['approval', 'exec_1'],
              ['approval', 'exec_2'],
            ],
          );
        },
      ));
  }

  test('is the page’s to read, where an answer is our own', () =>
    inShop(
      (request) => void request.socket.destroy(),
      async (shop) => {
        const unreachable = await call(shop, 'chat', chat('cs_1'));
        assert.deepEqual([unreachable.status, unreachable.readableBy], [502, ORIGIN]);
        const twice = '{"executionId":"exec_1","approvalId":"a","approvalId":"b","decision":"approved"}';
        const refused = await call(shop, 'approve', twice);
        assert.deepEqual([refused.status, refused.readableBy], [400, ORIGIN]);
        const unread = await call(shop, 'approve', 'x', { 'content-encoding': 'unknown' });
        assert.deepEqual([unread.status, unread.readableBy], [415, ORIGIN]);
      },
    ));

  test('is not read because any key may have cards on loopback', () =>
    inShop(
      paused,
      async (shop) => {
        const elsewhere = { origin: 'https://another.example', authorization: 'Bearer rt_live_any' };
        assert.match((await call(shop, 'chat', chat('cs_1'), elsewhere)).text, /approval_start/);
        const events = `${shop.gateway.url}/v1/client/conversations/c/executions/exec_1/events?sessionId=cs_1`;
        assert.match(await (await fetch(events, { headers: elsewhere })).text(), /approval_start/);
        assert.deepEqual(shop.intake.deliveries, []);
      },
      { gateway: { keys: 'any' } },
    ));

  test('is read again after a cut, as far as the page reads it', () => {
    const pause = { ...asked, type: 'approval_start' };
    return inShop(
      (request, response) => {
        if (request.method === 'GET') return sendStream(response, frame(pause));
        beginStream(response);
        response.write(frame(start), () => response.destroy());
      },
      async (shop) => {
        await call(shop, 'chat', chat('cs_1')).catch(() => {});
        const events = `${shop.gateway.url}/v1/client/conversations/c/executions/exec_1/events?sessionId=cs_1&after=1`;
        const answer = await fetch(events, { headers: { origin: ORIGIN } });
        assert.equal(await answer.text(), frame(pause));
        const { readAgain, pause: announced } = await shop.intake.delivery('announced');
        assert.deepEqual([readAgain, announced.labels], [true, ['website']]);
      },
    );
  });

  test('does not choose what is read with our key', () => {
    const paths: (string | undefined)[] = [];
    return inShop(
      (request, response) => {
        paths.push(request.url);
        beginStream(response);
        response.write(frame(start), () => response.destroy());
      },
      async (shop) => {
        const body = { ...chat('cs_1'), agent: { agentId: 'agent_x' }, conversationId: 'conv_x' };
        await call(shop, 'chat', body).catch(() => {});
        await shop.intake.delivery('run_ended');
        assert.deepEqual(paths, ['/v1/client/chat']);
      },
    );
  });

  test('claims the answer of the visitor who opened it, and not that of another session', () =>
    inShop(
      (request, response) => {
        if (request.url?.endsWith('chat')) paused(request, response);
        else sendStream(response, [start, resolved, complete].map(frame).join(''));
      },
      async (shop) => {
        shop.intake.onDecision = () => ({ type: 'recorded', approvalId: 'ap_1' });
        await call(shop, 'chat', chat('cs_1'));
        await call(shop, 'approve', approve('cs_2'));
        const decisions = () => shop.intake.decisions.map(({ key, actor }) => [key, actor.name]);
        assert.deepEqual(decisions(), []);
        assert.ok(
          shop.intake.deliveries.some(({ type }) => type === 'resolved'),
          'the card settles by the answer',
        );
        await call(shop, 'approve', approve('cs_1'));
        assert.deepEqual(decisions(), [['approval:appr_1', 'visitor']]);
        assert.deepEqual(shop.intake.settled[0]?.result, { type: 'recorded', following: true });
      },
    ));

  test('is held while the business decides, and continued by our own call', () =>
    inShop(
      (request, response) => {
        if (!request.url?.endsWith('chat')) return sendStream(response, [resolved, complete].map(frame).join(''));
        beginStream(response);
        response.end([start, asked].map(frame).join(''));
      },
      async (shop) => {
        const answer = call(shop, 'chat', chat('cs_1'));
        const { pause } = await shop.intake.delivery('announced');
        const { follow } = await shop.backend.decide([decided(pause, 'approve')], AbortSignal.timeout(5_000));
        await follow?.();
        assert.match((await answer).text, /approval_complete[\s\S]*execution_complete/);
      },
      { hold: { on: true } },
    ));

  test('leaves the page’s tools to the page in what follows a decision, too, also after a restart', () =>
    inShop(
      (request, response) => {
        const await_ = { type: 'await', executionId: 'exec_1', toolName: 'show_cart', toolCallId: 'call_1' };
        sendStream(response, (request.url?.endsWith('chat') ? [start, asked] : [resolved, await_]).map(frame).join(''));
      },
      async (shop) => {
        await call(shop, 'chat', chat('cs_1'));
        const { pause } = await shop.intake.delivery('announced');
        await withBackend(shop.upstream.url, { website }, async ({ backend, intake }) => {
          const { follow } = await backend.decide([decided(pause, 'approve')], AbortSignal.timeout(5_000));
          await follow?.();
          assert.ok(intake.deliveries.some(({ type }) => type === 'resolved'));
          assert.deepEqual(intake.pauses, []);
        });
      },
    ));
});
