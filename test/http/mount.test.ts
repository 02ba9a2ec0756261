import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, test } from 'node:test';
import { BufferBudget } from '../../src/core/ports/buffer-budget.ts';
import { mountWebhook } from '../../src/core/ports/http/webhook.ts';
import type { HttpMount } from '../../src/core/ports/ports.ts';
import { createMountHandler, serves } from '../../src/http/mount.ts';
import { captureLog } from '../support/log.ts';

async function withMount(mount: HttpMount, run: (url: string) => Promise<void>): Promise<void> {
  const server = createServer(createMountHandler(mount, captureLog().log));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    await run(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  }
}

describe('a mount', () => {
  const cases: [string, string, boolean][] = [
    ['/v1/', '/v1/', true],
    ['/v1/', '/v1/dispatch?x', true],
    ['/v1/', '/v1', false],
    ['/v1/', '/v10/x', false],
    ['/slack/events', '/slack/events', true],
    ['/slack/events', '/slack/events?x=/', true],
    ['/slack/events', '/slack/events/x', true],
    ['/slack/events', '/slack/eventsx', false],
    ['/slack/events', '/x/slack/events', false],
  ];
  for (const [prefix, target, is] of cases) {
    test(`at ${prefix} ${is ? 'serves' : 'does not serve'} ${target}`, () =>
      assert.equal(serves({ prefix }, target), is));
  }

  test('keeps the order of bytes under backpressure', () => {
    const large: HttpMount = {
      prefix: '/',
      async handle(_request, reply) {
        reply.start(200, []);
        for (let at = 0; at < 64; at += 1) await reply.write(Buffer.alloc(64 * 1024, at));
        reply.end();
      },
    };
    return withMount(large, async (url) => {
      const bytes = Buffer.from(await (await fetch(url)).arrayBuffer());
      assert.equal(bytes.length, 4 * 1024 * 1024);
      assert.ok(bytes.every((byte, at) => byte === Math.floor(at / (64 * 1024))));
    });
  });

  test('answers a request that it does not read to its end, and drops the rest', () => {
    const small = mountWebhook({
      path: '/hook',
      maxBytes: 10,
      buffers: new BufferBudget(),
      admit: async () => null,
      receive: async (_headers, bytes) => ({
        status: bytes === null ? 413 : 200,
        contentType: 'text/plain',
        body: 'said',
      }),
    });
    return withMount(small, async (url) => {
      const call = request(`${url}/hook`, { method: 'POST' });
      call.on('error', () => {});
      call.write('more than ten bytes');
      const [answer] = await once(call, 'response');
      assert.equal(answer.statusCode, 413);
      answer.resume();
      await once(answer, 'end');
      // The caller that goes on sending is not cut off at once, but it is soon.
      call.write('and more');
      await once(call, 'close');
    });
  });
});
