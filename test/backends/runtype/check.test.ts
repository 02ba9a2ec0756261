import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createCheck } from '../../../src/backends/runtype/check.ts';
import { createTransport, DEFAULT_TIMEOUTS } from '../../../src/backends/shared/transport.ts';
import type { Reach } from '../../../src/core/ports/ports.ts';
import { createRuntypeEmulator } from '../../../src/sandbox/emulators/runtype/index.ts';
import type { RuntypeEmulator, RuntypeFault } from '../../../src/sandbox/emulators/runtype/types.ts';

const LIST = 'GET /v1/agents/countersign/executions';

async function checked(
  key: 'good' | 'bad',
  fault?: RuntypeFault,
): Promise<{ reach: Reach | undefined; runtype: RuntypeEmulator }> {
  const runtype = await createRuntypeEmulator();
  const transport = createTransport(runtype.url, DEFAULT_TIMEOUTS);
  try {
    if (fault !== undefined) runtype.fail(LIST, fault);
    const { check } = createCheck(transport, key === 'good' ? runtype.apiKey : 'rt_test_wrong', { headersMs: 300 });
    return { reach: await check?.(new AbortController().signal), runtype };
  } finally {
    transport.close();
    await runtype.close();
  }
}

describe('whether Runtype can be worked with', () => {
  test('is asked by reading a list, without effect', async () => {
    const { reach, runtype } = await checked('good');
    assert.deepEqual(reach, { ok: true });
    const calls = runtype.journal.entries.filter((entry) => entry.kind === 'call');
    assert.deepEqual(
      calls.map(({ method, path, effect }) => `${method} ${path} ${effect}`),
      [`${LIST} false`],
    );
  });

  test('a key without a scope is accepted all the same', async () => {
    assert.deepEqual((await checked('good', { kind: 'status', status: 403, when: 'before' })).reach, { ok: true });
  });

  const bad: [string, Parameters<typeof checked>, RegExp][] = [
    ['a key that is refused', ['bad'], /rejected the key \(401\)\. Check RUNTYPE_API_KEY/],
    ['a server in trouble', ['good', { kind: 'status', status: 503, when: 'before' }], /Runtype answered 503/],
    ['a broken connection', ['good', { kind: 'reset', when: 'before' }], /did not answer|is unreachable/],
    ['a server that is silent', ['good', { kind: 'hang', when: 'before' }], /no answer within/],
  ];
  for (const [name, given, reason] of bad) {
    test(`${name} is reported with a reason`, async () => {
      const { reach } = await checked(...given);
      assert.ok(reach !== undefined && !reach.ok);
      assert.match(reach.reason, reason);
      assert.doesNotMatch(reach.reason, /rt_test/);
    });
  }

  test('does not exist without a key', () => {
    const transport = createTransport('http://127.0.0.1:1', DEFAULT_TIMEOUTS);
    assert.deepEqual(createCheck(transport, null, DEFAULT_TIMEOUTS), {});
    transport.close();
  });
});
