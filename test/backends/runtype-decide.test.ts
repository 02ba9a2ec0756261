import assert from 'node:assert/strict';
import type { RequestListener, ServerResponse } from 'node:http';
import { describe, test } from 'node:test';
import type { RuntypeOptions } from '../../src/backends/runtype.ts';
import { nameOf } from '../../src/backends/runtype-decide.ts';
import type { Pause } from '../../src/core/approval.ts';
import type { DecideAnswer } from '../../src/core/ports.ts';
import {
  API_KEY,
  type Bench,
  dana,
  decided,
  frame,
  type Listening,
  readText,
  sendJson,
  sendStream,
  withBackend,
  withServer,
} from './rig.ts';

const common = {
  backend: 'runtype',
  runId: 'exec_1',
  description: null,
  asker: 'Order desk',
  claim: null,
  parameters: {},
  hidden: [],
  actions: ['approve', 'reject', 'take_over'],
  deadline: null,
} satisfies Partial<Pause>;
const wire = { executionId: 'exec_1', runName: 'Order desk', clientTools: [] };

function approval(more: Partial<Pause> = {}): Pause {
  return {
    ...common,
    key: 'approval:appr_1',
    groupId: 'approval:appr_1',
    kind: 'approval',
    tool: 'refund_order',
    wire: { ...wire, kind: 'approval', approvalId: 'appr_1', toolCallId: 't1', toolName: 'refund_order' },
    ...more,
  };
}

function awaiting(toolCallId: string | null, toolName = 'pick_slot'): Pause {
  const key = `await:exec_1:${toolCallId ?? toolName}`;
  return {
    ...common,
    key,
    groupId: 'g',
    kind: 'await',
    tool: toolName,
    wire: { ...wire, kind: 'await', toolCallId, toolName },
  };
}

const never = new AbortController().signal;

/** A backend towards a Runtype that answers as told. */
function withAnswers<T>(
  answer: RequestListener,
  more: Partial<RuntypeOptions>,
  use: (bench: Bench & Listening) => Promise<T>,
): Promise<T> {
  return withServer(answer, (listening) =>
    withBackend(listening.url, more, (bench) => use({ ...bench, ...listening })),
  );
}

/** What is sent for these decisions. */
async function callFor(group: Parameters<Bench['backend']['decide']>[0], more: Partial<RuntypeOptions> = {}) {
  const calls: { route: string; headers: NodeJS.Dict<string | string[]>; body: unknown }[] = [];
  const runtype: RequestListener = async (request, response) => {
    const { method, url, headers } = request;
    calls.push({ route: `${method} ${url}`, headers, body: JSON.parse(await readText(request)) });
    response.end();
  };
  const answer = await withAnswers(runtype, more, ({ backend }) => backend.decide(group, never));
  return { calls, answer };
}

