import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { StreamedBody } from '../../../../src/backends/shared/http/framing.ts';
import { readShort } from '../../../../src/backends/shared/response.ts';
import { createTransport } from '../../../../src/backends/shared/transport.ts';
import { withStrictUpstream } from '../../runtype/support/strict-upstream.ts';

const put = { method: 'PUT', path: '/', rawHeaders: [], fresh: false, headersMs: 2_000 };

describe('a body', () => {
  test('that breaks off, or has another length than it says, is no request', () =>
    withStrictUpstream(async (upstream) => {
      const transport = createTransport(`http://127.0.0.1:${upstream.port}`, { connectMs: 2_000 });
      async function* short() {
        yield Buffer.from('ab');
      }
      async function* broken() {
        yield Buffer.from('ab');
        throw new Error('gone');
      }
      const bodies: StreamedBody[] = [
        { length: 3, chunks: short() },
        { length: 1, chunks: short() },
        { length: null, chunks: broken() },
      ];
      for (const body of bodies) {
        await assert.rejects(transport.send({ ...put, body }), { message: 'the request body failed' });
      }
      assert.deepEqual([upstream.requests, upstream.faults], [[], []]);
      const { body } = await transport.send({ ...put, body: { length: 2, chunks: short() } });
      await readShort(body, 10, 1_000);
      assert.deepEqual(
        upstream.requests.map((one) => one.body),
        ['ab'],
      );
      transport.close();
    }));

  test('is no longer sent once it is refused, and is read to its end', () =>
    withStrictUpstream(async (upstream) => {
      const transport = createTransport(`http://127.0.0.1:${upstream.port}`, { connectMs: 2_000 });
      upstream.onPartial = (socket) => socket.write('HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n');
      const refused = Promise.withResolvers<void>();
      const read = Promise.withResolvers<void>();
      async function* slow() {
        yield Buffer.from('ab');
        await refused.promise;
        yield Buffer.from('cd');
        read.resolve();
      }
      const { status, body } = await transport.send({ ...put, body: { length: 4, chunks: slow() } });
      assert.equal(status, 401);
      refused.resolve();
      await readShort(body, 10, 1_000);
      await read.promise;
      for (const socket of upstream.connections) await new Promise((resolve) => socket.once('close', resolve));
      assert.deepEqual(upstream.requests, []);
      transport.close();
    }));
});
