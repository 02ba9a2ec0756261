/** What web-api's client gets in place of `fetch`. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { post } from '../../../../src/platforms/slack/api/post.ts';

async function withServer(listener: RequestListener, run: (url: string) => Promise<void>): Promise<void> {
  const server = createServer(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    await run(`http://127.0.0.1:${(server.address() as AddressInfo).port}/api/auth.test`);
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

const call = (signals: readonly AbortSignal[] = []) => ({
  headers: { 'X-One': 'ä='.slice(1) },
  body: 'text=ä',
  signals,
});

test('sends the body with its length, and gives the answer whole', () =>
  withServer(
    async (incoming, outgoing) => {
      const parts = await incoming.toArray();
      const { method, headers } = incoming;
      outgoing.writeHead(200, 'Fine', { 'X-Scopes': ['a', 'b'], 'content-type': 'application/json' });
      outgoing.write('{"ok":true,"said":');
      const { 'x-one': one, 'content-length': length } = headers;
      outgoing.end(`${JSON.stringify([method, one, length, Buffer.concat(parts).toString()])}}`);
    },
    async (url) => {
      const answer = await post(url, call());
      assert.deepEqual([answer.ok, answer.status, answer.statusText], [true, 200, 'Fine']);
      assert.equal(answer.headers.get('x-scopes'), 'a, b');
      assert.equal(answer.headers.get('X-Absent'), null);
      assert.deepEqual(await answer.json(), { ok: true, said: ['POST', '=', '7', 'text=ä'] });
    },
  ));

test('a redirect is an error, and nothing is sent there', () =>
  withServer(
    (_, outgoing) => outgoing.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
    (url) => assert.rejects(post(url, call()), /unexpected redirect/),
  ));

test('a signal ends it with its reason: before the call, before the answer, and within the answer', () =>
  withServer(
    (incoming, outgoing) => {
      if (incoming.url?.endsWith('?begun')) outgoing.writeHead(200, { 'content-length': '10' }).write('{');
    },
    async (url) => {
      const reason = new Error('stopped');
      await assert.rejects(post(url, call([AbortSignal.abort(reason)])), reason);
      for (const address of [url, `${url}?begun`]) {
        const stop = new AbortController();
        const ended = post(address, call([new AbortController().signal, stop.signal]));
        setImmediate(() => stop.abort(reason));
        await assert.rejects(ended, reason);
      }
    },
  ));

test('a connection that breaks, or is refused, is an error with its code', async () => {
  let refused = '';
  await withServer(
    (incoming, outgoing) => {
      if (incoming.url?.endsWith('?begun')) outgoing.writeHead(200, { 'content-length': '10' }).write('{');
      setImmediate(() => incoming.socket.destroy());
    },
    async (url) => {
      refused = url;
      await assert.rejects(post(url, call()), { code: 'ECONNRESET' });
      await assert.rejects(post(`${url}?begun`, call()), { code: 'ECONNRESET' });
    },
  );
  await assert.rejects(post(refused, call()), { code: 'ECONNREFUSED' });
});