describe('what is sent', () => {
  const bodies: [string, ReturnType<typeof decided>, object][] = [
    ['approve', decided(approval(), 'approve'), { decision: 'approved' }],
    ['approve with a note', decided(approval(), 'approve', 'Fine.'), { decision: 'approved', reason: 'Fine.' }],
    ['reject', decided(approval(), 'reject', 'Too much.'), { decision: 'denied', reason: 'Too much.' }],
    [
      'take over',
      decided(approval(), 'take_over', 'I paid it by hand.'),
      { decision: 'denied', reason: 'Taken over by Dana Reyes (U0DANA): I paid it by hand.' },
    ],
    [
      'take over, wordless',
      decided(approval(), 'take_over'),
      { decision: 'denied', reason: 'Taken over by Dana Reyes (U0DANA)' },
    ],
  ];
  for (const [name, state, verdict] of bodies) {
    test(`for an approval: ${name}`, async () => {
      const { calls, answer } = await callFor([state]);
      assert.deepEqual(answer.result, { type: 'recorded', following: false });
      assert.equal(calls.length, 1);
      assert.equal(calls[0]?.route, 'POST /v1/dispatch/approve');
      const body = { executionId: 'exec_1', approvalId: 'appr_1', ...verdict, streamResponse: true };
      assert.deepEqual(calls[0]?.body, body);
      const { authorization, accept, connection } = calls[0]?.headers ?? {};
      assert.deepEqual([authorization, connection], [`Bearer ${API_KEY}`, 'close']);
      assert.match(String(accept), /^text\/event-stream/);
    });
  }

  const by = 'Dana Reyes (U0DANA)';
  const outputs: [string, Parameters<typeof decided>[1], string | null, unknown][] = [
    ['approve', 'approve', null, { approved: true, by }],
    ['approve with a note', 'approve', 'Fine.', { approved: true, by, note: 'Fine.' }],
    ['reject', 'reject', 'No.', { approved: false, by, reason: 'No.' }],
    ['an answer in words', 'take_over', 'Monday, 9:00', 'Monday, 9:00'],
    ['an answer as an object', 'take_over', ' {"slot": 3} ', { slot: 3 }],
    ['an answer as a list', 'take_over', '["a"]', ['a']],
    ['a number is what was written', 'take_over', '42', '42'],
    ['broken JSON is what was written', 'take_over', '{"slot":', '{"slot":'],
  ];
  for (const [name, action, text, output] of outputs) {
    test(`for an await: ${name}`, async () => {
      const { calls } = await callFor([decided(awaiting('t1'), action, text)]);
      assert.equal(calls[0]?.route, 'POST /v1/dispatch/resume');
      assert.deepEqual(calls[0]?.body, { executionId: 'exec_1', toolOutputs: { t1: output }, streamResponse: true });
    });
  }

  test('awaits go together, each under its own name', async () => {
    const group = [
      decided(awaiting('t1'), 'approve'),
      decided(awaiting('t2'), 'take_over', 'x'),
      decided(awaiting(null, 'webmcp:old_tool'), 'reject'),
    ];
    const { calls } = await callFor(group);
    assert.equal(calls.length, 1);
    const toolOutputs = { t1: { approved: true, by }, t2: 'x', 'webmcp:old_tool': { approved: false, by } };
    assert.deepEqual(calls[0]?.body, { executionId: 'exec_1', toolOutputs, streamResponse: true });
  });

  test('a note as a message, where that is wanted', async () => {
    const group = [
      decided(awaiting('t1'), 'approve', 'Be quick.'),
      decided(awaiting('t2'), 'reject', 'Not today.'),
      decided(awaiting('t3'), 'take_over', 'an answer, no note'),
    ];
    const { calls } = await callFor(group, { noteAsMessage: true });
    const messages = [
      { role: 'user', content: 'Be quick.' },
      { role: 'user', content: 'Not today.' },
    ];
    const body = calls[0]?.body as { messages: unknown } | undefined;
    assert.deepEqual(body?.messages, messages);
  });

  test('a person is named by a name that can’t mislead, and by id', () => {
    assert.equal(nameOf(dana), 'Dana Reyes (U0DANA)');
    assert.equal(nameOf({ ...dana, name: '' }), 'U0DANA');
    assert.equal(nameOf({ ...dana, name: 'a\nb\u202ec' }), 'a b⟨U+202E⟩c (U0DANA)');
    const long = nameOf({ platform: 'discord', id: '998877665544332211', name: 'x'.repeat(200) });
    assert.equal(long.length, 80);
    assert.match(long, /^x+… \(998877665544332211\)$/);
  });

  test('without a key nothing is sent, and the words say what to do', async () => {
    const { calls, answer } = await callFor([decided(approval(), 'approve')], { apiKey: null });
    assert.deepEqual(calls, []);
    assert.ok(answer.result.type === 'refused');
    assert.match(answer.result.words, /Set RUNTYPE_API_KEY/);
  });

  test('what is no decided pause of ours is refused, never guessed', async () => {
    const undecided = { ...decided(approval(), 'approve'), decision: null };
    const foreign = decided(approval({ wire: {} }), 'approve');
    const mixed = [decided(approval(), 'approve'), decided(awaiting('t1'), 'approve')];
    const other = awaiting('t2');
    const twoRuns = [
      decided(awaiting('t1'), 'approve'),
      decided({ ...other, wire: { ...other.wire, executionId: 'x' } }, 'approve'),
    ];
    for (const group of [[], [undecided], [foreign], mixed, mixed.toReversed(), twoRuns]) {
      const { calls, answer } = await callFor(group);
      assert.deepEqual([calls, answer.result.type], [[], 'refused']);
    }
  });

  test('only approvals may be sent twice', async () => {
    await withBackend('http://127.0.0.1:1', {}, async ({ backend }) => {
      assert.equal(backend.resendable([decided(approval(), 'approve')]), true);
      assert.equal(backend.resendable([decided(awaiting('t1'), 'approve')]), false);
    });
  });
});

