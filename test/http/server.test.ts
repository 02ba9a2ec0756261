import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { text as textFrom } from 'node:stream/consumers';
import { describe, test } from 'node:test';
import { SetupError, StoreDoubt } from '../../src/core/ports/errors.ts';
import type { HttpMount, HttpRequest } from '../../src/core/ports/ports.ts';
import { startServer } from '../../src/http/server.ts';
import { captureLog } from '../support/log.ts';

async function withServer(mounts: HttpMount[], run: (url: string, log: () => string) => Promise<void>) {
  const { log, text } = captureLog();
  const server = await startServer({ host: '127.0.0.1', port: 0, mounts, log });
  try {
    await run(`http://127.0.0.1:${server.port}`, text);
  } finally {
    await server.stop();
  }
}

const mount = (handle: HttpMount['handle'], prefix = '/v1/'): HttpMount => ({ prefix, handle });

describe('the server', () => {
  test('reports that the process lives', () =>
    withServer([], async (url) => {
      const answer = await fetch(`${url}/healthz`);
      assert.deepEqual([answer.status, await answer.json()], [200, { status: 'ok' }]);
    }));

  test('answers 404 with problem details on a path that nobody serves', () =>
    withServer([mount(async () => {})], async (url) => {
      for (const path of ['/', '/v1', '/v2/x', '/ingest/other']) {
        const answer = await fetch(url + path, { method: 'POST' });
        assert.equal(answer.status, 404, path);
        assert.equal(answer.headers.get('content-type'), 'application/problem+json');
        assert.deepEqual(await answer.json(), { title: 'Not Found', status: 404, detail: 'Unknown path.' });
      }
    }));

  test('passes a request on raw: order and case of headers, target, body, and the reply as it comes', async () => {
    let seen: HttpRequest | undefined;
    const echo = mount(async (incoming, reply) => {
      seen = incoming;
      const body: Uint8Array[] = [];
      for await (const chunk of incoming.body) body.push(chunk);
      reply.start(203, ['X-Odd-CASE', 'one', 'X-Odd-CASE', 'two']);
      await reply.write(Buffer.concat(body));
      reply.end();
    });
    await withServer([echo], async (url) => {
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
      await seen?.answered;
    });
  });

  for (const head of [
    'GET http://elsewhere.example/v1/x HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: gzip, chunked',
    'GET /other HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: gzip, chunked',
    'GET /other HTTP/0.9\r\nHost: 127.0.0.1\r\nConnection: keep-alive',
    'GET /v1/x HTTP/1.1\r\nHost: elsewhere.example\r\nContent-Length: 0',
  ]) {
    test(`serves nothing behind a refused head: ${JSON.stringify(head)}`, async () => {
      let served = 0;
      const counted = mount(async (_, reply) => {
        served += 1;
        reply.start(200, ['Content-Length', '0']);
        reply.end();
      });
      await withServer([counted], async (url) => {
        const socket = connect(Number(new URL(url).port), '127.0.0.1');
        const body = head.includes('gzip') ? '2\r\n{}\r\n0\r\n\r\n' : '';
        socket.write(`${head}\r\n\r\n${body}GET /v1/x HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`);
        const answer = await textFrom(socket);
        assert.match(answer, /^HTTP\/1\.1 (?:421|501|505) /);
        assert.match(answer, /connection: close/i);
        assert.equal(served, 0);
      });
    });
  }

  test('aborts the signal when the caller is gone', async () => {
    let ended: Promise<unknown> = Promise.resolve();
    const endless = mount(async (_incoming, reply, signal) => {
      reply.start(200, ['content-type', 'text/event-stream']);
      ended = once(signal, 'abort');
      await ended;
    });
    await withServer([endless], async (url) => {
      const abort = new AbortController();
      await fetch(`${url}/v1/dispatch`, { method: 'POST', signal: abort.signal });
      abort.abort();
      await ended;
    });
  });

  test('answers 500 when a mount fails, and logs why', () =>
    withServer([mount(() => Promise.reject(new Error('the disk is full')))], async (url, log) => {
      const answer = await fetch(`${url}/v1/dispatch`);
      assert.equal(answer.status, 500);
      const detail = 'Nothing was recorded. Try again.';
      assert.deepEqual(await answer.json(), { title: 'Internal Server Error', status: 500, detail });
      assert.match(log(), /the disk is full.*"msg":"request failed"/);
    }));

  test('does not claim that nothing was recorded where that is in doubt', () =>
    withServer([mount(() => Promise.reject(new StoreDoubt('the database does not answer')))], async (url) => {
      const detail = 'Countersign can’t say whether this was recorded. Send the same again: nothing is recorded twice.';
      const answer = await fetch(`${url}/v1/dispatch`);
      assert.deepEqual(await answer.json(), { title: 'Internal Server Error', status: 500, detail });
    }));

  test('breaks the connection when a mount fails after its reply has begun', () => {
    const broken = mount(async (_incoming, reply) => {
      reply.start(200, ['content-length', '10']);
      throw new Error('no');
    });
    return withServer([broken], async (url) => {
      await assert.rejects(fetch(`${url}/v1/dispatch`).then((answer) => answer.text()));
    });
  });

  test('releases what is held open when it stops', async () => {
    const released = Promise.withResolvers<void>();
    const held: HttpMount = {
      prefix: '/v1/',
      release: released.resolve,
      async handle(_incoming, reply) {
        await released.promise;
        reply.start(200, ['content-length', '2']);
        await reply.write(Buffer.from('ok'));
        reply.end();
      },
    };
    let text: Promise<string> = Promise.resolve('');
    await withServer([held], async (url) => {
      const started = Promise.withResolvers<void>();
      const call = request(`${url}/v1/x`, () => {});
      text = new Promise((resolve) => {
        call.on('response', (answer) => answer.on('data', (chunk: Buffer) => resolve(chunk.toString())));
      });
      call.on('socket', (socket) => socket.on('connect', started.resolve));
      call.end();
      await started.promise;
      await fetch(`${url}/healthz`);
    });
    assert.equal(await text, 'ok');
  });

  test('names a port that is taken, and what to do', () =>
    withServer([], async (url) => {
      const port = Number(new URL(url).port);
      const start = startServer({ host: '127.0.0.1', port, mounts: [], log: captureLog().log });
      await assert.rejects(
        start,
        (error) => error instanceof SetupError && /Choose another HOST or PORT/.test(error.message),
      );
    }));
});
