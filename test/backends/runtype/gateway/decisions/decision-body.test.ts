import assert from 'node:assert/strict';
import type { RequestListener } from 'node:http';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { REQUEST_MAX_BYTES } from '../../../../../src/backends/runtype/gateway/call.ts';
import { isDecision } from '../../../../../src/backends/runtype/gateway/decisions/decision-body.ts';
import type { Coding } from '../../../../../src/backends/runtype/wire/content-coding.ts';
import { runs } from '../../../../support/property.ts';
import { approval } from '../../support/answering.ts';
import {
  APP_KEY,
  type Bench,
  decided,
  frame,
  type Listening,
  sendJson,
  sendStream,
  withGateway,
} from '../../support/backend.ts';
import { asked, open, post, start } from '../../support/caller.ts';
import { anyCoding, encode } from '../../support/codings.ts';
import { spelled } from '../../support/spellings.ts';

const STRANGER = 'rt_test_stranger_key_0003';
const waits = { type: 'await', executionId: 'exec_1', toolCallId: 't1', toolName: 'pick' };
const approve = { executionId: 'exec_1', approvalId: 'appr_1', decision: 'approved', reason: 'ok' };
const bodies: [string, Record<string, unknown>, string][] = [
  ['a verdict', approve, 'approval:appr_1'],
  ['outputs', { executionId: 'exec_1', toolOutputs: { t1: 'three' }, streamResponse: true }, 'await:exec_1:t1'],
  ['outputs by name', { executionId: 'exec_1', toolOutputs: { pick: { slot: 3 } } }, 'await:exec_1:t1'],
  ['a continued verdict', { executionId: 'exec_1', continuation: approve }, 'approval:appr_1'],
  ['continued outputs', { executionId: 'exec_1', continuation: { toolOutputs: { t1: 1 } } }, 'await:exec_1:t1'],
];

interface Opened extends Bench {
  gateway: Listening;
  /** Bodies that Runtype received, after the one that opened the run. */
  received: Buffer[];
}

/** `exec_1` was opened by APP_KEY and waits; whatever else is called answers as `upstream` does. */
function withOpened<T>(
  upstream: RequestListener,
  use: (opened: Opened) => Promise<T>,
  more: Parameters<typeof withGateway>[1] = {},
): Promise<T> {
  const received: Buffer[] = [];
  const listener: RequestListener = async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    if (request.url === '/v1/dispatch?opening') {
      return sendStream(response, frame(start) + frame(asked) + frame(waits));
    }
    received.push(Buffer.concat(chunks));
    upstream(request, response);
  };
  return withGateway(listener, more, async (bench) => {
    await post(bench.gateway.url, { path: '/v1/dispatch?opening' });
    await bench.intake.delivery('run_paused');
    bench.intake.journal.entries.splice(0);
    return use({ ...bench, received });
  });
}

/** The same object, its keys in any order. */
function shuffled(body: Record<string, unknown>): fc.Arbitrary<Record<string, unknown>> {
  const entries = Object.entries(body);
  return fc
    .shuffledSubarray(entries, { minLength: entries.length, maxLength: entries.length })
    .map((order) => Object.fromEntries(order));
}

