import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:http';
import { describe, test } from 'node:test';
import { SetupError } from '../../src/core/ports/errors.ts';
import type { Backend, ProxyReply, ProxyRequest } from '../../src/core/ports/ports.ts';
import { startServer } from '../../src/http/server.ts';
import { captureLog } from '../support/log.ts';

function backendOf(more: Partial<Backend>): Backend {
  return {
    name: 'runtype',
    title: 'Runtype',
    resendable: () => false,
    decide: async () => ({ result: { type: 'recorded', following: false } }),
    stop: async () => {},
    ...more,
  };
}

async function withServer(more: Partial<Backend>, run: (url: string) => Promise<void>) {
  const server = await startServer({ host: '127.0.0.1', port: 0, backends: [backendOf(more)], log: captureLog().log });
  try {
    await run(`http://127.0.0.1:${server.port}`);
  } finally {
    await server.stop();
  }
}

describe('the server', () => {
  test('says that it lives', () =>
    withServer({}, async (url) => {
      const answer = await fetch(`${url}/healthz`);
      assert.deepEqual([answer.status, await answer.json()], [200, { status: 'ok' }]);
    }));

  test('takes deliveries of up to 1 MiB, whole and untouched', async () => {
    const received: Uint8Array[] = [];
    const receive: Backend['receive'] = async (headers, bytes) => {
      received.push(bytes);
      if (headers['webhook-id'] !== 'm1') return { status: 401, problem: 'The signature is wrong.' };
      return { status: 202, accepted: 1 };
    };
    await withServer({ receive }, async (url) => {
      const post = (body: Buffer, id = 'm1') =>
        fetch(`${url}/ingest/runtype`, { method: 'POST', body, headers: { 'webhook-id': id } });
      const body = Buffer.from([0, 255, 10, 13, 200]);
      assert.equal((await post(body)).status, 202);
      assert.deepEqual(Buffer.from(received[0] ?? []), body);
      const refused = await post(body, 'other');
      assert.equal(refused.headers.get('content-type'), 'application/problem+json');
      assert.deepEqual(await refused.json(), { title: 'Unauthorized', status: 401, detail: 'The signature is wrong.' });
      const large = await post(Buffer.alloc(1024 * 1024 + 1));
      assert.equal(large.status, 413);
      assert.equal(received.length, 2, 'what is too large is not handed on');
      assert.equal((await fetch(`${url}/ingest/other`, { method: 'POST' })).status, 404);
    });
  });

  test('passes /v1/ on raw: order and case of headers, target, body, and the answer as it comes', async () => {
    let seen: ProxyRequest | undefined;
    const proxy: Backend['proxy'] = async (incoming: ProxyRequest, reply: ProxyReply) => {
      seen = incoming;
      const body: Uint8Array[] = [];
      for await (const chunk of incoming.body) body.push(chunk);
      reply.start(203, ['X-Odd-CASE', 'one', 'X-Odd-CASE', 'two']);
      await reply.write(Buffer.concat(body));
      reply.end();
    };
    await withServer({ proxy }, async (url) => {
      const call = request(`${url}/v1/a%2Fb?x=1&&y`, { method: 'PUT', headers: { 'X-Weird-Name': 'v' } });
      call.end('body');
      const [answer] = await once(call, 'response');
      const chunks: Buffer[] = [];
      for await (const chunk of answer) chunks.push(chunk);
      assert.equal(Buffer.concat(chunks).toString(), 'body');
      assert.deepEqual(
        [answer.statusCode, answer.rawHeaders.slice(0, 4)],
        [203, ['X-Odd-CASE', 'one', 'X-Odd-CASE', 'two']],
      );
      assert.deepEqual([seen?.method, seen?.target], ['PUT', '/v1/a%2Fb?x=1&&y']);
      assert.ok(seen?.rawHeaders.includes('X-Weird-Name'));
    });
  });

  test('tells the gateway when its caller has gone', async () => {
    let ended: Promise<unknown> = Promise.resolve();
    const proxy: Backend['proxy'] = async (_incoming, reply, signal) => {
      reply.start(200, ['content-type', 'text/event-stream']);
      ended = once(signal, 'abort');
      await ended;
    };
    await withServer({ proxy }, async (url) => {
      const abort = new AbortController();
      await fetch(`${url}/v1/dispatch`, { method: 'POST', signal: abort.signal });
      abort.abort();
      await ended;
    });
  });

  test('answers 502 when the gateway itself fails', () =>
    withServer({ proxy: () => Promise.reject(new Error('no')) }, async (url) => {
      assert.equal((await fetch(`${url}/v1/dispatch`)).status, 502);
    }));

  test('names a port that is taken, and what to do', () =>
    withServer({}, async (url) => {
      const port = Number(new URL(url).port);
      const start = startServer({ host: '127.0.0.1', port, backends: [], log: captureLog().log });
      await assert.rejects(
        start,
        (error) => error instanceof SetupError && /Choose another HOST or PORT/.test(error.message),
      );
    }));
});