describe('what the answer means', () => {
  async function answerOf(answer: (response: ServerResponse) => void, more: Partial<RuntypeOptions> = {}) {
    return withAnswers(
      (_, response) => answer(response),
      more,
      ({ backend }) => backend.decide([decided(approval(), 'approve')], never),
    );
  }
  const json = (status: number, body: unknown, headers: object = {}) =>
    answerOf((response) => sendJson(response, status, body, headers));
  const type = async (answer: Promise<DecideAnswer>) => (await answer).result;

  test('409: somebody was first, and who is said as far as it is told', async () => {
    const error = 'Approval already resolved';
    const conflict = (more: object) => type(json(409, { error, code: 'APPROVAL_ALREADY_RESOLVED', ...more }));
    const message = 'This approval was already approved by another response. The decision in force is "approved".';
    assert.deepEqual(await conflict({ message }), { type: 'already', verdict: 'approve', words: message });
    assert.deepEqual(await conflict({ message: 'Denied before.' }), {
      type: 'already',
      verdict: 'reject',
      words: 'Denied before.',
    });
    assert.deepEqual(await conflict({ decision: 'denied' }), { type: 'already', verdict: 'reject', words: error });
    const both = 'It was approved and can’t be denied now.';
    assert.deepEqual(await conflict({ message: both }), { type: 'already', verdict: null, words: both });
    assert.deepEqual(await conflict({}), { type: 'already', verdict: null, words: error });
    assert.equal((await type(json(409, { error: 'client_tools_resend_required' }))).type, 'refused');
  });

  test('404: gone; but a missing route is a wrong address', async () => {
    const error = 'No paused execution found for this executionId';
    assert.deepEqual(await type(json(404, { error })), { type: 'gone', words: error });
    const wrong = await type(json(404, { error: 'Not Found', message: 'Route POST /v1/dispatch/approve not found' }));
    assert.ok(wrong.type === 'refused');
    assert.match(wrong.words, /Route POST .* not found.*RUNTYPE_API_URL/);
  });

  test('refusals say what to do', async () => {
    for (const status of [400, 402, 422, 418]) {
      const result = await type(json(status, { error: 'Nope', hint: 'x' }));
      assert.deepEqual(result, { type: 'refused', words: `Runtype answered ${status}: Nope` });
    }
    for (const [status, pattern] of [
      [401, /Set RUNTYPE_API_KEY/],
      [403, /scope DISPATCH/],
    ] as const) {
      const result = await type(json(status, { error: 'Invalid API key' }));
      assert.ok(result.type === 'refused');
      assert.match(result.words, /Invalid API key/);
      assert.match(result.words, pattern);
    }
    const moved = await type(
      answerOf((response) => response.writeHead(302, { location: 'https://x.example/?t=1' }).end()),
    );
    assert.ok(moved.type === 'refused');
    assert.match(moved.words, /redirect/);
  });

  test('429: not arrived, and when to come again', async () => {
    const slow = (headers: object) => json(429, { error: 'Too Many Requests' }, headers);
    assert.deepEqual(await slow({ 'retry-after': '7' }), {
      result: { type: 'unsent', words: 'Runtype answered 429: Too Many Requests' },
      retryAfterMs: 7_000,
    });
    const date = new Date(Date.UTC(2026, 8, 1, 10, 0, 30)).toUTCString();
    assert.equal((await slow({ 'retry-after': date })).retryAfterMs, 30_000, 'by the clock of the test');
    assert.equal((await slow({ 'retry-after': '999999' })).retryAfterMs, 3_600_000);
    const busy = await json(503, { error: 'busy' }, { 'retry-after': '9' });
    assert.deepEqual([busy.result.type, busy.retryAfterMs], ['ambiguous', 9_000]);
    assert.equal('retryAfterMs' in (await slow({})), false);
    assert.equal('retryAfterMs' in (await slow({ 'retry-after': 'soon' })), false);
  });

  test('5xx, silence and a broken connection: in doubt', async () => {
    for (const status of [500, 502, 503, 504]) {
      const result = await type(json(status, { error: 'Failed to process approval' }));
      assert.deepEqual(result, { type: 'ambiguous', words: `Runtype answered ${status}: Failed to process approval` });
    }
    const page = (response: ServerResponse) => response.writeHead(502, { 'content-type': 'text/html' }).end('<h1>x');
    assert.deepEqual(await type(answerOf(page)), { type: 'ambiguous', words: 'Runtype answered 502.' });
    const reset = await type(answerOf((response) => response.socket?.resetAndDestroy()));
    assert.equal(reset.type, 'ambiguous');
    const hang = await type(answerOf(() => {}, { timeouts: { headersMs: 50 } }));
    assert.equal(hang.type, 'ambiguous');
  });

  test('nobody there: surely not sent', async () => {
    const url = await withServer(
      () => {},
      async (listening) => listening.url,
    );
    await withBackend(url, {}, async ({ backend }) => {
      const { result } = await backend.decide([decided(approval(), 'approve')], never);
      const words = `Runtype (${new URL(url).host}) could not be reached: the connection was refused.`;
      assert.deepEqual(result, { type: 'unsent', words });
    });
  });

  test('a 200 that is none: an error in it, a page, a broken body', async () => {
    assert.equal((await type(json(200, { success: false, error: 'Not allowed' }))).type, 'refused');
    const resolved = { success: false, code: 'APPROVAL_ALREADY_RESOLVED', message: 'already denied' };
    assert.deepEqual((await type(json(200, resolved))).type, 'already');
    const page = await type(
      answerOf((response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<p>hi')),
    );
    assert.equal(page.type, 'ambiguous');
    const broken = await type(
      answerOf((response) => {
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': '50' });
        response.write('{"succ', () => response.destroy());
      }),
    );
    assert.equal(broken.type, 'ambiguous');
  });

  test('called off while the rest of an answer is awaited: in doubt, and at once', async () => {
    const control = new AbortController();
    const runtype: RequestListener = (_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.write('{', () => setTimeout(() => control.abort(), 20));
    };
    await withAnswers(runtype, {}, async ({ backend }) => {
      const { result } = await backend.decide([decided(approval(), 'approve')], control.signal);
      assert.equal(result.type, 'ambiguous');
    });
  });

  test('error texts are bounded, on one line, and without secrets', async () => {
    const error = `bad\nkey rt_live_abcdefghijklmnop ${'x'.repeat(5_000)}`;
    const result = await type(json(400, { error }));
    assert.ok(result.type === 'refused');
    assert.ok(result.words.length < 400);
    assert.doesNotMatch(result.words, /\n|rt_live/);
  });

  test('the connection is always a new one', async () => {
    const connections = new Set<number | undefined>();
    const listener: RequestListener = (request, response) => {
      connections.add(request.socket.remotePort);
      sendJson(response, 404, { error: 'gone' }, { connection: 'keep-alive' });
    };
    await withAnswers(listener, {}, async ({ backend }) => {
      for (let count = 0; count < 3; count += 1) await backend.decide([decided(approval(), 'approve')], never);
    });
    assert.equal(connections.size, 3);
  });
});

describe('the continuation', () => {
  const start = { type: 'execution_start', executionId: 'exec_1', kind: 'agent', resumed: true };
  const complete = { type: 'execution_complete', executionId: 'exec_1', success: true, finalOutput: 'Refunded.' };
  const next = { type: 'approval_start', executionId: 'exec_1', approvalId: 'appr_2', toolName: 'mail' };

  async function followed(answer: (response: ServerResponse) => void, more: Partial<RuntypeOptions> = {}) {
    return withAnswers(
      (_, response) => answer(response),
      more,
      async ({ backend, intake }) => {
        const { result, follow } = await backend.decide([decided(approval(), 'approve')], never);
        assert.deepEqual(result, { type: 'recorded', following: follow !== undefined });
        await follow?.();
        return intake;
      },
    );
  }

  test('the result comes in as soon as headers are there, and the stream is read behind it', async () => {
    let finish = () => {};
    const runtype: RequestListener = (_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.flushHeaders();
      finish = () => response.end(frame(start) + frame(complete));
    };
    await withAnswers(runtype, {}, async ({ backend, intake }) => {
      const { result, follow } = await backend.decide([decided(approval(), 'approve')], never);
      assert.deepEqual(result, { type: 'recorded', following: true });
      const reading = follow?.();
      finish();
      await reading;
      const about = { backend: 'runtype', runId: 'exec_1' };
      assert.deepEqual(intake.deliveries, [{ type: 'run_ended', ...about, state: 'completed', text: 'Refunded.' }]);
    });
  });

  test('it may pause again; the asker is known from before', async () => {
    const intake = await followed((response) => sendStream(response, frame(next)));
    assert.deepEqual(
      intake.deliveries.map(({ type }) => type),
      ['announced', 'run_paused'],
    );
    assert.equal(intake.pauses[0]?.asker, 'Order desk');
  });

  test('each delivery is committed before the next one, and one that fails stops nothing', async () => {
    const order: string[] = [];
    const runtype: RequestListener = (_, response) => sendStream(response, frame(next) + frame(complete));
    await withAnswers(runtype, {}, async ({ backend, intake, log }) => {
      intake.onDeliver = async (delivery) => {
        order.push(`begin ${delivery.type}`);
        await new Promise(setImmediate);
        order.push(`end ${delivery.type}`);
        if (delivery.type === 'announced') throw new Error('no such table');
      };
      await (await backend.decide([decided(approval(), 'approve')], never)).follow?.();
      assert.match(log.text(), /not recorded/);
    });
    assert.deepEqual(order, ['begin announced', 'end announced', 'begin run_ended', 'end run_ended']);
  });

  test('cut in the middle, or silent for too long: the rest of the run was not seen', async () => {
    const lost = { type: 'run_ended', backend: 'runtype', runId: 'exec_1', state: 'lost', text: null };
    const begin = (response: ServerResponse, then: () => void) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(frame(start), then);
    };
    const cut = await followed((response) => begin(response, () => response.destroy()));
    assert.deepEqual(cut.deliveries, [lost]);
    const silent = await followed((response) => begin(response, () => {}), { timeouts: { idleMs: 60 } });
    assert.deepEqual(silent.deliveries, [lost]);
  });

  test('pings keep it alive', async () => {
    const intake = await followed(
      (response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        let pings = 0;
        const timer = setInterval(() => {
          pings += 1;
          response.write(frame({ type: 'ping', timestamp: 'x' }));
          if (pings < 10) return;
          clearInterval(timer);
          response.end(frame(complete));
        }, 20);
      },
      { timeouts: { idleMs: 120 } },
    );
    assert.deepEqual(
      intake.deliveries.map((delivery) => 'state' in delivery && delivery.state),
      ['completed'],
    );
  });

  test('in one piece, from a server that doesn’t stream', async () => {
    const whole = (body: unknown) => followed((response) => sendJson(response, 200, body));
    const done = await whole({ success: true, status: 'completed', executionId: 'exec_1', result: 'Refunded.' });
    assert.deepEqual(
      done.deliveries.map((one) => 'state' in one && [one.state, one.text]),
      [['completed', 'Refunded.']],
    );
    const failed = await whole({ success: false, status: 'failed', executionId: 'exec_1', error: 'No.' });
    assert.deepEqual(
      failed.deliveries.map((one) => 'state' in one && [one.state, one.text]),
      [['failed', 'No.']],
    );
    const pausedReason = {
      type: 'approval',
      executionId: 'exec_1',
      approvals: [{ approvalId: 'appr_2', toolName: 'mail' }],
    };
    const paused = await whole({ success: true, status: 'paused', executionId: 'exec_1', pausedReason });
    assert.deepEqual(
      paused.deliveries.map(({ type }) => type),
      ['announced', 'run_paused'],
    );
    const vague = await whole({ success: true, status: 'running' });
    assert.deepEqual(
      vague.deliveries.map((one) => 'state' in one && one.state),
      ['lost'],
    );
    assert.deepEqual((await whole({ success: true })).deliveries, [], 'nothing goes on that we would know of');
  });

  test('stopping cuts it, and says so', async () => {
    const runtype: RequestListener = (_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(frame(start));
    };
    await withAnswers(runtype, {}, async ({ backend, intake }) => {
      const { follow } = await backend.decide([decided(approval(), 'approve')], never);
      const reading = follow?.();
      await backend.stop();
      await reading;
      assert.deepEqual(
        intake.deliveries.map((one) => 'state' in one && one.state),
        ['lost'],
      );
    });
  });

  test('a run’s last words survive a store that is full for a moment', async () => {
    const runtype: RequestListener = (_, response) => sendStream(response, frame(next));
    const { StoreError } = await import('../../src/core/errors.ts');
    await withAnswers(runtype, {}, async ({ backend, intake, clock }) => {
      let failures = 2;
      intake.onDeliver = () => {
        if (failures === 0) return;
        failures -= 1;
        setImmediate(() => clock.advance(60_000));
        throw new StoreError('disk full');
      };
      await (await backend.decide([decided(approval(), 'approve')], never)).follow?.();
      assert.deepEqual(
        intake.deliveries.map(({ type }) => type),
        ['announced', 'run_paused'],
      );
    });
  });
});

test('the log names what happened, and holds no secret and no value', async () => {
  await withAnswers(
    (_, response) => sendStream(response, ''),
    {},
    async ({ backend, log }) => {
      const pause = approval({ parameters: { iban: 'DE99-parameter-value' } });
      const { follow } = await backend.decide([decided(pause, 'reject', 'my private words')], never);
      await follow?.();
      assert.match(log.text(), /decision sent/);
      assert.doesNotMatch(log.text(), /rt_test|parameter-value|private words/);
    },
  );
});
