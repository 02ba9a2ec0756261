import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { describe, test } from 'node:test';
import { type ProbeOptions, probeCheckups } from '../../../../src/backends/shared/doctor/probe.ts';
import { createJsonClient, JSON_TIMEOUTS } from '../../../../src/backends/shared/json-client.ts';
import { createTransport } from '../../../../src/backends/shared/transport.ts';
import type { ProxyEnv } from '../../../../src/core/ports/adapter.ts';
import { systemClock } from '../../../../src/system/clock.ts';
import { createTestProxy } from '../../../support/network/proxy.ts';
import { assertFound, lookAt, only } from './support.ts';

const naming = { title: 'Acme', urlSetting: 'ACME_API_URL', keySettings: 'ACME_KEY' };
const pem = (name: string) => readFileSync(new URL(`../../../fixtures/tls/${name}.pem`, import.meta.url));

async function listening(server: Server, scheme: 'http' | 'https'): Promise<{ url: string } & AsyncDisposable> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(() => resolve())) };
}

async function looked(url: string, more: Partial<ProbeOptions> & { proxy?: ProxyEnv } = {}) {
  const transport = createTransport(url, { connectMs: 500 }, more.proxy ?? null);
  const timeouts = { ...JSON_TIMEOUTS, connectMs: 500, headersMs: 500 };
  const call = createJsonClient(transport, timeouts, { names: new Set() });
  const checkups = probeCheckups({
    name: 'acme',
    naming,
    url,
    hasProxy: more.proxy !== undefined,
    renew: 'Make another key.',
    ask: (signal) => call({ method: 'GET', path: '/list', headers: {}, signal }),
    read: ({ status, body }) => (status === 200 && Array.isArray(body) ? [] : null),
    clock: systemClock,
    ...more,
  });
  try {
    return await lookAt({ title: 'Acme', checkups: () => checkups });
  } finally {
    transport.close();
  }
}

const answering = (status: number, body: unknown, headers: Record<string, string> = {}): RequestListener => {
  return (_, response) => {
    response.writeHead(status, { 'content-type': 'application/json', connection: 'close', ...headers });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  };
};

describe('a backend that answers', () => {
  test('as it should is fine, by one call', async () => {
    let calls = 0;
    const listener: RequestListener = (request, response) => {
      calls += 1;
      answering(200, [])(request, response);
    };
    await using server = await listening(createServer(listener), 'http');
    const { findings, fine } = await looked(server.url);
    assert.deepEqual([findings, fine.map(({ check }) => check), calls], [[], ['acme.key', 'acme.clock'], 1]);
  });

  const cases: readonly (readonly [string, RequestListener, RegExp, RegExp])[] = [
    ['401', answering(401, { message: 'Invalid API key' }), /accept ACME_KEY \(401: Invalid API key\)/, /another key/],
    ['403', answering(403, { error: 'no scope' }), /does not let ACME_KEY read.*no scope/, /another key/],
    ['404', answering(404, '<html>'), /404/, /ACME_API_URL/],
    ['a redirect', answering(301, '', { location: 'https://x.test' }), /redirect/, /ACME_API_URL/],
    ['503', answering(503, { message: 'down' }), /answered 503: down/, /later/],
    ['a page', answering(200, '<html>'), /is not Acme/, /ACME_API_URL/],
  ];
  for (const [name, listener, what, remedy] of cases) {
    test(`with ${name} is one fault`, async () => {
      await using server = await listening(createServer(listener), 'http');
      assertFound(only(await looked(server.url)), { check: 'acme.key', level: 'fault', what, remedy });
    });
  }

  test('with a limit is a warning', async () => {
    await using server = await listening(createServer(answering(429, {})), 'http');
    assert.equal(only(await looked(server.url)).level, 'warning');
  });

  test('by another clock is a finding of its own', async () => {
    await using server = await listening(createServer(answering(200, [])), 'http');
    const clock = { now: () => Date.now() + 120_000 };
    assertFound(only(await looked(server.url, { clock })), {
      check: 'acme.clock',
      level: 'warning',
      what: /ahead of that of Acme/,
      remedy: /NTP/,
    });
  });
});

describe('a backend without an answer', () => {
  const fault = { check: 'acme.key', level: 'fault' };

  test('that refuses connections, or whose name is not found', async () => {
    assert.deepEqual((await looked('http://127.0.0.1:9')).fine, [], 'its clock is not known');
    assertFound(only(await looked('http://127.0.0.1:9')), { ...fault, what: /refused/, remedy: /host and port/ });
    assertFound(only(await looked('http://no-such-host.invalid')), { ...fault, what: /not found/, remedy: /getent/ });
  });

  test('that hangs, or ends the connection', async () => {
    const held = createServer(() => {});
    await using server = await listening(held, 'http');
    assertFound(only(await looked(server.url)), { ...fault, what: /in time/, remedy: /firewall/ });
    held.closeAllConnections();
    const cutting = createServer(({ socket }) => socket.resetAndDestroy());
    await using other = await listening(cutting, 'http');
    assertFound(only(await looked(other.url)), { ...fault, what: /broke off|not valid/, remedy: /doctor again/ });
  });

  test('whose certificate no authority has signed, or that speaks no TLS', async () => {
    await using server = await listening(createTlsServer({ cert: pem('cert'), key: pem('key') }), 'https');
    assertFound(only(await looked(server.url)), { ...fault, what: /not signed by/, remedy: /NODE_EXTRA_CA_CERTS/ });
    await using plain = await listening(createServer(), 'http');
    const secure = plain.url.replace('http:', 'https:');
    assertFound(only(await looked(secure)), { ...fault, what: /TLS handshake failed/, remedy: /speaks TLS/ });
  });

  test('behind a proxy that refuses, or that wants a password', async () => {
    const proxy = await createTestProxy({ 'acme.test': 9 });
    try {
      const through = { proxy: { HTTPS_PROXY: proxy.url } };
      proxy.refuse(403);
      assertFound(only(await looked('https://acme.test', through)), {
        ...fault,
        what: /proxy did not/,
        remedy: /NO_PROXY/,
      });
      proxy.refuse(407);
      assertFound(only(await looked('https://acme.test', through)), { ...fault, what: /407/, remedy: /NAME:PASSWORD/ });
    } finally {
      await proxy.close();
    }
    const gone = { proxy: { HTTPS_PROXY: 'http://127.0.0.1:9' } };
    assertFound(only(await looked('https://acme.test', gone)), {
      ...fault,
      what: /refused/,
      remedy: /proxy of HTTPS_PROXY/,
    });
  });
});
