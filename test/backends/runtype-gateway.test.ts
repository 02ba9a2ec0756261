import assert from 'node:assert/strict';
import { request as httpRequest, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { connect, createServer as createTcpServer } from 'node:net';
import { describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { REQUEST_MAX_BYTES } from '../../src/backends/runtype-gateway.ts';
import { createGateway } from '../../src/http/gateway.ts';
import {
  APP_KEY,
  type Bench,
  frame,
  readText,
  sendJson,
  sendStream,
  withBackend,
  withGateway,
  withServer,
} from './rig.ts';

const start = { type: 'execution_start', executionId: 'exec_1', kind: 'agent', agentName: 'Order desk' };
const asked = { type: 'approval_start', executionId: 'exec_1', approvalId: 'appr_1', toolName: 'refund' };
const complete = { type: 'execution_complete', executionId: 'exec_1', success: true, finalOutput: 'Done.' };

interface Sent {
  path?: string;
  body?: unknown;
  key?: string;
  headers?: Record<string, string>;
}

/** A POST as an application makes it; the answer is still to be read. */
function open(url: string, { path = '/v1/dispatch', body = {}, key = APP_KEY, headers = {} }: Sent = {}) {
  const outgoing = httpRequest(`${url}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...headers },
    agent: false,
  });
  outgoing.end(typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body));
  const answer = new Promise<IncomingMessage>((resolve, reject) => {
    outgoing.on('response', resolve);
    outgoing.on('error', reject);
  });
  return { outgoing, answer };
}

async function post(url: string, sent: Sent = {}): Promise<{ status: number; text: string }> {
  const response = await open(url, sent).answer;
  return { status: response.statusCode ?? 0, text: await readText(response) };
}

function beginStream(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.flushHeaders();
}

describe('what is none of our business', () => {
  /** Sends these bytes, and returns all that comes back; the other side ends the connection. */
  function rawCall(port: number, bytes: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
      const chunks: Buffer[] = [];
      socket.on('data', (chunk) => chunks.push(chunk));
      socket.on('end', () => resolve(Buffer.concat(chunks).toString('latin1')));
      socket.on('error', reject);
    });
  }

  async function withRawUpstream<T>(reply: string, use: (port: number, received: string[]) => Promise<T>): Promise<T> {
    const received: string[] = [];
    const server = createTcpServer((socket) => {
      socket.on('error', () => {});
      socket.on('data', (bytes) => {
        received.push(bytes.toString('latin1'));
        if (received.join('').includes('END')) socket.end(Buffer.from(reply, 'latin1'));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    try {
      return await use(typeof address === 'object' && address !== null ? address.port : 0, received);
    } finally {
      await new Promise((resolve) => server.close(resolve));
    }
  }

  const withoutHop = (message: string) =>
    message
      .split('\r\n')
      .filter((line) => !/^(?:connection|keep-alive|host|x-hop):/i.test(line))
      .join('\r\n');

  const request = (host: string, method: string, path: string) =>
    [
      `${method} ${path} HTTP/1.1`,
      `Host: ${host}`,
      'X-Odd-Case: one',
      'authorization: Bearer somebody-else',
      'x-odd-case: two, three',
      'Accept-Encoding: gzip, br',
      'Cookie: a=1; b=2',
      'X-Latin: caf\xe9',
      'X-Hop: mine alone',
      'Content-Type: application/json',
      'Content-Length: 9',
      'Connection: close, x-hop',
      '',
      '{"a":END}',
    ].join('\r\n');

  const reply = [
    'HTTP/1.1 402 Payment Required',
    'X-Weird: 1',
    'x-weird: 2',
    'Set-Cookie: a=1',
    'Set-Cookie: b=2',
    'Date: Mon, 01 Jan 2024 00:00:00 GMT',
    'Content-Encoding: gzip',
    'Content-Length: 4',
    'Connection: close',
    '',
    '\x1f\x8b\x00\xff',
  ].join('\r\n');

  const calls: [string, string, string][] = [
    ['a route nobody reads', 'PUT', '/v1/records/%2Fa%20b/?x=%7B&y=a+b&&'],
    ['a dispatch under another’s key', 'POST', '/v1/dispatch?events=unified'],
    ['a decision under another’s key', 'POST', '/v1/dispatch/approve'],
  ];
  for (const [name, method, path] of calls) {
    test(`${name} passes byte for byte`, async () => {
      await withRawUpstream(reply, async (port, received) => {
        const direct = await rawCall(port, request(`127.0.0.1:${port}`, method, path));
        const [sentDirect] = received.splice(0);
        await withBackend(`http://127.0.0.1:${port}`, {}, ({ backend, log, intake }) =>
          withServer(createGateway(backend, log.log), async (gateway) => {
            const through = await rawCall(gateway.port, request('gateway.example', method, path));
            assert.equal(withoutHop(received.join('')), withoutHop(sentDirect ?? ''));
            assert.doesNotMatch(received.join(''), /mine alone/, 'what is said to the next hop alone');
            assert.match(received.join(''), new RegExp(`^Host: 127.0.0.1:${port}\r$`, 'm'));
            assert.equal(withoutHop(through), withoutHop(direct));
            assert.deepEqual(intake.journal.entries, []);
          }),
        );
      });
    });
  }

  test('a chunked body stays chunked, and a call without a body has none', async () => {
    const seen: unknown[] = [];
    const upstream: RequestListener = async (incoming, response) => {
      const { 'transfer-encoding': coding, 'content-length': length } = incoming.headers;
      seen.push([incoming.method, coding, length, await readText(incoming)]);
      response.end();
    };
    await withGateway(upstream, { gateway: { keys: [] } }, async ({ gateway }) => {
      const head = 'Host: x\r\nConnection: close\r\n';
      await rawCall(
        gateway.port,
        `DELETE /v1/a HTTP/1.1\r\n${head}Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n`,
      );
      await rawCall(gateway.port, `GET /v1/a HTTP/1.1\r\n${head}\r\n`);
      await rawCall(gateway.port, `POST /v1/a HTTP/1.1\r\n${head}\r\n`);
      assert.deepEqual(seen, [
        ['DELETE', 'chunked', undefined, 'hi'],
        ['GET', undefined, undefined, ''],
        ['POST', undefined, '0', ''],
      ]);
    });
  });

  test('a caller that goes away takes its upstream along', async () => {
    let closed: Promise<unknown> = Promise.resolve();
    const upstream: RequestListener = (_, response) => {
      closed = new Promise((resolve) => response.on('close', resolve));
      beginStream(response);
    };
    await withGateway(upstream, {}, async ({ gateway }) => {
      const { outgoing, answer } = open(gateway.url, { key: 'somebody-else' });
      await answer;
      outgoing.destroy();
      await closed;
    });
  });
});

