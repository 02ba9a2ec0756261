/** Callers beside the one who opened a run, and servers that leave a caller waiting. */
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import type { RequestListener } from 'node:http';
import { describe, test } from 'node:test';
import { REPLAY_MAX_CHARACTERS, ReplayBuffer } from '../../../../src/backends/runtype/gateway/hold/replay-buffer.ts';
import { BufferBudget } from '../../../../src/core/ports/buffer-budget.ts';
import type { HttpReply } from '../../../../src/core/ports/ports.ts';
import { postTo } from '../../../support/http.ts';
import { never } from '../support/answering.ts';
import {
  APP_KEY,
  type Bench,
  decided,
  frame,
  type Listening,
  readText,
  SECRET,
  sendJson,
  sendStream,
  withGateway,
} from '../support/backend.ts';
import { asked, open as begin, complete, post, start } from '../support/caller.ts';
import { eventsOf, held, open } from '../support/held.ts';

const STRANGER = 'rt_test_stranger_key_0003';
const keys = [APP_KEY, STRANGER];
const approve = { executionId: 'exec_1', approvalId: 'appr_1', decision: 'approved' };
const nowhere: HttpReply = { start: () => {}, write: async () => {}, end: () => {}, destroy: () => {} };
type World = Bench & { gateway: Listening };

/** `exec_1` waits for `appr_1`; whatever else is called answers as `other` does. */
function withHeld<T>(other: RequestListener, use: (world: World) => Promise<T>): Promise<T> {
  let first = true;
  const upstream: RequestListener = async (request, response) => {
    await readText(request);
    if (!first) return other(request, response);
    first = false;
    sendStream(response, frame(start) + frame(asked));
  };
  return withGateway(upstream, { hold: { on: true }, gateway: { keys } }, use);
}

describe('a run that another caller names', () => {
  test('is not continued by its dispatch, and hears nothing of it', () =>
    withHeld(
      (request, response) => {
        const others = { type: 'text_delta', executionId: 'exec_B', id: 't', delta: 'from the other' };
        if (request.url === '/v1/dispatch') sendStream(response, frame(others));
        else sendStream(response, frame(complete));
      },
      async ({ gateway, backend, intake, log }) => {
        const response = await open(gateway.url, '/v1/dispatch', { key: APP_KEY, body: {} });
        await held({ log });
        await post(gateway.url, { key: STRANGER, body: { executionId: 'exec_1' } });
        const { pause } = await intake.delivery('announced');
        await (await backend.decide([decided(pause, 'approve')], never)).follow?.();
        assert.equal(await response.end, 'ended');
        assert.ok(!response.text().includes('from the other'));
        assert.equal(eventsOf(response.text()).at(-1)?.type, 'execution_complete');
      },
    ));

  test('does not make its pauses answerable on the other’s response', () =>
    withHeld(
      (_, response) => sendStream(response, frame({ type: 'flow_await', toolCallId: 'tb', toolName: 'ask' })),
      async ({ gateway, intake, log }) => {
        const response = await open(gateway.url, '/v1/dispatch', { key: APP_KEY, body: {} });
        await held({ log });
        await post(gateway.url, { key: STRANGER, body: { executionId: 'exec_1' } });
        assert.deepEqual(
          intake.pauses.map(({ runId, tool, actions }) => [runId === 'exec_1', tool, actions.length]),
          [
            [true, 'refund', 3],
            [false, 'ask', 0],
          ],
        );
        response.hangUp();
      },
    ));

  test('is continued by another’s call that Runtype took: what is held for it ends, though the answer names nothing', async () => {
    const answers: [string, RequestListener, boolean][] = [
      ['a JSON answer without ids', (_, response) => sendJson(response, 200, { success: true, result: 'Done.' }), true],
      ['an empty one', (_, response) => response.writeHead(200).end(), true],
      ['a refusal inside a 200', (_, response) => sendJson(response, 200, { success: false, error: 'no' }), false],
      ['a refusal', (_, response) => sendJson(response, 404, { error: 'No paused execution found' }), false],
    ];
    for (const [name, answer, ends] of answers) {
      await withHeld(answer, async ({ gateway, log }) => {
        const response = await open(gateway.url, '/v1/dispatch', { key: APP_KEY, body: {} });
        await held({ log });
        await post(gateway.url, { path: '/v1/dispatch/approve', key: STRANGER, body: approve });
        const over = response.end.then(() => true);
        const stillHeld = new Promise<boolean>((resolve) => setTimeout(() => resolve(false), ends ? 5_000 : 100));
        assert.equal(await Promise.race([over, stillHeld]), ends, name);
        response.hangUp();
      });
    }
  });

  test('keeps its card: the call is forwarded, not recorded', () =>
    withHeld(
      (_, response) => sendJson(response, 404, { error: 'No paused execution' }),
      async ({ gateway, intake, log }) => {
        intake.onDecision = ({ key }) => ({ type: 'recorded', approvalId: key });
        const response = await open(gateway.url, '/v1/dispatch', { key: APP_KEY, body: {} });
        await held({ log });
        const path = '/v1/dispatch/approve';
        for (const body of [approve, { ...approve, executionId: 'exec_B' }]) {
          assert.equal((await post(gateway.url, { path, key: STRANGER, body })).status, 404);
        }
        assert.deepEqual(intake.decisions, []);
        assert.equal((await post(gateway.url, { path, body: approve })).status, 404);
        assert.equal(intake.decisions.length, 1, 'its own is');
        response.hangUp();
      },
    ));
});

