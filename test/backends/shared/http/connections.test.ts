/** Whose calls share a connection. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { FREE_SOCKETS_MAX } from '../../../../src/backends/shared/http/connections.ts';
import { readShort } from '../../../../src/backends/shared/response.ts';
import { createTransport, type Transport } from '../../../../src/backends/shared/transport.ts';
import { runs } from '../../../support/property.ts';
import { raw, sendRaw, withStrictProxy } from '../../runtype/support/raw-caller.ts';
import { type StrictUpstream, withStrictUpstream } from '../../runtype/support/strict-upstream.ts';

async function withTransport<T>(use: (transport: Transport, upstream: StrictUpstream) => Promise<T>): Promise<T> {
  return withStrictUpstream(async (upstream) => {
    const transport = createTransport(`http://127.0.0.1:${upstream.port}`, { connectMs: 2_000 });
    try {
      return await use(transport, upstream);
    } finally {
      transport.close();
    }
  });
}

async function send(transport: Transport, sharedBy?: string): Promise<void> {
  const call = { method: 'GET', path: '/', rawHeaders: [], body: null, fresh: false, headersMs: 2_000 };
  const { body } = await transport.send({ ...call, ...(sharedBy !== undefined && { sharedBy }) });
  await readShort(body, 100, 1_000);
}

describe('a kept connection', () => {
  test('is used again under the same name only', () =>
    withTransport(async (transport, upstream) => {
      for (const name of ['a', 'b', 'a', undefined, 'b', undefined]) await send(transport, name);
      const [a, b, again, own, ...rest] = upstream.requests.map(({ connection }) => connection);
      assert.deepEqual([again, ...rest], [a, b, own]);
      assert.equal(new Set([a, b, own]).size, 3);
    }));

  test('is one of a limited number', () =>
    withTransport(async (transport, upstream) => {
      for (let at = 0; at < FREE_SOCKETS_MAX + 20; at += 1) await send(transport, `caller ${at}`);
      await send(transport, `caller ${FREE_SOCKETS_MAX + 19}`);
      assert.ok(upstream.connections.size <= FREE_SOCKETS_MAX + 1, String(upstream.connections.size));
      assert.equal(upstream.requests.at(-1)?.connection, upstream.requests.at(-2)?.connection, 'the newest is kept');
    }));
});

test('callers of the gateway share a connection only if they show the same key, cookie and all', () =>
  withStrictProxy(async ({ port, upstream }) => {
    const value = fc.constantFrom('a', 'b', 'Bearer a');
    const shown = fc.record(
      { Authorization: value, Cookie: value, 'X-API-Key': value },
      { requiredKeys: [], noNullPrototype: true },
    );
    const method = fc.constantFrom('GET', 'POST', 'DELETE');
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(shown, method), { minLength: 2, maxLength: 6 }), async (callers) => {
        const users = new Map<number, string>();
        upstream.requests.length = 0;
        for (const [headers, how] of callers) {
          const lines = Object.entries(headers).map(([name, text]) => `${name}: ${text}`);
          await sendRaw(port, raw(`${how} /v1/x`, lines));
        }
        for (const { connection, headers } of upstream.requests) {
          const who = headers.filter(([name]) => /^(?:authorization|cookie|x-api-key)$/.test(name)).sort();
          const name = who.length === 0 ? `nobody ${users.size}` : JSON.stringify(who);
          assert.equal(users.get(connection) ?? name, name);
          users.set(connection, name);
        }
      }),
      { numRuns: runs(20) },
    );
  }));