describe('a run that is read along', () => {
  test('its bytes reach the application as they come, and its pause is told while the stream goes on', async () => {
    let finish = (_: string) => {};
    const upstream: RequestListener = (_, response) => {
      beginStream(response);
      response.write(frame(start) + frame(asked));
      finish = (text) => response.end(text);
    };
    await withGateway(upstream, {}, async ({ gateway, intake }) => {
      const response = await open(gateway.url).answer;
      const first = await new Promise<string>((resolve) => response.once('data', (bytes) => resolve(String(bytes))));
      assert.equal(first, frame(start) + frame(asked));
      const { pause } = await intake.delivery('announced');
      assert.deepEqual([pause.key, pause.asker], ['approval:appr_1', 'Order desk']);
      assert.equal(intake.deliveries.length, 1);
      finish(frame(complete));
      assert.equal(await readText(response), frame(complete));
      assert.equal((await intake.delivery('run_ended')).state, 'completed');
    });
  });

  test('nothing that reading does shows: not its pace, not its failures, and no byte is changed', async () => {
    const noise = 'data: {"type":"await"\n\n: c\r\rid\n\nevent: await\ndata: [1,\n\n\ufeff\xff\xfe broken';
    const text = frame(start) + frame(asked) + noise + frame({ ...asked, approvalId: 'appr_2' });
    const bytes = Buffer.from(text, 'latin1');
    const upstream: RequestListener = (_, response) => {
      beginStream(response);
      response.end(bytes);
    };
    await withGateway(upstream, {}, async ({ gateway, intake }) => {
      let release = () => {};
      const gate = new Promise<void>((resolve) => {
        release = resolve;
      });
      intake.onDeliver = () => gate;
      const response = await open(gateway.url).answer;
      const chunks: Buffer[] = [];
      for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk);
      assert.ok(Buffer.concat(chunks).equals(bytes));
      assert.deepEqual(intake.deliveries, [], 'nothing is committed yet');
      intake.onDeliver = () => {
        throw new Error('and the second one fails');
      };
      release();
      await intake.delivery('announced');
      assert.deepEqual((await post(gateway.url)).status, 200, 'and the next call is none the worse');
    });
  });

  test('when the application goes away, it is read to its end', async () => {
    let finish = () => {};
    const upstream: RequestListener = (_, response) => {
      beginStream(response);
      response.write(frame(start));
      finish = () => response.end(frame(asked));
    };
    await withGateway(upstream, {}, async ({ gateway, intake }) => {
      const { outgoing, answer } = open(gateway.url);
      const response = await answer;
      response.on('error', () => {});
      await new Promise((resolve) => response.once('data', resolve));
      const closed = new Promise((resolve) => response.on('close', resolve));
      outgoing.destroy();
      await closed;
      finish();
      await intake.delivery('announced');
      await intake.delivery('run_paused');
    });
  });

  test('left by its application and silent, it is given up', async () => {
    const upstream: RequestListener = (_, response) => {
      beginStream(response);
      response.write(frame(start));
    };
    await withGateway(upstream, { timeouts: { idleMs: 50 } }, async ({ gateway, intake }) => {
      const { outgoing, answer } = open(gateway.url);
      const response = await answer;
      response.on('error', () => {});
      await new Promise((resolve) => response.once('data', resolve));
      outgoing.destroy();
      assert.equal((await intake.delivery('run_ended')).state, 'lost');
    });
  });

  test('cut by Runtype, it is cut for the application too, and its rest was not seen', async () => {
    const upstream: RequestListener = (_, response) => {
      beginStream(response);
      response.write(frame(start), () => response.destroy());
    };
    await withGateway(upstream, {}, async ({ gateway, intake }) => {
      const response = await open(gateway.url).answer;
      await assert.rejects(readText(response), /aborted/);
      assert.equal((await intake.delivery('run_ended')).state, 'lost');
    });
  });

  test('it is asked for as plain text', async () => {
    const codings: unknown[] = [];
    const upstream: RequestListener = (request, response) => {
      codings.push(request.headers['accept-encoding']);
      sendStream(response, '');
    };
    await withGateway(upstream, {}, async ({ gateway }) => {
      const headers = { 'accept-encoding': 'gzip' };
      for (const path of [
        '/v1/dispatch',
        '/v1/agents/a1/execute',
        '/v1/dispatch/',
        '/v1//dispatch?x',
        '/v1/%64ispatch',
      ]) {
        await post(gateway.url, { path, headers });
      }
      await post(gateway.url, { path: '/v1/records', headers });
      await post(gateway.url, { key: 'somebody-else', headers });
      assert.deepEqual(codings, [...Array(5).fill('identity'), 'gzip', 'gzip']);
    });
  });

  test('only for keys that may have cards', async () => {
    const upstream: RequestListener = (_, response) => sendStream(response, frame(asked));
    const carded = async (keys: readonly string[] | 'any', key: string) =>
      withGateway(upstream, { gateway: { keys } }, async ({ gateway, intake }) => {
        await post(gateway.url, { key });
        await intake.journal
          .until('its end', () => (intake.deliveries.length === 2 ? true : undefined), 40)
          .catch(() => {});
        return intake.pauses.length;
      });
    assert.equal(await carded(['k1', APP_KEY], APP_KEY), 1);
    assert.equal(await carded('any', 'whoever'), 1);
    assert.equal(await carded([`${APP_KEY}x`, APP_KEY.slice(0, -1)], APP_KEY), 0);
    assert.equal(await carded([], APP_KEY), 0);
  });

  test('tools of the application’s own get no card, also after the run was continued', async () => {
    const own = { type: 'await', executionId: 'exec_1', toolName: 'pick', toolCallId: 't1' };
    const ours = { type: 'await', executionId: 'exec_1', toolName: 'confirm', toolCallId: 't2' };
    const upstream: RequestListener = (_, response) => sendStream(response, frame(start) + frame(own) + frame(ours));
    await withGateway(upstream, {}, async ({ gateway, intake }) => {
      await post(gateway.url, { body: { clientTools: [{ name: 'pick' }, null, {}] } });
      await post(gateway.url, { path: '/v1/dispatch/resume', body: { executionId: 'exec_1', toolOutputs: { t1: 1 } } });
      await intake.journal.until('both streams', () => (intake.deliveries.length === 6 ? true : undefined));
      assert.deepEqual(
        intake.pauses.map(({ tool }) => tool),
        ['confirm', 'confirm'],
      );
      assert.deepEqual(intake.pauses[0]?.wire['clientTools'], ['pick']);
    });
  });

  test('an answer in one piece is read as well', async () => {
    const approvals = [{ ...asked, type: undefined }];
    const body = {
      success: true,
      status: 'paused',
      executionId: 'exec_1',
      pausedReason: { type: 'approval', approvals },
    };
    await withGateway(
      (_, response) => sendJson(response, 200, body),
      {},
      async ({ gateway, intake }) => {
        assert.deepEqual(JSON.parse((await post(gateway.url)).text), JSON.parse(JSON.stringify(body)));
        assert.equal((await intake.delivery('announced')).pause.key, 'approval:appr_1');
      },
    );
  });

  test('a dispatch too long to be looked at passes whole', async () => {
    let length = 0;
    const upstream: RequestListener = async (request, response) => {
      for await (const chunk of request as AsyncIterable<Buffer>) length += chunk.length;
      sendStream(response, frame(asked));
    };
    await withGateway(upstream, {}, async ({ gateway, intake }) => {
      const body = JSON.stringify({ text: 'x'.repeat(REQUEST_MAX_BYTES) });
      assert.equal((await post(gateway.url, { body })).status, 200);
      assert.equal(length, body.length);
      await intake.delivery('announced');
    });
  });
});

