import assert from 'node:assert/strict';
import { request } from 'node:http';
import { describe, test } from 'node:test';
import * as zlib from 'node:zlib';
import type { RuntypeEmulator } from '../../../../../src/sandbox/emulators/runtype/types.ts';
import { withEmulator } from '../support.ts';

interface Answer {
  status: number;
  coding: string | undefined;
  bytes: Buffer;
}

function call(emulator: RuntypeEmulator, path: string, body: object | Buffer, headers: Record<string, string> = {}) {
  return new Promise<Answer>((resolve, reject) => {
    const outgoing = request(emulator.url + path, {
      method: 'POST',
      headers: { authorization: `Bearer ${emulator.apiKey}`, 'content-type': 'application/json', ...headers },
    });
    outgoing.on('error', reject);
    outgoing.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        const coding = response.headers['content-encoding'];
        resolve({ status: response.statusCode ?? 0, coding, bytes: Buffer.concat(chunks) });
      });
    });
    outgoing.end(Buffer.isBuffer(body) ? body : JSON.stringify(body));
  });
}

const refund = { agent: { agentId: 'refund-agent' } };
const decoders = {
  gzip: zlib.gunzipSync,
  deflate: zlib.inflateSync,
  br: zlib.brotliDecompressSync,
  zstd: zlib.zstdDecompressSync,
};

describe('compression', () => {
  test('is off by default, and a compressed request is not valid JSON', () =>
    withEmulator({}, async (emulator) => {
      const { coding, bytes } = await call(emulator, '/v1/dispatch', refund, { 'accept-encoding': 'gzip' });
      assert.equal(coding, undefined);
      assert.match(bytes.toString(), /approval_start/);
      const headers = { 'content-encoding': 'gzip' };
      const refused = await call(emulator, '/v1/dispatch', zlib.gzipSync(JSON.stringify(refund)), headers);
      assert.equal(refused.status, 400);
    }));

  for (const coding of ['gzip', 'deflate', 'br', 'zstd'] as const) {
    test(`of streams and JSON where the caller accepts it: ${coding}`, () =>
      withEmulator({ compression: { coding }, readsCompressed: true }, async (emulator) => {
        const headers = { 'accept-encoding': `identity, ${coding};q=0.5` };
        for (const body of [refund, { ...refund, streamResponse: false }]) {
          const answer = await call(emulator, '/v1/dispatch', body, headers);
          assert.equal(answer.coding, coding);
          assert.match(decoders[coding](answer.bytes).toString(), /approvalId/);
        }
        const plain = await call(emulator, '/v1/dispatch', refund, { 'accept-encoding': 'identity' });
        assert.equal(plain.coding, undefined);
        const encoders = {
          gzip: zlib.gzipSync,
          deflate: zlib.deflateSync,
          br: zlib.brotliCompressSync,
          zstd: zlib.zstdCompressSync,
        };
        const bytes = encoders[coding](JSON.stringify(refund));
        assert.equal((await call(emulator, '/v1/dispatch', bytes, { 'content-encoding': coding })).status, 200);
      }));
  }
});

describe('an asynchronous dispatch', () => {
  test('is a stream by default, and the routes of agents are missing', () =>
    withEmulator({}, async (emulator) => {
      const { status, bytes } = await call(emulator, '/v1/dispatch', { ...refund, async: true });
      assert.equal(status, 200);
      assert.match(bytes.toString(), /^event: execution_start/);
      assert.equal((await call(emulator, '/v1/agents/refund-agent/execute', {})).status, 404);
      assert.equal((await call(emulator, '/v1/agents/refund-agent/resume', { executionId: 'x' })).status, 404);
    }));

  test('names its run, which goes on by itself', () =>
    withEmulator({ asynchronous: true, agentRoutes: true }, async (emulator) => {
      for (const [path, body, headers] of [
        ['/v1/dispatch', { ...refund, async: true }, {}],
        ['/v1/agents/refund-agent/execute', {}, { prefer: 'respond-async' }],
      ] as const) {
        const { status, bytes } = await call(emulator, path, body, headers);
        const answer = JSON.parse(bytes.toString()) as { executionId: string; status: string };
        assert.deepEqual([status, answer.status], [202, 'queued']);
        await emulator.journal.until('its pause', () =>
          emulator.runs().find(({ executionId, state }) => executionId === answer.executionId && state === 'paused'),
        );
      }
      assert.equal((await call(emulator, '/v1/dispatch', refund)).status, 200);
    }));
});