describe('a decision is recognised by its body', () => {
  test('whatever the path and its spelling, the encoding, and the order of its keys', async () => {
    const paths = [
      '/v1/dispatch/approve',
      '/v1/agents/agent_1/resume',
      '/v1/flows/f1/answer',
      '/v1/anything',
      '/v1/dispatch',
    ];
    const call = fc.record({
      target: fc.constantFrom(...paths).chain(spelled),
      sent: fc.constantFrom(...bodies).chain(([, body, key]) => shuffled(body).map((json) => ({ json, key }))),
      codings: fc.array(anyCoding, { maxLength: 2 }),
      escaped: fc.boolean(),
      type: fc.constantFrom('application/json', 'text/plain', 'application/octet-stream'),
    });
    const pressed = decided({ tool: 'refund', kind: 'approval', key: 'k' } as Parameters<typeof decided>[0], 'reject');
    await withOpened(
      (_, response) => response.end(),
      async ({ gateway, intake, received }) => {
        intake.onDecision = () => ({ type: 'lost', approval: pressed });
        await fc.assert(
          fc.asyncProperty(call, async ({ target, sent, codings, escaped, type }) => {
            intake.journal.entries.splice(0);
            const json = JSON.stringify(sent.json);
            const text = escaped ? json.replaceAll('"executionId"', '"execution\\u0049d"') : json;
            const headers = {
              'content-type': type,
              ...(codings.length > 0 && { 'content-encoding': codings.join(', ') }),
            };
            const { status } = await post(gateway.url, {
              path: target,
              body: encode(Buffer.from(text), codings),
              headers,
            });
            assert.equal(status, 409, 'a press was first');
            assert.deepEqual(
              intake.decisions.map(({ key }) => key),
              [sent.key],
            );
          }),
          { numRuns: runs(120) },
        );
        assert.deepEqual(received, [], 'nothing was forwarded');
      },
    );
  });

  test('and is forwarded as it came once it is recorded', async () => {
    for (const coding of ['gzip', 'deflate', 'br', 'zstd'] as const) {
      await withOpened(
        (_, response) => sendStream(response, frame({ type: 'approval_complete', ...approve })),
        async ({ gateway, intake, received }) => {
          intake.onDecision = ({ key }) => ({ type: 'recorded', approvalId: key });
          const body = encode(Buffer.from(JSON.stringify(approve)), [coding]);
          const headers = { 'content-encoding': coding };
          assert.equal((await post(gateway.url, { path: '/v1/agents/a1/resume', body, headers })).status, 200);
          assert.deepEqual(received, [body]);
          const settled = await intake.journal.until('settled', () => intake.settled[0]);
          assert.equal(settled.result.type, 'recorded', coding);
        },
      );
    }
  });

  test('names its run and its answer', () => {
    for (const [name, body] of bodies) assert.ok(isDecision(body), name);
    const others: unknown[] = [
      null,
      [],
      'executionId',
      { executionId: 'exec_1' },
      { approvalId: 'appr_1', decision: 'approved' },
      { executionId: 7, approvalId: 'a', decision: 'approved' },
      { executionId: 'exec_1', decision: 'approved' },
      { executionId: '', toolOutputs: {} },
    ];
    for (const body of others) assert.ok(!isDecision(body), JSON.stringify(body));
  });
});

