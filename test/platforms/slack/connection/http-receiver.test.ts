/** What is not signed by Slack. What is: test/stories/runs/slack-http.test.ts. */
import assert from 'node:assert/strict';
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
  const server = await startServer({ host: '127.0.0.1', port: 0, mounts: [receiver.mount], log });
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
