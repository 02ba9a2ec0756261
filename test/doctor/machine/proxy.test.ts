/** The proxy, asked for a tunnel that is not used. Faults in a whole set-up: test/doctor/faults/machine.ts. */
import assert from 'node:assert/strict';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, test } from 'node:test';
import { proxyGroup } from '../../../src/doctor/machine/proxy.ts';
import { examine } from '../../../src/doctor/run.ts';
import { systemClock } from '../../../src/system/clock.ts';

const TARGET = 'slack.com:443';

/** A proxy that answers each CONNECT with this status. */
async function withProxy(status: number, use: (port: number, asked: IncomingMessage[]) => Promise<void>) {
  const asked: IncomingMessage[] = [];
  const server = createServer((_request, response) => response.writeHead(405).end());
  server.on('connect', (request, socket) => {
    asked.push(request);
    socket.end(`HTTP/1.1 ${status} Answer\r\n\r\n`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    await use((server.address() as AddressInfo).port, asked);
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
}

async function look(proxy: Parameters<typeof proxyGroup>[0]) {
  const group = proxyGroup(proxy, TARGET);
  assert.ok(group);
  const [examined] = await examine([group], systemClock);
  assert.ok(examined);
  return examined;
}

describe('the proxy', () => {
  test('is not looked at where there is none', () => assert.equal(proxyGroup(null, TARGET), null));

  test('that opens a tunnel is fine, and gets our credentials', () =>
    withProxy(200, async (port, asked) => {
      const { findings, fine } = await look({ HTTPS_PROXY: `http://bot:p%40ss@127.0.0.1:${port}` });
      assert.deepEqual([findings.length, fine.map(({ check }) => check)], [0, ['proxy.https']]);
      const [request, ...more] = asked;
      assert.equal(more.length, 0);
      assert.equal(request?.url, TARGET);
      const basic = Buffer.from('bot:p@ss').toString('base64');
      assert.equal(request?.headers['proxy-authorization'], `Basic ${basic}`);
    }));

  test('that refuses our credentials is a fault, which names the setting and no password', () =>
    withProxy(407, async (port) => {
      const { findings } = await look({ HTTP_PROXY: `http://bot:hidden-word@127.0.0.1:${port}` });
      const [found, ...more] = findings;
      assert.equal(more.length, 0);
      assert.deepEqual([found?.check, found?.level, found?.where], ['proxy.http', 'fault', 'HTTP_PROXY']);
      assert.match(found?.what ?? '', /\(407\)/);
      assert.doesNotMatch(JSON.stringify(found), /hidden-word/);
    }));

  test('of both settings is asked once where it is the same', () =>
    withProxy(200, async (port, asked) => {
      const address = `http://127.0.0.1:${port}`;
      await look({ HTTPS_PROXY: address, HTTP_PROXY: address });
      assert.equal(asked.length, 1);
    }));

  test('that does not listen is a fault', async () => {
    let port = 0;
    await withProxy(200, async (one) => {
      port = one;
    });
    const { findings } = await look({ HTTPS_PROXY: `http://127.0.0.1:${port}` });
    assert.match(findings[0]?.what ?? '', /can’t be reached \(.*ECONNREFUSED/);
  });
});