test('outputs by a tool’s name answer the calls that still wait', async () => {
  const wait = (id: string) => ({ type: 'await', executionId: 'exec_1', toolCallId: id, toolName: 'pick' });
  const answers = [frame(start) + frame(wait('t1')), frame(wait('t2')), frame(wait('t3')), frame(complete)];
  const upstream: RequestListener = (_, response) => sendStream(response, answers.shift() ?? '');
  await withGateway(upstream, {}, async ({ gateway, backend, intake }) => {
    await post(gateway.url);
    await intake.delivery('run_paused');
    const { pause } = await intake.delivery('announced');
    await (await backend.decide([decided(pause, 'approve')], never)).follow?.();
    const resume = { path: '/v1/dispatch/resume', body: { executionId: 'exec_1', toolOutputs: { pick: 2 } } };
    intake.onDecision = ({ key }) => ({ type: 'recorded', approvalId: key });
    for (let times = 0; times < 2; times += 1) await post(gateway.url, resume);
    assert.deepEqual(
      intake.decisions.map(({ key }) => key),
      ['await:exec_1:t2', 'await:exec_1:t3'],
    );
  });
});

test('a recorded decision does not wait for ever for an answer whose caller does', async () => {
  const ways: [string, RequestListener, string][] = [
    ['no headers', () => {}, 'ambiguous'],
    ['half a JSON', (_, response) => hang(response, 200), 'ambiguous'],
    ['half an error', (_, response) => hang(response, 409), 'already'],
  ];
  for (const [name, upstream, expected] of ways) {
    const listener: RequestListener = (request, response) =>
      request.url === '/v1/dispatch' ? sendStream(response, frame(start) + frame(asked)) : upstream(request, response);
    await withGateway(listener, { timeouts: { idleMs: 50 } }, async ({ gateway, intake }) => {
      intake.onDecision = ({ key }) => ({ type: 'recorded', approvalId: key });
      await post(gateway.url);
      const { outgoing, answer } = begin(gateway.url, { path: '/v1/dispatch/approve', body: approve });
      answer.then(
        (response) => response.on('error', () => {}).resume(),
        () => {},
      );
      const settled = await intake.journal.until(`${name} settled`, () => intake.settled[0]);
      assert.equal(settled.result.type, expected, name);
      outgoing.on('error', () => {}).destroy();
    });
  }
});

function hang(response: Parameters<RequestListener>[1], status: number): void {
  response.writeHead(status, { 'content-type': 'application/json' }).write('{"error":');
}

test('an approve that was refused inside a 200 says nothing about the run', () =>
  withHeld(
    (_, response) => sendJson(response, 200, { success: false, error: 'Try later' }),
    async ({ gateway, intake, log }) => {
      intake.onDecision = ({ key }) => ({ type: 'recorded', approvalId: key });
      const response = await open(gateway.url, '/v1/dispatch', { key: APP_KEY, body: {} });
      await held({ log });
      await post(gateway.url, { path: '/v1/dispatch/approve', body: approve });
      const settled = await intake.journal.until('settled', () => intake.settled[0]);
      assert.equal(settled.result.type, 'refused');
      assert.deepEqual(
        intake.deliveries.map(({ type }) => type),
        ['announced', 'run_paused'],
      );
      assert.ok(!log.text().includes('a held response ended'));
      response.hangUp();
    },
  ));

test('a stream with a length runs past it when it is held', async () => {
  const text = frame(start) + frame(asked);
  const upstream: RequestListener = (request, response) => {
    if (request.url !== '/v1/dispatch') return sendStream(response, frame(complete));
    response
      .writeHead(200, { 'content-type': 'text/event-stream', 'content-length': Buffer.byteLength(text) })
      .end(text);
  };
  await withGateway(upstream, { hold: { on: true } }, async ({ gateway, backend, intake, log }) => {
    const response = await open(gateway.url, '/v1/dispatch', { key: APP_KEY, body: {} });
    assert.equal(response.headers['content-length'], undefined);
    await held({ log });
    const { pause } = await intake.delivery('announced');
    await (await backend.decide([decided(pause, 'approve')], never)).follow?.();
    assert.equal(await response.end, 'ended');
    assert.ok(response.text().includes('execution_complete'));
  });
});