describe('Runtype out of reach', () => {
  test('says so, in words of ours', async () => {
    const url = await withServer(
      () => {},
      async (listening) => listening.url,
    );
    await withBackend(url, {}, ({ backend, log }) =>
      withServer(createGateway(backend, log.log), async (gateway) => {
        for (const key of [APP_KEY, 'somebody-else']) {
          const { status, text } = await post(gateway.url, { key });
          const { error, message } = JSON.parse(text) as { error: string; message: string };
          assert.deepEqual([status, error], [502, 'Bad Gateway']);
          assert.match(message, /^Countersign: .*refused/);
        }
      }),
    );
  });
});

describe('an application’s own decision', () => {
  const approve: Sent = {
    path: '/v1/dispatch/approve',
    body: { executionId: 'exec_1', approvalId: 'appr_1', decision: 'denied', reason: 'Changed my mind.' },
  };

  function withClaims<T>(
    upstream: RequestListener,
    use: (bench: Bench & { gateway: { url: string } }) => Promise<T>,
    more: Parameters<typeof withBackend>[1] = {},
  ): Promise<T> {
    return withGateway(upstream, more, (bench) => {
      bench.intake.onClaim = ({ key }) => ({ type: 'claimed', approvalId: `id of ${key}` });
      return use(bench);
    });
  }

  test('is claimed before it is forwarded, and settled by Runtype’s answer', async () => {
    const order: string[] = [];
    const upstream: RequestListener = (_, response) => {
      order.push('forwarded');
      sendStream(response, frame({ ...asked, approvalId: 'appr_2' }));
    };
    await withClaims(upstream, async ({ gateway, intake, clock }) => {
      intake.onClaim = ({ key }) => {
        order.push('claimed');
        return { type: 'claimed', approvalId: `id of ${key}` };
      };
      await post(gateway.url, approve);
      await intake.delivery('run_paused');
      assert.deepEqual(order, ['claimed', 'forwarded']);
      const actor = { platform: 'application', id: clock.hash(APP_KEY).slice(0, 8), name: 'application' };
      const claim = { backend: 'runtype', key: 'approval:appr_1', action: 'reject', actor, text: 'Changed my mind.' };
      assert.deepEqual(intake.claims, [claim]);
      const [, second, third] = intake.journal.entries;
      const result = { type: 'recorded', following: true };
      assert.deepEqual(second, { type: 'settled', approvalId: 'id of approval:appr_1', result });
      assert.ok(third?.type === 'delivery' && third.delivery.type === 'announced', 'before what came of it');
    });
  });

  test('on every route that takes one', async () => {
    const upstream: RequestListener = (_, response) => response.end();
    await withClaims(upstream, async ({ gateway, intake }) => {
      const { body } = approve;
      await post(gateway.url, { path: '/v1/agents/a1/approve', body });
      await post(gateway.url, { path: '/v1/dispatch/continue', body: { executionId: 'exec_1', continuation: body } });
      const toolOutputs = {
        t1: { approved: true, note: 'ok' },
        t2: { approved: false, reason: 'no' },
        t3: { slot: 2 },
      };
      await post(gateway.url, { path: '/v1/dispatch/resume', body: { executionId: 'exec_1', toolOutputs } });
      const claims = intake.claims.map(({ key, action, text }) => [key, action, text]);
      assert.deepEqual(claims, [
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

  test('goes out on a connection of its own, so that a reset can’t be that of an old one', async () => {
    const ports: (number | undefined)[] = [];
    const upstream: RequestListener = (request, response) => {
      ports.push(request.socket.remotePort);
      sendJson(response, 404, { error: 'No paused execution' });
    };
    await withClaims(upstream, async ({ gateway }) => {
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
    await withClaims(upstream, async ({ gateway, intake }) => {
      await post(gateway.url);
      await intake.delivery('run_paused');
      const body = { executionId: 'exec_1', toolOutputs: { 'webmcp-free': 'yes' } };
      await post(gateway.url, { path: '/v1/dispatch/resume', body });
      const keys = intake.claims.map(({ key }) => key);
      assert.deepEqual(keys, ['await:exec_1:webmcp-free', 'await:exec_1:tool:runtime_x_1']);
    });
  });

  test('that Runtype refuses teaches nothing about the run it named', async () => {
    const ours = { type: 'await', executionId: 'exec_1', toolName: 'confirm', toolCallId: 't2' };
    const upstream: RequestListener = (request, response) =>
      request.url === '/v1/dispatch'
        ? sendStream(response, frame(ours))
        : sendJson(response, 404, { error: 'No paused execution' });
    await withClaims(upstream, async ({ gateway, intake }) => {
      const clientTools = [{ name: 'confirm' }];
      await post(gateway.url, { ...approve, body: { ...(approve.body as object), clientTools } });
      await post(gateway.url);
      assert.equal((await intake.delivery('announced')).pause.tool, 'confirm');
    });
  });

  test('waits for the pause it answers to be committed', async () => {
    const upstream: RequestListener = (request, response) =>
      request.url === '/v1/dispatch' ? sendStream(response, frame(asked)) : void response.end();
    await withClaims(upstream, async ({ gateway, intake }) => {
      let release = () => {};
      intake.onDeliver = () =>
        new Promise((resolve) => {
          release = resolve;
        });
      await post(gateway.url);
      const answered = post(gateway.url, approve);
      const early = await Promise.race([answered, new Promise((resolve) => setTimeout(resolve, 30, 'waiting'))]);
      assert.deepEqual([early, intake.claims], ['waiting', []]);
      intake.onDeliver = () => {};
      release();
      assert.equal((await answered).status, 200);
      assert.deepEqual(
        intake.journal.entries.map(({ type }) => type),
        ['delivery', 'delivery', 'claim', 'settled'],
      );
    });
  });

  test('that comes after a press is refused, and never forwarded', async () => {
    let forwarded = 0;
    const upstream: RequestListener = (_, response) => {
      forwarded += 1;
      response.end();
    };
    await withClaims(upstream, async ({ gateway, intake }) => {
      const { decided } = await import('./rig.ts');
      const lost = (action: 'approve' | 'reject' | 'take_over') => {
        const pause = { tool: 'refund', kind: 'approval', key: 'approval:appr_1' } as Parameters<typeof decided>[0];
        intake.onClaim = ({ key }) =>
          key === 'await:exec_1:t1'
            ? { type: 'claimed', approvalId: 'first' }
            : { type: 'lost', approval: decided(pause, action) };
      };
      const words = { approve: 'approved', reject: 'denied', take_over: 'taken over' };
      for (const action of ['approve', 'reject', 'take_over'] as const) {
        lost(action);
        const { status, text } = await post(gateway.url, approve);
        const { error, code, message } = JSON.parse(text) as Record<string, string>;
        assert.deepEqual([status, error, code], [409, 'Approval already resolved', 'APPROVAL_ALREADY_RESOLVED']);
        assert.match(message ?? '', new RegExp(`^refund was already ${words[action]} by Dana Reyes in Slack`));
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
      await withClaims(upstream, async ({ gateway, intake }) => {
        await post(gateway.url, approve).catch(() => {});
        const find = () => intake.settled[0];
        assert.equal((await intake.journal.until(`${name} settled`, find)).result.type, expected, name);
      });
    }
    const url = await withServer(
      () => {},
      async (listening) => listening.url,
    );
    await withBackend(url, {}, ({ backend, log, intake }) =>
      withServer(createGateway(backend, log.log), async (gateway) => {
        intake.onClaim = () => ({ type: 'claimed', approvalId: 'x' });
        assert.equal((await post(gateway.url, approve)).status, 502);
        assert.equal(intake.settled[0]?.result.type, 'unsent');
      }),
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
    await withClaims(upstream, async ({ gateway, intake }) => {
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
    await withClaims(upstream, async ({ gateway, intake }) => {
      const long = JSON.stringify({ ...(approve.body as object), reason: 'x'.repeat(REQUEST_MAX_BYTES) });
      assert.equal((await post(gateway.url, { ...approve, body: long })).status, 413);
      const headers = { 'content-encoding': 'gzip' };
      const zipped = gzipSync(JSON.stringify(approve.body));
      assert.equal((await post(gateway.url, { ...approve, body: zipped, headers })).status, 415);
      intake.onClaim = () => {
        throw new Error('disk full');
      };
      const { status, text } = await post(gateway.url, approve);
      assert.equal(status, 503);
      assert.match(text, /not forwarded/);
      assert.equal(forwarded, 0);
    });
  });

  test('without one in it, or of a caller without cards, passes unclaimed', async () => {
    const bodies: string[] = [];
    const upstream: RequestListener = async (request, response) => {
      bodies.push(await readText(request));
      sendJson(response, 400, { error: 'Invalid request' });
    };
    await withClaims(upstream, async ({ gateway, intake }) => {
      const odd = [
        '{broken',
        '[]',
        '{"approvalId":"appr_1","decision":"maybe"}',
        '{"approvalId":7,"decision":"denied"}',
      ];
      for (const body of odd) assert.equal((await post(gateway.url, { ...approve, body })).status, 400);
      await post(gateway.url, { ...approve, key: 'somebody-else' });
      assert.deepEqual(bodies, [...odd, JSON.stringify(approve.body)]);
      assert.deepEqual(intake.journal.entries, []);
    });
  });
});

test('the log of the gateway holds no key, no body and no value', async () => {
  const secretive = { ...asked, parameters: { iban: 'DE99-parameter-value' }, reason: 'stated-reason' };
  await withGateway(
    (_, response) => sendStream(response, `${frame(secretive)}event: await\ndata: {private-words\n\n`),
    {},
    async (bench) => {
      const body = { messages: [{ role: 'user', content: 'private-words' }] };
      await post(bench.gateway.url, { body });
      await bench.intake.delivery('run_paused');
      await post(bench.gateway.url, {
        path: '/v1/dispatch/approve',
        body: { ...body, approvalId: 'a', decision: 'denied' },
      });
      assert.doesNotMatch(bench.log.text(), /rt_test|parameter-value|stated-reason|private-words/);
    },
  );
});
