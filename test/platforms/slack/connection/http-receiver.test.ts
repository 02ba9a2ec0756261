/** What is not signed by Slack, and how a form is read. The rest: test/stories/runs/slack-http.test.ts. */
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import { BufferBudget } from '../../../../src/core/ports/buffer-budget.ts';
import { startServer } from '../../../../src/http/server.ts';
import { HttpReceiver } from '../../../../src/platforms/slack/connection/http-receiver.ts';
import { createTestClock } from '../../../support/clock.ts';
import { captureLog } from '../../../support/log.ts';

test('a request without a valid signature counts as a wrong secret, is slowed and has no line of its own', async () => {
  const heard: string[] = [];
  let seconds: number | null = null;
  const guard = {
    async wrongSecret(surface: string, address: string, problem: string) {
      heard.push(`${surface} ${address === '' ? 'nowhere' : 'an address'}`);
      assert.match(problem, /SLACK_SIGNING_SECRET/);
      return seconds;
    },
  };
  const { log, lines } = captureLog();
  const clock = createTestClock();
  const receiver = new HttpReceiver({ signingSecret: 's'.repeat(32), buffers: new BufferBudget(), guard, clock, log });
  receiver.init({} as never);
  const server = await startServer({ host: '127.0.0.1', port: 0, mounts: [receiver.webhook.mount], log });
  const send = (headers: Record<string, string>) =>
    fetch(`http://127.0.0.1:${server.port}/slack/events`, { method: 'POST', headers, body: '{}' });
  const stamp = String(Math.floor(clock.now() / 1_000));
  const forged = { 'x-slack-request-timestamp': stamp, 'x-slack-signature': `v0=${'0'.repeat(64)}` };
  try {
    assert.equal((await send({})).status, 401);
    assert.equal((await send(forged)).status, 401);
    seconds = 4;
    for (const headers of [{}, forged]) {
      const answer = await send(headers);
      assert.deepEqual([answer.status, answer.headers.get('retry-after')], [429, '4']);
    }
    assert.deepEqual(heard, Array(4).fill('presses an address'));
    assert.deepEqual(lines(), []);
  } finally {
    await server.stop();
  }
});

test('a press is read as any reader of forms reads it, however it is written', async () => {
  const { log } = captureLog();
  const clock = createTestClock();
  const signingSecret = 's'.repeat(32);
  const guard = { wrongSecret: async () => null };
  const receiver = new HttpReceiver({ signingSecret, buffers: new BufferBudget(), guard, clock, log });
  const seen: unknown[] = [];
  const processEvent = async ({ body }: { body: unknown }) => void seen.push(body);
  receiver.init({ processEvent } as never);
  const receive = async (body: string) => {
    seen.length = 0;
    // Else a body that came before is a replay.
    clock.advance(1_000);
    const stamp = String(Math.floor(clock.now() / 1_000));
    const signature = createHmac('sha256', signingSecret).update(`v0:${stamp}:${body}`).digest('hex');
    const headers = {
      'content-type': 'application/x-www-form-urlencoded',
      'x-slack-request-timestamp': stamp,
      'x-slack-signature': `v0=${signature}`,
    };
    const { status } = await receiver.webhook.receive(headers, new TextEncoder().encode(body));
    return status === 200 ? seen[0] : status;
  };
  const values = [
    { text: 'a + b = c & d', more: ['100 %', '%41', 'ä “x” 👍', '\u0000', 'a\nb'] },
    { '+': '+', '=': '=', '&': '&' },
  ];
  for (const value of values) {
    const form = new URLSearchParams({ payload: JSON.stringify(value) }).toString();
    assert.deepEqual(await receive(form), value);
    assert.deepEqual(await receive(`${form}&more=1`), value);
    assert.deepEqual(await receive(`more=1&${form}`), value);
    assert.deepEqual(await receive(`payload=${encodeURIComponent(JSON.stringify(value))}`), value);
  }
  assert.deepEqual(await receive('payload={"a":"100%"}'), { a: '100%' }, 'not well-formed');
  assert.deepEqual(await receive('payload={"a":"ä"}'), { a: 'ä' }, 'not encoded');
  for (const none of ['payload=', 'payload=[1]', 'payload={', 'payload=%7B%ff']) assert.equal(await receive(none), 400);
});
