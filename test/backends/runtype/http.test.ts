import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createHttp } from '../../../src/backends/runtype/http.ts';
import { BufferBudget } from '../../../src/core/ports/buffer-budget.ts';
import { problem } from '../../../src/core/ports/http.ts';
import { postTo } from '../../support/http.ts';
import { captureLog } from '../../support/log.ts';

function create(gateway: Parameters<typeof createHttp>[0]['gateway'] = async () => {}) {
  const { log, text } = captureLog();
  const calls: unknown[] = [];
  const ingest = async (_headers: unknown, bytes: Uint8Array | null) => {
    calls.push(bytes?.length ?? null);
    return bytes === null
      ? problem(413, 'Content Too Large', 'x')
      : problem(401, 'Unauthorized', 'The signature is wrong.');
  };
  const webhook = { admit: async () => null, buffers: new BufferBudget() };
  return { adapter: { http: createHttp({ ...webhook, gateway, ingest, release: () => {}, log }) }, calls, text };
}

describe('Runtype over HTTP', () => {
  test('answers 502 when the gateway itself fails', async () => {
    const { adapter, text } = create(() => Promise.reject(new Error('no')));
    const { status, headers, body } = await postTo(adapter, '/v1/dispatch', {}, Buffer.from(''));
    assert.deepEqual([status, headers['Content-Type']], [502, 'application/json']);
    assert.deepEqual(JSON.parse(body), {
      error: 'Bad Gateway',
      message: 'Countersign could not pass this request on.',
    });
    assert.match(text(), /the gateway failed/);
  });

  test('takes deliveries of up to 1 MiB', async () => {
    const { adapter, calls } = create();
    assert.equal((await postTo(adapter, '/ingest/runtype', {}, Buffer.alloc(1024 * 1024))).status, 401);
    assert.equal((await postTo(adapter, '/ingest/runtype', {}, Buffer.alloc(1024 * 1024 + 1))).status, 413);
    assert.deepEqual(calls, [1024 * 1024, null]);
  });
});
