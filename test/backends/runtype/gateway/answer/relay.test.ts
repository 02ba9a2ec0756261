import assert from 'node:assert/strict';
import type { RequestListener } from 'node:http';
import { connect, createServer as createTcpServer } from 'node:net';
import { describe, test } from 'node:test';
import { listenerAt } from '../../../../support/http.ts';
import { readText, withBackend, withGateway, withServer } from '../../support/backend.ts';
import { beginStream, open } from '../../support/caller.ts';

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
      'Content-Length: 11',
      'Connection: close, x-hop',
      '',
      '{"a":"END"}',
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
    ['a route that is not read', 'PUT', '/v1/records/%2Fa%20b/?x=%7B&y=a+b&&'],
    ['a dispatch under another’s key', 'POST', '/v1/dispatch?events=unified'],
    ['a decision under another’s key', 'POST', '/v1/dispatch/approve'],
  ];
  for (const [name, method, path] of calls) {
    test(`${name} passes byte for byte`, async () => {
      await withRawUpstream(reply, async (port, received) => {
        const direct = await rawCall(port, request(`127.0.0.1:${port}`, method, path));
        const [sentDirect] = received.splice(0);
        await withBackend(`http://127.0.0.1:${port}`, {}, ({ backend, log, intake }) =>
          withServer(listenerAt(backend, '/v1/', log.log), async (gateway) => {
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

  test('when a caller goes away, its upstream call is closed', async () => {
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
