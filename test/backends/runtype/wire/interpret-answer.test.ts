import assert from 'node:assert/strict';
import type { RequestListener, ServerResponse } from 'node:http';
import { describe, test } from 'node:test';
import type { RuntypeOptions } from '../../../../src/backends/runtype/index.ts';
import type { DecideAnswer } from '../../../../src/core/ports/ports.ts';
import { approval, never, withAnswers } from '../support/answering.ts';
import { decided, sendJson, withBackend, withServer } from '../support/backend.ts';

describe('what the answer means', () => {
  async function answerOf(answer: (response: ServerResponse) => void, more: Partial<RuntypeOptions> = {}) {
    return withAnswers(
      (_, response) => answer(response),
      more,
      ({ backend }) => backend.decide([decided(approval(), 'approve')], never),
    );
  }
  const json = (status: number, body: unknown, headers: object = {}) =>
    answerOf((response) => sendJson(response, status, body, headers));
  const type = async (answer: Promise<DecideAnswer>) => (await answer).result;

  test('409: decided already, with the verdict if the answer names it', async () => {
    const error = 'Approval already resolved';
    const conflict = (more: object) => type(json(409, { error, code: 'APPROVAL_ALREADY_RESOLVED', ...more }));
    const message = 'This approval was already approved by another response. The decision in force is "approved".';
    assert.deepEqual(await conflict({ message }), { type: 'already', verdict: 'approve', reason: message });
    assert.deepEqual(await conflict({ message: 'Denied before.' }), {
      type: 'already',
      verdict: 'reject',
      reason: 'Denied before.',
    });
    assert.deepEqual(await conflict({ decision: 'denied' }), { type: 'already', verdict: 'reject', reason: error });
    const both = 'It was approved and can’t be denied now.';
    assert.deepEqual(await conflict({ message: both }), { type: 'already', verdict: null, reason: both });
    assert.deepEqual(await conflict({}), { type: 'already', verdict: null, reason: error });
    assert.equal((await type(json(409, { error: 'client_tools_resend_required' }))).type, 'refused');
  });

  test('404: gone; but a missing route is a wrong address', async () => {
    const error = 'No paused execution found for this executionId';
    assert.deepEqual(await type(json(404, { error })), { type: 'gone', reason: error });
    const wrong = await type(json(404, { error: 'Not Found', message: 'Route POST /v1/dispatch/approve not found' }));
    assert.ok(wrong.type === 'refused');
    assert.match(wrong.reason, /Route POST .* not found.*RUNTYPE_API_URL/);
  });

  test('refusals say what to do', async () => {
    for (const status of [400, 422, 418]) {
      const result = await type(json(status, { error: 'Nope', hint: 'x' }));
      assert.deepEqual(result, { type: 'refused', reason: `Runtype answered ${status}: Nope` });
    }
    for (const [status, pattern] of [
      [401, /Set RUNTYPE_API_KEY/],
      [403, /scope DISPATCH/],
    ] as const) {
      const result = await type(json(status, { error: 'Invalid API key' }));
      assert.ok(result.type === 'refused');
      assert.match(result.reason, /Invalid API key/);
      assert.match(result.reason, pattern);
    }
    const plan = await type(json(402, { error: 'Payment required', message: 'The quota is used up.' }));
    assert.deepEqual(plan, {
      type: 'refused',
      reason: 'Runtype answered 402: The quota is used up. Check the account’s plan at Runtype.',
    });
    const coded = await type(
      json(403, { code: 'APPROVAL_APPROVER_NOT_END_USER', error: 'This needs the business’s approval.' }),
    );
    assert.deepEqual(coded, {
      type: 'refused',
      reason: 'Runtype answered 403: This needs the business’s approval (APPROVAL_APPROVER_NOT_END_USER).',
    });
    const moved = await type(
      answerOf((response) => response.writeHead(302, { location: 'https://x.example/?t=1' }).end()),
    );
    assert.ok(moved.type === 'refused');
    assert.match(moved.reason, /redirect/);
  });

  test('429 in slow mode: says so, and waits a tenth of an hour if the answer names no time', async () => {
    const code = 'SLOW_MODE_HOURLY_LIMIT_EXCEEDED';
    const slow = (headers: object) => json(429, { error: 'Hourly limit exceeded', code }, headers);
    const { result, retryAfterMs } = await slow({});
    const reason = 'Runtype answered 429: Hourly limit exceeded. This account is in slow mode: ten calls an hour.';
    assert.deepEqual([result, retryAfterMs], [{ type: 'unsent', reason }, 360_000]);
    assert.equal((await slow({ 'retry-after': '20' })).retryAfterMs, 20_000);
  });

  test('429: not arrived, and when to come again', async () => {
    const slow = (headers: object) => json(429, { error: 'Too Many Requests' }, headers);
    assert.deepEqual(await slow({ 'retry-after': '7' }), {
      result: { type: 'unsent', reason: 'Runtype answered 429: Too Many Requests' },
      retryAfterMs: 7_000,
    });
    const date = new Date(Date.UTC(2026, 8, 1, 10, 0, 30)).toUTCString();
    const given = { date: new Date(Date.UTC(2026, 8, 1, 10)).toUTCString() };
    assert.equal((await slow({ ...given, 'retry-after': date })).retryAfterMs, 30_000, 'by the clock of the answer');
    assert.equal((await slow({ 'retry-after': '999999' })).retryAfterMs, 3_600_000);
    const busy = await json(503, { error: 'busy' }, { 'retry-after': '9' });
    assert.deepEqual([busy.result.type, busy.retryAfterMs], ['ambiguous', 9_000]);
    assert.equal('retryAfterMs' in (await slow({})), false);
    assert.equal('retryAfterMs' in (await slow({ 'retry-after': 'soon' })), false);
  });

  test('5xx, silence and a broken connection: in doubt', async () => {
    for (const status of [500, 502, 503, 504]) {
      const result = await type(json(status, { error: 'Failed to process approval' }));
      assert.deepEqual(result, { type: 'ambiguous', reason: `Runtype answered ${status}: Failed to process approval` });
    }
    const page = (response: ServerResponse) => response.writeHead(502, { 'content-type': 'text/html' }).end('<h1>x');
    assert.deepEqual(await type(answerOf(page)), { type: 'ambiguous', reason: 'Runtype answered 502.' });
    const reset = await type(answerOf((response) => response.socket?.resetAndDestroy()));
    assert.equal(reset.type, 'ambiguous');
    const hang = await type(answerOf(() => {}, { timeouts: { headersMs: 50 } }));
    assert.equal(hang.type, 'ambiguous');
  });

  test('no server: certainly not sent', async () => {
    const url = await withServer(
      () => {},
      async (listening) => listening.url,
    );
    await withBackend(url, {}, async ({ backend }) => {
      const { result } = await backend.decide([decided(approval(), 'approve')], never);
      const reason = 'Runtype is unreachable (connection refused).';
      assert.deepEqual(result, { type: 'unsent', reason });
    });
  });

  test('a 200 that is not a success: an error in it, a page, a broken body', async () => {
    assert.equal((await type(json(200, { success: false, error: 'Not allowed' }))).type, 'refused');
    const resolved = { success: false, code: 'APPROVAL_ALREADY_RESOLVED', message: 'already denied' };
    assert.deepEqual((await type(json(200, resolved))).type, 'already');
    const page = await type(
      answerOf((response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<p>hi')),
    );
    assert.equal(page.type, 'ambiguous');
    const broken = await type(
      answerOf((response) => {
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': '50' });
        response.write('{"succ', () => response.destroy());
      }),
    );
    assert.equal(broken.type, 'ambiguous');
  });

  test('aborted while reading an answer: ambiguous, immediately', async () => {
    const control = new AbortController();
    const runtype: RequestListener = (_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.write('{', () => setTimeout(() => control.abort(), 20));
    };
    await withAnswers(runtype, {}, async ({ backend }) => {
      const { result } = await backend.decide([decided(approval(), 'approve')], control.signal);
      assert.equal(result.type, 'ambiguous');
    });
  });

  test('error texts are bounded, on one line, and without secrets', async () => {
    const error = `bad\nkey rt_live_abcdefghijklmnop ${'x'.repeat(5_000)}`;
    const result = await type(json(400, { error }));
    assert.ok(result.type === 'refused');
    assert.ok(result.reason.length < 400);
    assert.doesNotMatch(result.reason, /\n|rt_live/);
  });

  test('the connection is always a new one', async () => {
    const connections = new Set<number | undefined>();
    const listener: RequestListener = (request, response) => {
      connections.add(request.socket.remotePort);
      sendJson(response, 404, { error: 'gone' }, { connection: 'keep-alive' });
    };
    await withAnswers(listener, {}, async ({ backend }) => {
      for (let count = 0; count < 3; count += 1) await backend.decide([decided(approval(), 'approve')], never);
    });
    assert.equal(connections.size, 3);
  });
});
