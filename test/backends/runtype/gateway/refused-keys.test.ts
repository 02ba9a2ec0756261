/** Keys that only Runtype can check, and how often one caller may decide on one run. */
import assert from 'node:assert/strict';
import type { RequestListener } from 'node:http';
import { describe, test } from 'node:test';
import { runDecisions } from '../../../../src/backends/runtype/gateway/decisions/run-rate.ts';
import type { RuntypeOptions } from '../../../../src/backends/runtype/index.ts';
import type { CallGuard } from '../../../../src/core/ports/ports.ts';
import { createCallGuard } from '../../../../src/http/guard/call-guard.ts';
import { createMetrics } from '../../../../src/http/metrics.ts';
import { createTestClock } from '../../../support/clock.ts';
import { noGuard } from '../../../support/http.ts';
import { captureLog } from '../../../support/log.ts';
import { APP_KEY, readText, sendJson, withGateway } from '../support/backend.ts';
import { post } from '../support/caller.ts';

const STRANGER = 'rt_test_stranger_key_0003';
const decision = { executionId: 'exec_1', approvalId: 'appr_1', decision: 'approved' };

/** Runtype answers with this status, and the guard with this many seconds; @returns what the guard heard, and all calls */
async function withRefusals<T>(
  { status, seconds = null, ...more }: { status: number; seconds?: number | null } & Partial<RuntypeOptions>,
  use: (world: { url: string; heard: string[]; forwarded: string[] }) => Promise<T>,
): Promise<T> {
  const heard: string[] = [];
  const forwarded: string[] = [];
  const guard: CallGuard = {
    ...noGuard,
    async wrongSecret(surface, address) {
      heard.push(`${surface} ${address}`);
      return seconds;
    },
  };
  const upstream: RequestListener = async (request, response) => {
    await readText(request);
    forwarded.push(request.url ?? '');
    sendJson(response, status, { error: 'as Runtype says' });
  };
  return withGateway(upstream, { guard, ...more }, ({ gateway }) => use({ url: gateway.url, heard, forwarded }));
}

const get = (url: string, path: string, key: string | null) =>
  fetch(url + path, key === null ? {} : { headers: { authorization: `Bearer ${key}` } });

describe('a key that Runtype refuses', () => {
  for (const status of [401, 403]) {
    test(`with ${status}, and that is not listed, counts as a wrong secret on any call; the answer is Runtype’s`, () =>
      withRefusals({ status }, async ({ url, heard, forwarded }) => {
        for (const path of ['/v1/dispatch', '/v1/dispatch/approve', '/v1/other']) {
          const { status: given, text } = await post(url, { path, key: STRANGER, body: decision });
          assert.deepEqual([given, text], [status, '{"error":"as Runtype says"}'], path);
        }
        for (const key of [STRANGER, null]) assert.equal((await get(url, '/v1/agents', key)).status, status);
        assert.equal(forwarded.length, 5);
        assert.equal(heard.length, 5);
        assert.ok(
          heard.every((one) => /^gateway (::ffff:)?127\.0\.0\.1$/.test(one)),
          heard.join(),
        );
      }));
  }

  test('is not slowed if it is listed, nor where Runtype accepts it, nor in a website’s chat', async () => {
    await withRefusals({ status: 401 }, async ({ url, heard }) => {
      assert.equal((await post(url, { key: APP_KEY })).status, 401);
      assert.equal((await get(url, '/v1/agents', APP_KEY)).status, 401);
      assert.equal((await post(url, { path: '/v1/client/chat', key: STRANGER })).status, 401);
      assert.deepEqual(heard, []);
    });
    for (const status of [200, 404, 500]) {
      await withRefusals({ status }, async ({ url, heard }) => {
        assert.equal((await post(url, { key: STRANGER })).status, status);
        assert.deepEqual(heard, []);
      });
    }
  });

  test('counts where every key is accepted: none is known here', () =>
    withRefusals({ status: 401, gateway: { keys: 'any' } }, async ({ url, heard }) => {
      await post(url, { key: STRANGER });
      assert.equal(heard.length, 1);
    }));

  test('gets 429 where too many of its address wait', () =>
    withRefusals({ status: 401, seconds: 5 }, async ({ url }) => {
      for (const path of ['/v1/dispatch', '/v1/dispatch/approve']) {
        const answer = await fetch(url + path, {
          method: 'POST',
          headers: { authorization: `Bearer ${STRANGER}` },
          body: JSON.stringify(decision),
        });
        assert.deepEqual([answer.status, answer.headers.get('retry-after')], [429, '5'], path);
        assert.equal(answer.headers.get('connection'), 'close');
      }
    }));

  test('that is missing, on a call that decides, counts without being forwarded', async () => {
    for (const [seconds, status] of [
      [null, 401],
      [5, 429],
    ] as const) {
      await withRefusals({ status: 200, seconds }, async ({ url, heard, forwarded }) => {
        const answer = await fetch(`${url}/v1/dispatch/approve`, { method: 'POST', body: '{}' });
        assert.deepEqual([answer.status, heard.length, forwarded], [status, 1, []]);
      });
    }
  });
});

test('one caller decides on one run only so often, and others and other runs are not affected', async () => {
  const clock = createTestClock();
  const { log, lines } = captureLog();
  const alerts = { begin: () => {}, over: () => {} };
  const guard = createCallGuard({ clock, log, metrics: createMetrics(), alerts });
  await withRefusals({ status: 200, guard }, async ({ url, forwarded }) => {
    const decide = async (executionId: string, key = STRANGER) =>
      (await post(url, { path: '/v1/dispatch/resume', key, body: { executionId, toolOutputs: { a: 1 } } })).status;
    for (let count = 0; count < runDecisions.burst; count += 1) assert.equal(await decide('exec_1'), 200);
    assert.equal(await decide('exec_1'), 429);
    assert.equal(forwarded.length, runDecisions.burst, 'what is refused is not forwarded');
    assert.deepEqual([await decide('exec_2'), await decide('exec_1', APP_KEY)], [200, 200]);
    assert.equal((await post(url, { key: STRANGER, body: { flow: { id: 'f' } } })).status, 200, 'it decides nothing');
    clock.advance(1_000);
    assert.equal(await decide('exec_1'), 200);
    assert.equal(lines().filter(({ msg }) => msg === 'too many calls refused').length, 1);
  });
  guard.stop();
});
