/** Which names a request may give this server, as raw bytes: no HTTP client sends most of these. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { BufferBudget } from '../../src/core/ports/buffer-budget.ts';
import { mountWebhook } from '../../src/core/ports/http/webhook.ts';
import type { HttpMount } from '../../src/core/ports/ports.ts';
import { createMetrics } from '../../src/http/metrics.ts';
import { type HttpServer, startServer } from '../../src/http/server.ts';
import { noGuard } from '../support/http.ts';
import { captureLog } from '../support/log.ts';

const reached: string[] = [];
let server: HttpServer;

before(async () => {
  const gateway: HttpMount = {
    prefix: '/v1/',
    async handle({ target }, reply) {
      reached.push(target);
      reply.start(204, []);
      reply.end();
    },
  };
  const webhook = mountWebhook({
    path: '/hook',
    maxBytes: 100,
    buffers: new BufferBudget(),
    admit: async () => null,
    receive: async () => ({ status: 200, contentType: 'text/plain', body: 'received' }),
  });
  const health = {
    health: { report: () => ({ ready: true, checks: [] }) },
    lag: { worst: () => 0 },
    metrics: createMetrics(),
    started: {},
    token: null,
    exposedBy: null,
    guard: noGuard,
  };
  const allowedHosts = ['localhost', '127.0.0.1', '[::1]', 'bot.example.com'];
  const log = captureLog().log;
  server = await startServer({ host: '127.0.0.1', port: 0, allowedHosts, mounts: [gateway, webhook], health, log });
});
after(() => server.stop());

/** The status of the answer to these bytes, and its text; the connection is closed after it. */
async function send(lines: readonly string[], body = ''): Promise<{ status: number; text: string }> {
  const socket = connect(server.port, '127.0.0.1');
  socket.on('error', () => {});
  let text = '';
  socket.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  socket.end(`${lines.join('\r\n')}\r\n\r\n${body}`);
  await once(socket, 'close');
  return { status: Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1] ?? 0), text };
}

const get = (target: string, ...headers: string[]) => send([`GET ${target} HTTP/1.1`, ...headers]);

describe('the host of a request', () => {
  for (const host of [
    'localhost',
    'LOCALHOST:1',
    'localhost.',
    '127.0.0.1:3000',
    '[::1]:3000',
    'bot.example.com',
    'Bot.Example.COM.:443',
  ]) {
    test(`may be ${host}`, async () => {
      assert.equal((await get('/v1/x', `Host: ${host}`)).status, 204);
      assert.equal((await get('/metrics', `Host: ${host}`)).status, 200);
    });
  }

  const foreign: [string, string[]][] = [
    ['another name', ['Host: evil.example']],
    ['a name that begins like ours', ['Host: localhost.evil.example']],
    ['a name that ends like ours', ['Host: notlocalhost']],
    ['a name below ours', ['Host: evil.bot.example.com']],
    ['a wildcard address', ['Host: 0.0.0.0:3000']],
    ['another spelling of an address', ['Host: 127.1']],
    ['an address in hexadecimal', ['Host: 0x7f000001']],
    ['an address as one number', ['Host: 2130706433']],
    ['a mapped address', ['Host: [::ffff:127.0.0.1]']],
    ['an empty name', ['Host:']],
    ['only a port', ['Host: :3000']],
    ['user info', ['Host: localhost@evil.example']],
    ['user info before ours', ['Host: evil.example@localhost']],
    ['two names in one header', ['Host: localhost, evil.example']],
    ['the header twice', ['Host: localhost', 'Host: evil.example']],
    ['the header twice, ours behind', ['Host: evil.example', 'Host: localhost']],
    ['the header twice, the same', ['Host: localhost', 'host: localhost']],
    ['a path behind ours', ['Host: localhost/x']],
    ['an escape', ['Host: local%68ost']],
    ['an IPv6 address without brackets', ['Host: ::1']],
    ['another name, and ours as it is forwarded', ['Host: evil.example', 'X-Forwarded-Host: localhost']],
  ];
  for (const [what, headers] of foreign) {
    test(`may not be ${what}`, async () => {
      reached.length = 0;
      for (const target of ['/v1/x', '/metrics', '/readyz', '/unknown', '/healthz/../metrics', '/hookx']) {
        const { status, text } = await get(target, ...headers);
        assert.equal(status, 421, target);
        assert.match(text, /application\/problem\+json[\s\S]*ALLOWED_HOSTS/);
      }
      assert.deepEqual(reached, []);
    });
  }

  test('is missing in HTTP/1.0, and refused', async () => {
    const { status, text } = await send(['GET /metrics HTTP/1.0']);
    assert.deepEqual([status, text.includes('It has no Host header.')], [421, true]);
    assert.equal((await send(['GET /metrics HTTP/1.0', 'Host: localhost'])).status, 200);
    assert.equal((await get('/metrics')).status, 421, 'in HTTP/1.1, too');
  });

  test('is that of an absolute target, too', async () => {
    const absolute = (target: string, host = 'localhost') => get(target, `Host: ${host}`);
    assert.equal((await absolute('http://localhost:3000/metrics')).status, 200);
    for (const target of [
      'http://evil.example/metrics',
      'HTTP://evil.example/metrics',
      'http://localhost@evil.example/metrics',
      'http://evil.example/#@localhost/metrics',
      'https://evil.example?localhost/metrics',
      'http:///metrics',
      'ftp://localhost/metrics',
    ]) {
      assert.equal((await absolute(target)).status, 421, target);
    }
    assert.equal((await absolute('http://localhost/metrics', 'evil.example')).status, 421);
  });

  test('may be any where the body is signed, and for liveness', async () => {
    const posted = await send(['POST /hook HTTP/1.1', 'Host: any.example', 'Content-Length: 1'], 'x');
    assert.deepEqual([posted.status, posted.text.endsWith('received')], [200, true]);
    for (const headers of [['Host: any.example'], ['Host: 10.0.0.7:3000']]) {
      assert.equal((await get('/healthz', ...headers)).status, 200);
      assert.equal((await get('/healthz?full', ...headers)).status, 200);
    }
    assert.equal((await send(['GET /healthz HTTP/1.0'])).status, 200);
  });

  test('is checked before the body is asked for', async () => {
    const head = (host: string) => [
      'POST /v1/x HTTP/1.1',
      `Host: ${host}`,
      'Content-Length: 1000000',
      'Expect: 100-continue',
    ];
    assert.match((await send(head('evil.example'))).text, /^HTTP\/1\.1 421 /);
    assert.match((await send(head('localhost'))).text, /^HTTP\/1\.1 100 Continue/);
  });

  test('is refused at once, and the body that follows is not waited for', async () => {
    const socket = connect(server.port, '127.0.0.1');
    socket.write('POST /v1/x HTTP/1.1\r\nHost: evil.example\r\nContent-Length: 1000000\r\n\r\nhalf');
    const [answer] = (await once(socket.setEncoding('utf8'), 'data')) as [string];
    assert.match(answer, /^HTTP\/1\.1 421 Misdirected Request/);
    await once(socket, 'close');
  });
});