describe('a body that can’t be read', () => {
  const json = Buffer.from(JSON.stringify(approve));
  const zipped = encode(json, ['gzip']);
  const odd: [string, Buffer, string | null, number, string][] = [
    ['broken JSON', json.subarray(0, -1), null, 400, 'syntax'],
    ['an unknown coding', json, 'compress', 415, 'encoding'],
    ['not what its coding says', json, 'br', 400, 'broken'],
    ['a bomb', encode(Buffer.alloc(REQUEST_MAX_BYTES + 1), ['gzip']), 'gzip', 413, 'size'],
    ['compressed without saying so', zipped, null, 400, ''],
  ];
  const headersOf = (coding: string | null) => (coding === null ? {} : { 'content-encoding': coding });

  test('is refused on a route that is known to decide, in any spelling, from anyone', async () => {
    const paths = [
      '/v1/dispatch/approve',
      '/v1/dispatch/resume',
      '/v1/dispatch/continue',
      '/v1/agents/a1/resume',
      '/v1/client/approve',
    ];
    const call = fc.tuple(
      fc.constantFrom(...paths).chain(spelled),
      fc.constantFrom(...odd),
      fc.constantFrom(APP_KEY, STRANGER),
    );
    await withOpened(
      (_, response) => response.end(),
      async ({ gateway, received }) => {
        await fc.assert(
          fc.asyncProperty(call, async ([path, [name, body, coding, status], key]) => {
            const answer = await post(gateway.url, { path, body, headers: headersOf(coding), key });
            assert.equal(answer.status, status, `${name} at ${path}`);
            assert.match(answer.text, /"message":"[A-Z]/);
          }),
          { numRuns: runs(60) },
        );
        assert.deepEqual(received, []);
      },
    );
  });

  test('is forwarded and counted on any other route', async () => {
    const counted: unknown[] = [];
    const metrics = { count: (...call: unknown[]) => void counted.push(call), observe: () => {} };
    await withOpened(
      (_, response) => response.end(),
      async ({ gateway, received }) => {
        for (const [name, body, coding] of odd) {
          assert.equal(
            (await post(gateway.url, { path: '/v1/uploads', body, headers: headersOf(coding) })).status,
            200,
            name,
          );
        }
        await post(gateway.url, { path: '/v1/uploads', body: 'plain text, and not an object' });
        assert.deepEqual(
          received.slice(0, odd.length),
          odd.map(([, body]) => body),
        );
        const reasons = odd.flatMap(([, , , , reason]) => (reason === '' ? [] : [reason]));
        assert.deepEqual(
          counted,
          reasons.map((reason) => ['calls_unread', { backend: 'runtype', reason }]),
        );
      },
      { metrics },
    );
  });

  test('names the tools of its application: its awaits get no card, and its approvals do', async () => {
    const unreadable: [Buffer, Coding | 'compress'][] = [
      [Buffer.from('not gzip'), 'gzip'],
      [Buffer.from('{}'), 'compress'],
    ];
    for (const [body, coding] of unreadable) {
      await withGateway(
        (_, response) => sendStream(response, frame(start) + frame(waits) + frame(asked)),
        { hold: { on: true } },
        async ({ gateway, intake }) => {
          const answered = post(gateway.url, { body, headers: { 'content-encoding': coding } });
          await intake.delivery('run_paused');
          assert.deepEqual(
            intake.pauses.map(({ key }) => key),
            ['approval:appr_1'],
          );
          const { status, text } = await answered;
          assert.equal(status, 200);
          assert.ok(text.endsWith(frame(asked)), 'and the response is not held');
        },
      );
    }
  });
});

describe('the decision of a caller that did not open the run', () => {
  const path = '/v1/dispatch/approve';
  const complete = frame({
    type: 'approval_complete',
    executionId: 'exec_1',
    approvalId: 'appr_1',
    decision: 'approved',
  });
  const keys = { gateway: { keys: [APP_KEY, 'rt_test_another'] } };

  for (const key of ['rt_test_another', STRANGER]) {
    test(`is not claimed, and its card settles by the answer (${key})`, async () => {
      await withOpened(
        (_, response) => sendStream(response, frame(start) + complete),
        async ({ gateway, intake, received }) => {
          intake.onDecision = () => assert.fail('it was claimed');
          assert.equal((await post(gateway.url, { path, key, body: approve })).status, 200);
          assert.equal(received.length, 1);
          const { key: settled, reason } = await intake.delivery('resolved');
          assert.equal(settled, 'approval:appr_1');
          assert.ok(reason === null || !reason.includes('undefined'));
        },
        keys,
      );
    });

    test(`leaves the card open where Runtype refuses it (${key})`, async () => {
      await withOpened(
        (_, response) => sendJson(response, 403, { error: 'Forbidden' }),
        async ({ gateway, intake }) => {
          assert.equal((await post(gateway.url, { path, key, body: approve })).status, 403);
          await post(gateway.url, { path: '/v1/dispatch?opening' });
          await intake.delivery('run_paused');
          assert.deepEqual(
            intake.deliveries.filter(({ type }) => type === 'resolved'),
            [],
          );
          assert.deepEqual(intake.settled, []);
        },
        keys,
      );
    });
  }

  test('is not claimed where the opener is not known, as after a restart', async () => {
    await withGateway(
      (_, response) => sendJson(response, 409, { message: 'It was denied.', code: 'APPROVAL_ALREADY_RESOLVED' }),
      {},
      async ({ gateway, intake }) => {
        intake.onDecision = () => assert.fail('it was claimed');
        const pause = approval();
        intake.stored.set(pause.key, pause);
        assert.equal((await post(gateway.url, { path, body: approve })).status, 409);
        const { verdict } = await intake.delivery('resolved');
        assert.equal(verdict, 'reject');
      },
    );
  });

  test('of another run than it names is not claimed either', async () => {
    await withOpened(
      (_, response) => sendJson(response, 404, { error: 'No paused execution' }),
      async ({ gateway, intake }) => {
        intake.onDecision = () => assert.fail('it was claimed');
        for (const body of [
          { ...approve, executionId: 'exec_2' },
          { ...approve, approvalId: 'appr_9' },
        ]) {
          assert.equal((await post(gateway.url, { path, body })).status, 404);
        }
      },
    );
  });
});

test('a status of success of an unknown route does not decide: a record of a decision is no decision', async () => {
  const answers: [string, RequestListener][] = [
    ['the record', (_, response) => sendJson(response, 201, { id: 'rec_1', ...approve })],
    ['nothing', (_, response) => response.writeHead(204).end()],
    ['another stream', (_, response) => sendStream(response, 'data: {"token":"x"}\n\n')],
  ];
  for (const [name, upstream] of answers) {
    await withOpened(upstream, async ({ gateway, intake }) => {
      intake.onDecision = ({ key }) => ({ type: 'recorded', approvalId: key });
      await post(gateway.url, { path: '/v1/records', body: approve });
      const settled = await intake.journal.until('settled', () => intake.settled[0]);
      assert.equal(settled.result.type, 'unsent', name);
    });
  }
});

test('a caller that hangs up while it sends is not forwarded', async () => {
  await withOpened(
    (_, response) => response.end(),
    async ({ gateway, received }) => {
      const { outgoing, answer } = open(gateway.url, {
        path: '/v1/records',
        headers: { 'content-length': '99' },
        body: '{"a',
      });
      answer.catch(() => {});
      outgoing.on('socket', (socket) => socket.once('connect', () => setImmediate(() => outgoing.destroy())));
      await answer.catch(() => {});
      await post(gateway.url, { path: '/v1/records', body: {} });
      assert.equal(received.length, 1);
    },
  );
});