describe('a buffer', () => {
  test('is not kept for callers without a key, which can’t be distinguished', () =>
    withGateway(
      (request, response) =>
        request.method === 'GET' ? sendJson(response, 404, {}) : sendStream(response, frame(start) + frame(asked)),
      { hold: { on: true }, gateway: { keys: 'any' } },
      async ({ gateway, log }) => {
        const headers = { authorization: 'Basic YTpi' };
        const response = await open(gateway.url, '/v1/dispatch', { headers, body: {} });
        await held({ log });
        const path = '/v1/agents/x/executions/exec_1/events?after=0';
        const other = await open(gateway.url, path, { method: 'GET', headers });
        assert.equal(other.status, 404, 'Runtype’s to answer');
        response.hangUp();
        other.hangUp();
      },
    ));

  test('leaves out a frame that never ends, and knows that it is missing', async () => {
    const buffer = new ReplayBuffer('k', nowhere, new BufferBudget());
    await buffer.write(Buffer.from(frame(start)));
    const piece = Buffer.alloc(REPLAY_MAX_CHARACTERS / 2, 'x');
    await buffer.write(Buffer.from('data: '));
    for (let times = 0; times < 9; times += 1) {
      await buffer.write(piece);
      assert.ok(buffer.size <= REPLAY_MAX_CHARACTERS + piece.length, `${buffer.size} characters`);
    }
    await buffer.write(Buffer.from('\n'));
    await buffer.write(Buffer.from(`\n${frame(complete)}`));
    assert.deepEqual([buffer.reaches(0), buffer.reaches(1), buffer.reaches(2)], [false, false, true]);
    assert.deepEqual(await replayed(buffer, 2), ['id: 3']);
  });

  test('does not have what was too long for it', async () => {
    const buffer = new ReplayBuffer('k', nowhere, new BufferBudget());
    await buffer.write(Buffer.from(frame(start)));
    await buffer.write(Buffer.from(frame({ ...asked, parameters: { text: 'x'.repeat(70_000) } })));
    assert.deepEqual([buffer.reaches(0), buffer.reaches(1), buffer.reaches(2)], [false, false, true]);
  });
});

async function replayed(buffer: ReplayBuffer, after: number): Promise<string[]> {
  const lines: string[] = [];
  const write = async (bytes: Uint8Array) => void lines.push(Buffer.from(bytes).toString().split('\n')[0] ?? '');
  buffer.end();
  await buffer.replay(after, { ...nowhere, write }, never);
  return lines;
}

describe('a run or pause that a webhook delivery reports as over', () => {
  const resolved = { type: 'approval_complete', ...approve, decision: 'timeout', resolvedBy: 'system' };

  async function receive({ backend, clock }: World, event: object): Promise<void> {
    const body = JSON.stringify(event);
    const at = String(Math.floor(clock.now() / 1000));
    const secret = Buffer.from(SECRET.slice('whsec_'.length), 'base64');
    const signature = createHmac('sha256', secret).update(`m1.${at}.${body}`).digest('base64');
    const signed = { 'webhook-id': 'm1', 'webhook-timestamp': at, 'webhook-signature': `v1,${signature}` };
    assert.equal((await postTo(backend, '/ingest/runtype', signed, Buffer.from(body))).status, 202);
  }

  test('stays held until a decision of ours', () =>
    withHeld(
      (_, response) => sendStream(response, frame(complete)),
      async (world) => {
        const response = await open(world.gateway.url, '/v1/dispatch', { key: APP_KEY, body: {} });
        await held(world);
        for (const event of [resolved, complete]) await receive(world, event);
        assert.equal(eventsOf(response.text()).at(-1)?.type, 'approval_start');
        const { pause } = await world.intake.delivery('announced');
        const { follow } = await world.backend.decide([decided(pause, 'approve')], never);
        await follow?.();
        assert.equal(await response.end, 'ended');
        assert.equal(eventsOf(response.text()).at(-1)?.type, 'execution_complete');
      },
    ));

  test('also where it reports an earlier pause, or our own decision', () =>
    withHeld(
      (_, response) => sendStream(response, frame(complete)),
      async (world) => {
        const response = await open(world.gateway.url, '/v1/dispatch', { key: APP_KEY, body: {} });
        await held(world);
        await receive(world, { ...resolved, approvalId: 'appr_0' });
        const { pause } = await world.intake.delivery('announced');
        const { follow } = await world.backend.decide([decided(pause, 'approve')], never);
        await receive(world, resolved);
        await follow?.();
        assert.equal(await response.end, 'ended');
        assert.equal(eventsOf(response.text()).at(-1)?.type, 'execution_complete');
      },
    ));
});
